import { checkKind } from "../checks.ts";
import { FrameError } from "../codec/errors.ts";
import type { Codec } from "../codec/types.ts";
import {
  brokenFields,
  type FrameField,
  type FrameFields,
  passedFields,
  wholeFields,
} from "./fields/frame_fields.ts";
import type { FieldName } from "./fields/parts.ts";

export type { FieldName, FrameField, FrameFields };

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
  /** Adds what lies before an offset. */
  const passTo = (offset: number) => {
    if (offset <= end) return;
    frames.push(passedFields(description, bytes.subarray(end, offset), end));
  };
  try {
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) {
      const { frameOffset } = decoder;
      const next = bytes.length - decoder.bufferedBytes;
      const wire = bytes.subarray(frameOffset, next);
      passTo(frameOffset);
      frames.push(wholeFields(description, wire, frameOffset, frame));
      end = next;
    }
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    const { offset = end } = error;
    const next = bytes.length - decoder.bufferedBytes;
    const isTaken = next > offset;
    const isCut = error.code === "FRAME_TRUNCATED";
    const wire = bytes.subarray(
      offset,
      isTaken && !isCut ? next : bytes.length,
    );
    passTo(offset);
    frames.push(brokenFields(description, wire, offset, error, isTaken));
    return frames;
  }
  passTo(bytes.length);
  return frames;
}
