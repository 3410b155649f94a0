import { noSuchOption } from "../checks.ts";
import { checkCodec } from "./check_codec.ts";
import type { Codec, CodecDescription } from "./types.ts";

/** The names of the options that many codecs have. */
export const limitNames: readonly string[] = [
  "maxFrameLength",
  "maxEncodedLength",
  "onOversize",
  "onSkip",
];
export const recoveryNames: readonly string[] = ["onInvalid", "onSkip"];

/**
 * Refuses options that a codec does not have, and describes the codec.
 *
 * @param kind The function that makes the codec.
 * @param names The names of all its options.
 * @throws {TypeError} If it is no object, or there is no option of a name. The
 * message names the nearest one.
 */
export function describeCodec(
  kind: string,
  options: object,
  names: readonly string[],
): CodecDescription {
  // Small, since it is part of every codec.
  if (Object(options) !== options) {
    throw new TypeError(
      `Cannot use the options of ${kind}: expected { ${
        names.at(-1)
      }: ... }, got ${typeof options}`,
    );
  }
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!names.includes(name)) throw noSuchOption(kind, name, names);
    if (name !== "onSkip" && value !== undefined) given[name] = value;
  }
  return { kind, options: given };
}

/**
 * The same for a codec that is laid over another one. If that has no description,
 * neither has this one.
 *
 * @param positional What it was given before its options, by the names of its
 * parameters.
 */
export function describeView(
  kind: string,
  over: Pick<Codec<never, unknown>, "description">,
  positional: Readonly<Record<string, unknown>>,
  options: object,
  names: readonly string[],
): CodecDescription | undefined {
  checkCodec(over);
  const given = describeCodec(kind, options, names);
  const { description } = over;
  return description && {
    kind,
    options: { ...positional, ...given.options },
    over: description,
  };
}
