import {
  ccittModel,
  crc32cModel,
  crc32Model,
  modbusModel,
  x25Model,
  xmodemModel,
} from "../codec/bytes/crc_models.ts";
import { escapesOf } from "../codec/bytes/escapes.ts";
import type { CobsOptions } from "../codec/formats/cobs.ts";
import type { ContentLengthOptions } from "../codec/formats/content_length.ts";
import type { DelimitedOptions } from "../codec/formats/delimited.ts";
import type { FixedLengthOptions } from "../codec/formats/fixed_length.ts";
import {
  headerLayout,
  type LengthPrefixedOptions,
} from "../codec/formats/length_layout.ts";
import type { LinesOptions } from "../codec/formats/lines.ts";
import type { MarkedOptions } from "../codec/formats/marked.ts";
import type { StuffedOptions } from "../codec/formats/stuffed.ts";
import type { VarintPrefixedOptions } from "../codec/formats/varint_prefixed.ts";
import { frameLimit } from "../codec/bytes/limits.ts";
import type {
  Codec,
  CodecDescription,
  FrameLimitOptions,
  RecoveryOptions,
} from "../codec/types.ts";
import type { TextOptions } from "../codec/views/text.ts";
import { MAX_HEADER_LENGTH } from "../defaults.ts";
import { formatOf } from "../format/format_of.ts";
import { formatToJson } from "../format/json.ts";
import type { Content, Framing, Limit, Plan, PlannedChecksum } from "./plan.ts";

/** What code can be generated for, for errors. */
const KNOWN =
  "length, fixed, varint, netstring, content-length, delimited, lines, marked, cobs, slip or stuffed, and checksum, text (UTF-8) or json over them";

/** All checksums that have a name in expressions. */
const sums: Readonly<Record<string, PlannedChecksum["sum"]>> = {
  crc32: crc32Model,
  crc32c: crc32cModel,
  crc16Modbus: modbusModel,
  crc16Ccitt: ccittModel,
  crc16X25: x25Model,
  crc16Xmodem: xmodemModel,
  xor8: "xor",
  sum8: "add",
  lrc8: "subtract",
};

/**
 * Plans the code for a format.
 *
 * @param name What the code is called, as `Frames`.
 * @throws {TypeError} If no code can be generated for the format.
 */
export function planOf(
  codec: Pick<Codec<never, unknown>, "name" | "description">,
  name: string,
): Plan {
  const expression = formatOf(codec);
  const [first, ...views] = partsOf(codec.description);
  if (expression === undefined || first === undefined) {
    throw new TypeError(
      `Cannot generate code for ${codec.name}: expected a format that is all data`,
    );
  }
  const framing = framingOf(first, expression);
  const checksums: PlannedChecksum[] = [];
  let content: Content = first.kind === "lines" && views.length === 0
    ? textOf(first.options as LinesOptions)
    : { kind: "bytes" };
  for (const view of views) {
    if (view.kind === "checksum") checksums.push(checksumOf(view));
    else content = contentOf(view, expression);
  }
  return {
    expression,
    name,
    framing,
    limit: limitOf(first.options),
    checksums,
    content,
  };
}

/** The presets that do nothing but what the format does that they are made of. */
const PLAIN_PRESETS: ReadonlySet<string> = new Set([
  "csharpDemo",
  "dnsTcp",
  "erlang",
  "hl7Mllp",
  "iso8583",
  "minecraft",
  "netty",
  "protobufDelimited",
  "tokioUtil",
  "twistedInt16",
  "twistedInt32",
  "twistedNetstring",
].map((name) => `preset:${name}`));

/**
 * The parts of a codec, from the bytes of the stream up. A preset that does nothing of
 * its own is the format that it is made of.
 */
function partsOf(
  description: CodecDescription | undefined,
): CodecDescription[] {
  const parts: CodecDescription[] = [];
  for (let part = description; part !== undefined; part = part.over) {
    const isPreset = part.kind.startsWith("preset:");
    const isMadeOfOver = PLAIN_PRESETS.has(part.kind);
    if (!isMadeOfOver) parts.unshift(part);
    if (isPreset && !isMadeOfOver) break;
  }
  return parts;
}

/** The error of a part that no code is generated for. */
function unknown(part: string, expression: string): TypeError {
  return new TypeError(
    `Cannot generate code for ${expression}: expected ${KNOWN}, got ${part}`,
  );
}

function framingOf(
  { kind, options }: CodecDescription,
  expression: string,
): Framing {
  switch (kind) {
    case "lengthPrefixed":
      return lengthFraming(options);
    case "fixedLength": {
      const { frameLength } = options as unknown as FixedLengthOptions;
      return { kind: "fixed", frameLength };
    }
    case "varintPrefixed": {
      const {
        encoding = "leb128",
        overlong = "reject",
        maxLengthBytes = 10,
      }: VarintPrefixedOptions = options;
      const acceptsOverlong = overlong === "accept";
      return { kind: "varint", encoding, acceptsOverlong, maxLengthBytes };
    }
    case "netstring": {
      const { maxFrameLength, skips } = limitOf(options);
      // As many as the largest length has; where frames are passed over, as many as
      // are exact in all languages.
      const maxDigits = skips ? 16 : `${maxFrameLength}`.length;
      return { kind: "netstring", maxDigits };
    }
    case "contentLength": {
      const { headers = false, maxHeaderLength = MAX_HEADER_LENGTH } =
        options as ContentLengthOptions;
      return { kind: "content-length", headers, maxHeaderLength };
    }
    case "delimited":
      return delimitedFraming(options as unknown as DelimitedOptions);
    case "lines":
      return delimitedFraming({
        truncated: "emit",
        ...options as LinesOptions,
        delimiter: ["\n", "\r\n"],
      });
    case "marked":
      return markedFraming(options as unknown as MarkedOptions);
    case "cobs":
      return { kind: "cobs", ...skipsInvalid(options as CobsOptions) };
    case "slip":
      return stuffedFraming({
        ...options,
        end: 0xc0,
        escape: 0xdb,
        map: { 0xc0: 0xdc, 0xdb: 0xdd },
      });
    case "stuffed":
      return stuffedFraming(options as unknown as StuffedOptions);
    default:
      throw unknown(kind, expression);
  }
}

function limitOf(options: CodecDescription["options"]): Limit {
  const { maxFrameLength, maxEncodedLength, skips } = frameLimit(
    options as FrameLimitOptions,
  );
  return { maxFrameLength, maxEncodedLength, skips };
}

function skipsInvalid(
  { onInvalid }: RecoveryOptions,
): { skipsInvalid: boolean } {
  return { skipsInvalid: onInvalid === "skip" };
}

function lengthFraming(options: LengthPrefixedOptions): Framing {
  const { lengthEncoding = "binary", endian } = options;
  const { lengthBytes, lengthOffset, unit, headerLength, stripBytes, ...rest } =
    headerLayout(options, frameLimit(options));
  const digits = { binary: 256n, decimal: 10n, hex: 16n, bcd: 100n };
  return {
    kind: "length",
    lengthBytes,
    lengthEncoding,
    littleEndian: endian === "little",
    lengthOffset,
    lengthUnit: unit,
    headerLength,
    stripBytes,
    base: rest.base,
    least: rest.least,
    mostOfField: digits[lengthEncoding] ** BigInt(lengthBytes) - 1n,
  };
}

function delimitedFraming(options: DelimitedOptions): Framing {
  const {
    delimiter,
    keepDelimiter = false,
    skipEmpty = false,
    truncated = "error",
  } = options;
  const list = Array.isArray(delimiter) ? delimiter : [delimiter];
  return {
    kind: "delimited",
    delimiters: list.map(bytesOf),
    keepDelimiter,
    skipEmpty,
    truncated,
  };
}

function markedFraming(options: MarkedOptions): Framing {
  const {
    start,
    end,
    between = "error",
    restart = false,
    trailerLength = 0,
  } = options;
  return {
    kind: "marked",
    start: bytesOf(start),
    end: bytesOf(end),
    between: typeof between === "string" ? between : between.map(bytesOf),
    restart,
    trailerLength,
    ...skipsInvalid(options),
  };
}

function stuffedFraming(options: StuffedOptions): Framing {
  const { end, escape, map, endFirst = false, unknownEscapes } = options;
  const { written } = escapesOf(end, escape, map);
  const xor = "xor" in map && typeof map.xor === "number" ? map.xor : undefined;
  return {
    kind: "stuffed",
    end,
    escape,
    written: Array.from(written)
      .map((code, byte) => [byte, code] as const)
      .filter(([, code]) => code >= 0),
    xor,
    endFirst,
    keepsUnknown: unknownEscapes === "keep",
    ...skipsInvalid(options),
  };
}

function checksumOf({ options }: CodecDescription): PlannedChecksum {
  const json = formatToJson({
    description: {
      kind: "checksum",
      options,
      over: { kind: "netstring", options: {} },
    },
  });
  const name = String(json?.[1]?.kind);
  const sum = sums[name]!;
  const length = typeof sum === "string" ? 1 : sum.width / 8;
  return { name, length, sum, ...skipsInvalid(options) };
}

function contentOf(
  { kind, options }: CodecDescription,
  expression: string,
): Content {
  if (kind === "json") return { kind, ...skipsInvalid(options) };
  const { encoding } = options;
  const isUtf8 = typeof encoding === "string" &&
    new TextDecoder(encoding).encoding === "utf-8";
  if (kind === "text" && isUtf8) return textOf(options);
  throw unknown(kind === "text" ? `text in ${encoding}` : kind, expression);
}

function textOf(options: TextOptions | LinesOptions): Content {
  const { fatal = false } = options;
  return { kind: "text", fatal, ...skipsInvalid(options) };
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}
