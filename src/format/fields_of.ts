import { checkKind } from "../checks.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec, CodecDescription } from "../codec/types.ts";
import type { Extent, FieldName, Part } from "./fields/parts.ts";
import { partsOf } from "./fields/split.ts";
import { endByte } from "./fields/stuffing.ts";

export type { FieldName };

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

/**
 * Splits bytes into frames and these into their parts, for a hex view. The decoder of
 * the codec finds the frames, so they are those that a stream of these bytes has.
 *
 * The fields of all frames follow each other without a gap, up to the end of the bytes
 * or to the place of the error. A frame that is cut off has the fields that are there,
 * one that is wrong those before the place. What the decoder passes over is there too,
 * as `"skipped"`, or as `"delimiter"` where only the ends of frames are repeated.
 *
 * @example
 * ```ts
 * import { json, lengthPrefixed } from "@framewire/framewire/codec";
 * import { fieldsOf } from "@framewire/framewire/format";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = json(lengthPrefixed({ lengthBytes: 2 }));
 * const bytes = Uint8Array.of(0, 2, 0x34, 0x32, 0, 9, 0x34);
 * const [whole, cut] = fieldsOf(codec, bytes);
 * assertEquals(whole, {
 *   offset: 0,
 *   length: 4,
 *   fields: [
 *     { name: "length", offset: 0, length: 2, value: 2 },
 *     { name: "body", offset: 2, length: 2, value: 42 },
 *   ],
 * });
 * assertEquals(cut?.fields.map(({ name }) => name), ["length", "body"]);
 * assertEquals(cut?.error?.code, "FRAME_TRUNCATED");
 * ```
 *
 * Functions among the options, such as a checksum or `onSkip`, are called as in any
 * decoder.
 *
 * @param codec A codec with a description.
 * @param bytes All bytes of a stream, or its beginning.
 * @returns The frames.
 * @throws {TypeError} If the codec has no description. Functions among its options can
 * throw other errors.
 */
export function fieldsOf(
  codec: Pick<Codec<never, unknown>, "name" | "description" | "decoder">,
  bytes: Uint8Array,
): FrameFields[] {
  checkKind("codec", codec, "object");
  const { name, description } = codec;
  if (description === undefined) {
    throw new TypeError(
      `Cannot split frames of ${name}: expected a codec with a description`,
    );
  }
  const frames: FrameFields[] = [];
  const decoder = codec.decoder();
  decoder.push(bytes);
  decoder.end();
  let end = 0;
  /** Adds what lies before a frame, and the frame. */
  const add = (offset: number, parts: readonly Part[], error?: FrameError) => {
    if (offset > end) frames.push(passedOver(description, bytes, end, offset));
    frames.push(placed(parts, offset, error));
  };
  try {
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) {
      const { frameOffset } = decoder;
      const next = bytes.length - decoder.bufferedBytes;
      const parts = partsOf(
        description,
        bytes.subarray(frameOffset, next),
        "whole",
      );
      add(
        frameOffset,
        isDecoded(description) ? withValue(parts, frame) : parts,
      );
      end = next;
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    const { offset = end } = error;
    // The content is wrong if the decoder has taken the frame.
    const next = bytes.length - decoder.bufferedBytes;
    const extent: Extent = error.code === "FRAME_TRUNCATED"
      ? "cut"
      : next > offset
      ? "whole"
      : "wrong";
    const parts = partsOf(
      description,
      bytes.subarray(offset, extent === "whole" ? next : bytes.length),
      extent,
    );
    add(offset, parts, error);
    return frames;
  }
  if (end < bytes.length) {
    frames.push(passedOver(description, bytes, end, bytes.length));
  }
  return frames;
}

/** The parts with their offsets. */
function placed(
  parts: readonly Part[],
  offset: number,
  error?: FrameError,
): FrameFields {
  let at = offset;
  const fields = parts.map(({ name, length, value }): FrameField => {
    const field = { name, offset: at, length };
    at += length;
    return value === undefined ? field : { ...field, value };
  });
  const frame = { offset, length: at - offset, fields };
  return error === undefined ? frame : { ...frame, error };
}

/** What lies between two frames, or behind the last. */
function passedOver(
  description: CodecDescription,
  bytes: Uint8Array,
  from: number,
  to: number,
): FrameFields {
  const { kind, options } = innermost(description);
  const end = endByte(kind, options);
  const isEnds = bytes.subarray(from, to).every((byte) => byte === end);
  const name = isEnds ? "delimiter" : "skipped";
  return placed([{ name, length: to - from }], from);
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
