import * as checksums from "../algorithms/checksums.ts";
import { checksum } from "../codec/views/checksum.ts";
import type { Checksum } from "../codec/types.ts";
import { cobs, type CobsOptions } from "../codec/formats/cobs.ts";
import {
  commandFrame,
  type CommandFrameOptions,
} from "../codec/formats/command_frame.ts";
import {
  contentLength,
  type ContentLengthOptions,
} from "../codec/formats/content_length.ts";
import {
  delimited,
  type DelimitedOptions,
} from "../codec/formats/delimited.ts";
import {
  fixedLength,
  type FixedLengthOptions,
} from "../codec/formats/fixed_length.ts";
import { hdlc, type HdlcOptions } from "../codec/formats/hdlc.ts";
import { json } from "../codec/views/json.ts";
import {
  jsonHeader,
  type JsonHeaderOptions,
} from "../codec/formats/json_header.ts";
import {
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "../codec/formats/length_prefixed.ts";
import { lines, type LinesOptions } from "../codec/formats/lines.ts";
import { marked, type MarkedOptions } from "../codec/formats/marked.ts";
import {
  netstring,
  type NetstringOptions,
} from "../codec/formats/netstring.ts";
import { slip, type SlipOptions } from "../codec/formats/slip.ts";
import { stuffed, type StuffedOptions } from "../codec/formats/stuffed.ts";
import { text, type TextOptions } from "../codec/views/text.ts";
import type { RecoveryOptions } from "../codec/types.ts";
import {
  varintPrefixed,
  type VarintPrefixedOptions,
} from "../codec/formats/varint_prefixed.ts";
import { MAX_FRAME_LENGTH, MAX_HEADER_LENGTH } from "../defaults.ts";
import {
  byte,
  bytes,
  bytesList,
  choice,
  count,
  either,
  escapeMap,
  flag,
  label,
  members,
  named,
  size,
  string,
} from "./options.ts";
import { type StageKind, stageKind } from "./stage_kind.ts";

const endian = choice(["big", "little"], "big");
const onOversize = choice(["error", "skip"], "error");
const onInvalid = choice(["error", "skip"], "error");
const truncated = ["error", "emit", "drop"];
const limits = {
  maxFrameLength: { ...size, default: MAX_FRAME_LENGTH },
  maxEncodedLength: size,
  onOversize,
};
const maxHeaderLength = { ...size, default: MAX_HEADER_LENGTH };

/** All codecs whose options are data. */
export const codecStages: readonly StageKind[] = [
  stageKind<LengthPrefixedOptions>({
    name: "length",
    kind: "lengthPrefixed",
    positional: ["lengthBytes", "endian"],
    options: {
      lengthBytes: { ...count, default: 4 },
      endian,
      lengthEncoding: choice(["binary", "decimal", "hex", "bcd"], "binary"),
      lengthOffset: { ...count, default: 0 },
      lengthIncludes: choice(["body", "frame"], "body"),
      lengthUnit: { ...count, default: 1 },
      lengthAdjustment: { ...count, default: 0 },
      stripBytes: count,
      ...limits,
      copy: flag,
    },
    make: lengthPrefixed,
  }),
  stageKind<FixedLengthOptions>({
    name: "fixed",
    kind: "fixedLength",
    positional: ["frameLength"],
    options: { frameLength: { ...size, required: true }, copy: flag },
    make: fixedLength,
  }),
  stageKind<DelimitedOptions>({
    name: "delimited",
    kind: "delimited",
    positional: ["delimiter"],
    options: {
      delimiter: { ...either(bytes, bytesList), required: true },
      keepDelimiter: flag,
      skipEmpty: flag,
      truncated: choice(truncated, "error"),
      ...limits,
      copy: flag,
    },
    make: delimited,
  }),
  stageKind<LinesOptions>({
    name: "lines",
    kind: "lines",
    options: {
      skipEmpty: flag,
      truncated: choice(truncated, "emit"),
      fatal: flag,
      ...limits,
      onInvalid,
    },
    make: lines,
    makeUnder: linesOfBytes,
  }),
  stageKind<NetstringOptions>({
    name: "netstring",
    kind: "netstring",
    options: { ...limits, copy: flag },
    make: netstring,
  }),
  stageKind<VarintPrefixedOptions>({
    name: "varint",
    kind: "varintPrefixed",
    positional: ["encoding"],
    options: {
      encoding: choice(["leb128", "vlq", "zigzag"], "leb128"),
      overlong: choice(["reject", "accept"], "reject"),
      maxLengthBytes: { ...count, default: 10 },
      ...limits,
      copy: flag,
    },
    make: varintPrefixed,
  }),
  stageKind<ContentLengthOptions>({
    name: "content-length",
    kind: "contentLength",
    options: { headers: flag, ...limits, maxHeaderLength, copy: flag },
    givesBytes: ({ headers = false }) => !headers,
    make: ({ headers = false, ...options }) =>
      headers ? contentLength({ ...options, headers }) : contentLength(options),
  }),
  stageKind<CobsOptions>({
    name: "cobs",
    kind: "cobs",
    options: { ...limits, onInvalid, copy: flag },
    make: cobs,
  }),
  stageKind<SlipOptions>({
    name: "slip",
    kind: "slip",
    options: {
      endFirst: flag,
      unknownEscapes: choice(["error", "keep"], "error"),
      ...limits,
      onInvalid,
      copy: flag,
    },
    make: slip,
  }),
  stageKind<StuffedOptions>({
    name: "stuffed",
    kind: "stuffed",
    positional: ["end", "escape", "map"],
    options: {
      end: { ...byte, required: true },
      escape: { ...byte, required: true },
      map: { ...escapeMap, required: true },
      endFirst: flag,
      unknownEscapes: choice(["error", "keep"], "error"),
      ...limits,
      onInvalid,
      copy: flag,
    },
    make: stuffed,
  }),
  stageKind<HdlcOptions>({
    name: "hdlc",
    kind: "hdlc",
    positional: ["fcs"],
    options: {
      fcs: choice(["fcs16", "fcs32", "none"], "fcs16"),
      escapeControls: flag,
      ...limits,
      onInvalid,
      copy: flag,
    },
    make: hdlc,
  }),
  stageKind<MarkedOptions>({
    name: "marked",
    kind: "marked",
    positional: ["start", "end"],
    options: {
      start: { ...bytes, required: true },
      end: { ...bytes, required: true },
      restart: flag,
      between: either(choice(["error", "skip"], "error"), bytesList),
      trailerLength: { ...count, default: 0 },
      ...limits,
      onInvalid,
      copy: flag,
    },
    make: marked,
  }),
  stageKind<CommandFrameOptions>({
    name: "command",
    kind: "commandFrame",
    positional: ["endian"],
    options: { endian, ...limits, copy: flag },
    givesBytes: () => false,
    make: commandFrame,
  }),
  stageKind<Omit<JsonHeaderOptions, "digest">>({
    name: "json-header",
    kind: "jsonHeader",
    positional: ["endian"],
    options: {
      endian,
      lengthKey: string("length"),
      fields: members,
      ...limits,
      maxHeaderLength,
      copy: flag,
    },
    givesBytes: () => false,
    make: jsonHeader,
  }),
  stageKind<RecoveryOptions>({
    name: "json",
    kind: "json",
    isView: true,
    options: { onInvalid },
    givesBytes: () => false,
    make: (options, over) => json(over, options),
  }),
  stageKind<TextOptions & { encoding?: string }>({
    name: "text",
    kind: "text",
    isView: true,
    positional: ["encoding"],
    options: {
      encoding: { ...label, default: "utf-8" },
      fatal: flag,
      onInvalid,
    },
    givesBytes: () => false,
    make: ({ encoding, ...options }, over) => text(over, encoding, options),
  }),
  stageKind<RecoveryOptions & { kind: "crc32" | "crc32c" | Checksum }>({
    name: "checksum",
    kind: "checksum",
    isView: true,
    positional: ["kind"],
    options: {
      kind: {
        ...named(
          new Map<string, string | Checksum>([
            ["crc32", "crc32"],
            ["crc32c", "crc32c"],
            ...Object.entries(checksums),
          ]),
        ),
        required: true,
      },
      onInvalid,
    },
    make: ({ kind, ...options }, over) => checksum(over, kind, options),
  }),
];

/**
 * `lines` as frames of bytes, where another stage is laid over them: that one says
 * what the bytes are.
 */
function linesOfBytes(options: LinesOptions) {
  const { fatal, onInvalid, ...others } = options;
  for (const [name, value] of Object.entries({ fatal, onInvalid })) {
    if (value === undefined) continue;
    throw new TypeError(
      `Cannot use ${name}: expected it in the stage over the lines, got it in lines`,
    );
  }
  const codec = delimited({
    truncated: "emit",
    ...others,
    delimiter: ["\n", "\r\n"],
  });
  return { ...codec, description: { kind: "lines", options: others } };
}
