import { describeCodec, limitNames } from "../codec/description.ts";
import type { Codec } from "../codec/types.ts";

/** The names of `PresetOptions`. */
export const presetNames: readonly string[] = [...limitNames, "copy"];

/**
 * Refuses options that a preset does not have, before it makes its codec.
 *
 * @param names The names of all its options.
 * @param positional What it was given before its options, by the names of its
 * parameters.
 * @returns A function that describes the codec. What the codec itself is made of stays
 * under that, where it is known.
 * @throws {TypeError} If there is no option of a name.
 */
export function describePreset(
  name: string,
  options: object,
  names: readonly string[],
  positional: Readonly<Record<string, unknown>> = {},
): <In, Out>(codec: Codec<In, Out>) => Codec<In, Out> {
  const given = describeCodec(name, options, names).options;
  return (codec) => {
    const { description: over } = codec;
    const description = {
      kind: `preset:${name}`,
      options: { ...positional, ...given },
      ...(over !== undefined && { over }),
    };
    return { ...codec, description };
  };
}
