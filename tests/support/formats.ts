/** The formats of `tests/vectors/`: how their options and frames are written. */

import {
  checksum,
  cobs,
  type Codec,
  delimited,
  fixedLength,
  json,
  lengthPrefixed,
  lines,
  marked,
  slip,
  text,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { bytesOf } from "./byte_notation.ts";

/** Options as a case gives them, and `onSkip`. */
export type Options = Readonly<Record<string, unknown>>;

/** A format and the way its cases write frames. */
export interface Format {
  /** Makes the codec. */
  make(options: Options): Codec<unknown>;
  /** The frame that a case writes as `json`. */
  frame(json: unknown): unknown;
}

/** All formats that have cases. */
export const formats: Readonly<Record<string, Format>> = {
  lengthPrefixed: of(lengthPrefixed, bytes),
  fixedLength: of(fixedLength, bytes),
  delimited: of((options: Options) => {
    const { delimiter } = options;
    return delimited({
      ...options,
      delimiter: Array.isArray(delimiter)
        ? delimiter.map(bytes)
        : bytes(delimiter),
    });
  }, bytes),
  lines: of(lines, string),
  varintPrefixed: of(varintPrefixed, bytes),
  cobs: of(cobs, bytes),
  slip: of(slip, bytes),
  marked: of((options: Options) => {
    const { start, end } = options;
    return marked({ ...options, start: bytes(start), end: bytes(end) });
  }, bytes),
  checksum: of(
    (options: Over & { kind: "crc32" | "crc32c" }) =>
      checksum(under(options), options.kind),
    bytes,
  ),
  json: of((options: Over) => json(under(options)), (value) => value),
  text: of(
    ({ encoding = "utf-8", fatal = false, ...over }: Over & TextOptions) =>
      text(under(over), encoding, { fatal }),
    string,
  ),
};

/** The options of a view: the format that it lies over. */
interface Over {
  over: { format: string; options?: Options };
  onSkip?: unknown;
}

interface TextOptions {
  encoding?: string;
  fatal?: boolean;
}

function under({ over, onSkip }: Over): Codec<Uint8Array> {
  const { format, options } = over;
  return formats[format]!.make({ ...options, onSkip }) as Codec<Uint8Array>;
}

function of<In, Out, CodecOptions>(
  make: (options: CodecOptions) => Codec<In, Out>,
  frame: (json: unknown) => In,
): Format {
  return {
    // The options are data: a wrong one is refused by the codec itself.
    make: (options) => make(options as CodecOptions) as Codec<unknown>,
    frame,
  };
}

function bytes(json: unknown): Uint8Array {
  if (typeof json !== "string") throw new TypeError(`Not bytes: ${json}`);
  return bytesOf(json);
}

/** Text, or a text that stands there several times. */
function string(json: unknown): string {
  if (typeof json === "string") return json;
  const { text, times } = json as { text: string; times: number };
  return text.repeat(times);
}
