import type { FrameError } from "../../codec/errors.ts";
import type { CodecDescription } from "../../codec/types.ts";
import type { Extent, FieldName, Part } from "./parts.ts";
import { partsOf } from "./split.ts";
import { endByte } from "./stuffing.ts";

/** A part of a frame. */
export interface FrameField {
  /** What it is for. */
  readonly name: FieldName;
  /** Where it begins in the bytes. */
  readonly offset: number;
  /** How many bytes it has: one or more. */
  readonly length: number;
  /**
   * What it says: a number of a header, the text of a header line, or the frame that is
   * decoded from a body of text, JSON or compressed bytes. Other parts have none.
   */
  readonly value?: unknown;
}

/** The parts of one frame, or of what the decoder passed over between two. */
export interface FrameFields {
  /** Where it begins in the bytes. */
  readonly offset: number;
  /** How many bytes its fields have together. */
  readonly length: number;
  /** The fields, each behind the one before it. */
  readonly fields: readonly FrameField[];
  /** Why it is no frame. It is the last then. */
  readonly error?: FrameError;
}

/** The parts of a whole frame that begins at an offset and was decoded to a value. */
export function wholeFields(
  description: CodecDescription,
  bytes: Uint8Array,
  offset: number,
  value: unknown,
): FrameFields {
  const parts = partsOf(description, bytes, "whole");
  const shown = isDecoded(description) ? withValue(parts, value) : parts;
  return placed(shown, offset);
}

/**
 * The parts of what begins at an offset and is no frame.
 *
 * @param bytes All that follows, or where the decoder has taken the frame, as its
 * content is what is wrong, the bytes of the frame.
 */
export function brokenFields(
  description: CodecDescription,
  bytes: Uint8Array,
  offset: number,
  error: FrameError,
  isTaken: boolean,
): FrameFields {
  const extent: Extent = error.code === "FRAME_TRUNCATED"
    ? "cut"
    : isTaken
    ? "whole"
    : "wrong";
  return { ...placed(partsOf(description, bytes, extent), offset), error };
}

/** What lies between two frames, or behind the last. */
export function passedFields(
  description: CodecDescription,
  bytes: Uint8Array,
  offset: number,
): FrameFields {
  const { kind, options } = innermost(description);
  const end = endByte(kind, options);
  const isEnds = bytes.every((byte) => byte === end);
  const name = isEnds ? "delimiter" : "skipped";
  return placed([{ name, length: bytes.length }], offset);
}

/** The parts with their offsets. */
function placed(parts: readonly Part[], offset: number): FrameFields {
  let at = offset;
  const fields = parts.map(({ name, length, value }): FrameField => {
    const field = { name, offset: at, length };
    at += length;
    return value === undefined ? field : { ...field, value };
  });
  return { offset, length: at - offset, fields };
}

/** Whether frames are not the bytes of their bodies. */
function isDecoded({ kind, over }: CodecDescription): boolean {
  return ["json", "text", "lines", "compressed"].includes(kind) ||
    over !== undefined && isDecoded(over);
}

function withValue(parts: readonly Part[], value: unknown): Part[] {
  return parts.map((part) => part.name === "body" ? { ...part, value } : part);
}

function innermost(description: CodecDescription): CodecDescription {
  const { over } = description;
  return over === undefined ? description : innermost(over);
}
