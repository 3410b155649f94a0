/**
 * Bytes to frames and back: pure, synchronous, without any I/O.
 *
 * @module
 */
export { ByteQueue } from "./bytes/byte_queue.ts";
export { ByteWriter } from "./bytes/byte_writer.ts";
export { checksum } from "./views/checksum.ts";
export * from "./views/choose.ts";
export type { EscapeMap, XorEscapes } from "./bytes/escapes.ts";
export * from "./formats/cobs.ts";
export * from "./formats/command_frame.ts";
export * from "./views/compressed.ts";
export * from "./formats/content_length.ts";
export {
  type CodecDefinition,
  type CodecParts,
  defineCodec,
  type FrameDefinition,
  type ReaderDefinition,
} from "./define_codec.ts";
export {
  delimited,
  type DelimitedOptions,
  type TruncatedPolicy,
} from "./formats/delimited.ts";
export {
  FrameError,
  type FrameErrorCode,
  type FrameErrorDetails,
} from "./errors.ts";
export * from "./views/filter.ts";
export * from "./formats/fixed_length.ts";
export { hdlc, type HdlcOptions } from "./formats/hdlc.ts";
export * from "./formats/header_prefixed.ts";
export * from "./views/joined.ts";
export * from "./views/json.ts";
export * from "./formats/json_header.ts";
export {
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "./formats/length_prefixed.ts";
export * from "./formats/lines.ts";
export { type CodecMapping, mapCodec } from "./views/map_codec.ts";
export { marked, type MarkedOptions } from "./formats/marked.ts";
export * from "./formats/netstring.ts";
export type { PrefixedCodec } from "./formats/prefixed.ts";
export * from "./formats/slip.ts";
export type {
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./views/standard_schema.ts";
export {
  type EscapedOptions,
  stuffed,
  type StuffedOptions,
} from "./formats/stuffed.ts";
export * from "./views/text.ts";
export * from "./types.ts";
export * from "./formats/varint_prefixed.ts";
