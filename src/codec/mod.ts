/**
 * Bytes to frames and back: pure, synchronous, without any I/O.
 *
 * @module
 */
export { ByteQueue } from "./byte_queue.ts";
export { ByteWriter } from "./byte_writer.ts";
export { type Checksum, checksum } from "./checksum.ts";
export * from "./cobs.ts";
export * from "./command_frame.ts";
export * from "./compressed.ts";
export * from "./content_length.ts";
export {
  type CodecDefinition,
  defineCodec,
  type FrameReader,
} from "./define_codec.ts";
export {
  delimited,
  type DelimitedOptions,
  type TruncatedPolicy,
} from "./delimited.ts";
export * from "./errors.ts";
export * from "./fixed_length.ts";
export * from "./header_prefixed.ts";
export * from "./json.ts";
export * from "./json_header.ts";
export {
  lengthPrefixed,
  type LengthPrefixedOptions,
} from "./length_prefixed.ts";
export * from "./lines.ts";
export * from "./map_codec.ts";
export * from "./marked.ts";
export * from "./netstring.ts";
export type { PrefixedCodec } from "./prefixed.ts";
export * from "./slip.ts";
export type {
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "./standard_schema.ts";
export * from "./text.ts";
export * from "./types.ts";
export * from "./varint_prefixed.ts";
