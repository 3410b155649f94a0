import { checkKind } from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import { MAX_FORMAT_LENGTH } from "./lexer.ts";
import type { StageKind } from "./stage_kind.ts";
import { stagesOf, type WrittenStage } from "./stages.ts";

/**
 * The expression of a codec in its normal form: the one that {@linkcode parseFormat}
 * makes such a codec from. Options that have their defaults are left out.
 *
 * A codec has an expression if it is made of data: by the functions that the
 * documentation of the module lists, with the checksums of
 * `@framewire/framewire/algorithms`. Callbacks such as `onSkip` are left out. A preset
 * is written as `preset:` and its name.
 *
 * @example
 * ```ts
 * import { formatOf, parseFormat } from "@framewire/framewire/format";
 * import { json, lengthPrefixed } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = json(lengthPrefixed({ lengthBytes: 4, endian: "little" }));
 * assertEquals(formatOf(codec), "length(little) | json");
 * assertEquals(
 *   formatOf(parseFormat(' lines( onOversize = "skip" ) | max 65536')),
 *   "lines(onOversize=skip) | max 64KiB",
 * );
 * ```
 *
 * @param codec The codec.
 * @returns The expression, or `undefined` if a part of the codec is no data, such as a
 * function, or if the expression would be longer than `parseFormat` reads.
 */
export function formatOf(
  codec: Pick<Codec<never, unknown>, "description">,
): string | undefined {
  checkKind("codec", codec, "object");
  const text = stagesOf(codec.description)?.map(printStage).join(" | ");
  return text !== undefined && text.length <= MAX_FORMAT_LENGTH
    ? text
    : undefined;
}

function printStage({ kind, options }: WrittenStage): string {
  const { maxFrameLength, ...others } = options;
  const printed = Object.keys(kind.options)
    .filter((name) => Object.hasOwn(others, name))
    .map((name) => {
      const value = kind.options[name]!.print(others[name]!);
      if (kind.positional.includes(name)) return value;
      const text = nameInText(kind, name);
      return others[name] === true ? text : `${text}=${value}`;
    });
  const list = printed.length === 0 ? "" : `(${printed.join(", ")})`;
  const limit = maxFrameLength === undefined
    ? ""
    : ` | max ${kind.options.maxFrameLength!.print(maxFrameLength)}`;
  return kind.name + list + limit;
}

/** The name of an option without that of the stage, if it begins with it. */
export function nameInText({ name }: StageKind, option: string): string {
  const rest = option.slice(name.length);
  if (!option.startsWith(name) || !/^[A-Z]/.test(rest)) return option;
  return rest.charAt(0).toLowerCase() + rest.slice(1);
}
