import { type Codec, FrameError } from "../../src/codec/mod.ts";
import { fieldsOf, type FrameFields } from "../../src/format/mod.ts";
import { must, mustBeSame } from "./must.ts";

/**
 * Checks that `fieldsOf` shows all bytes up to the error, each once, and the same
 * frames and the same error as a decoder. Codecs without a description have no
 * fields.
 */
export function checkFields(
  codec: Codec<never, unknown>,
  bytes: Uint8Array,
): void {
  if (codec.description === undefined) return;
  const frames = fieldsOf(codec, bytes);
  const end = contiguousEnd(frames);
  const { offsets, error } = decoded(codec, bytes);
  mustBeSame(
    "the errors of the fields",
    frames.flatMap(({ error }) => error?.message ?? []),
    error === undefined ? [] : [error.message],
  );
  if (error !== undefined) {
    must(frames.at(-1)?.error !== undefined, "the error is not at the end");
  }
  if (error === undefined || error.code === "FRAME_TRUNCATED") {
    mustBeSame("the end of the fields", end, bytes.length);
  } else must(end <= bytes.length, "the fields go on behind the bytes");
  const shown = frames.filter((frame) => !isPassedOver(frame));
  const found = new Set(frames.map(({ offset }) => offset));
  must(offsets.every((offset) => found.has(offset)), "a frame has no fields");
  must(shown.length <= offsets.length, "there are fields of no frame");
}

/** Where the fields end, each of which must begin where the one before it ends. */
export function contiguousEnd(frames: readonly FrameFields[]): number {
  let at = 0;
  for (const { offset, length, fields } of frames) {
    mustBeSame("the offset of a frame", offset, at);
    for (const field of fields) {
      mustBeSame(`the offset of a ${field.name}`, field.offset, at);
      must(field.length > 0, `a ${field.name} has no bytes`);
      at += field.length;
    }
    mustBeSame("the end of a frame", offset + length, at);
  }
  return at;
}

/** Where the frames of a decoder begin, that of an error included. */
function decoded(codec: Codec<never, unknown>, bytes: Uint8Array): {
  offsets: number[];
  error?: FrameError;
} {
  const decoder = codec.decoder();
  decoder.push(bytes);
  decoder.end();
  const offsets: number[] = [];
  try {
    while (decoder.next() !== undefined) offsets.push(decoder.frameOffset);
    return { offsets };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { offsets: [...offsets, error.offset!], error };
  }
}

function isPassedOver({ fields }: FrameFields): boolean {
  const [only, ...others] = fields;
  return others.length === 0 &&
    (only?.name === "skipped" || only?.name === "delimiter");
}
