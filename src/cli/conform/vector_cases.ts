import { UsageError } from "../errors.ts";
import { bytesOf } from "./byte_notation.ts";
import type { ConformCase, DecoderCase, EncoderCase } from "./conform_case.ts";
import type { FrameForm } from "./frame_form.ts";
import { frameMatches, textOf } from "./frame_matches.ts";
import { sameFrame } from "./same_frame.ts";
import type { TestedFormat } from "./tested_format.ts";
import type { Vector } from "./vectors.ts";

/**
 * What a case of a file asks of a peer. Its frames are those that this module's decoder
 * makes of its bytes, when they are what the file says.
 *
 * @param source The name of the file.
 * @throws {UsageError} If the file says otherwise, or cannot be read.
 */
export function vectorCase(
  vector: Vector,
  source: string,
  format: TestedFormat,
): ConformCase {
  const { name, input, output, unread } = vector;
  try {
    if (unread !== undefined) {
      return { name, source, skipped: "it stops before the end of its stream" };
    }
    if (input !== undefined) {
      return { name, source, ...ofInput(vector, bytesOf(input), format) };
    }
    const decoder = output === undefined
      ? undefined
      : ofOutput(vector, bytesOf(output), format);
    const encoder = ofFrames(vector, decoder, format);
    if (encoder === undefined) {
      return {
        name,
        source,
        skipped: "its frames are values that cannot be written as bytes",
      };
    }
    check("what is encoded", encoder, format, isEncodedSo);
    return { name, source, ...(decoder && { decoder }), encoder };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UsageError(
      `Cannot use ${source}, “${name}”: ${cause.message}`,
      { cause },
    );
  }
}

function ofInput(
  vector: Vector,
  input: Uint8Array,
  format: TestedFormat,
): Pick<ConformCase, "decoder" | "encoder"> {
  const decoded = format.decode(input);
  check("the frames", vector.frames, decoded.frames, framesMatch);
  check("the error", vector.error, decoded.error, sameFrame);
  check("what is passed over", skippedBy(vector), decoded.skipped, sameFrame);
  return {
    decoder: { input, ...decoded },
    ...(vector.bothWays === true && {
      encoder: { frames: decoded.frames, bytes: input },
    }),
  };
}

/** What an encoder writes can be decoded, too. */
function ofOutput(
  { frames, refused }: Vector,
  input: Uint8Array,
  format: TestedFormat,
): DecoderCase | undefined {
  const decoded = format.decode(input);
  const written = refused === undefined ? frames : frames.slice(0, -1);
  return framesMatch(written, decoded.frames)
    ? { input, ...decoded }
    : undefined;
}

/** What an encoder makes of frames that are written in JSON. */
function ofFrames(
  { frames: written, output, refused }: Vector,
  decoder: DecoderCase | undefined,
  { form }: TestedFormat,
): EncoderCase | undefined {
  const frames = refused === undefined && decoder !== undefined
    ? decoder.frames
    : form === "own"
    ? undefined
    : written.map((json) => frameOfJson(json, form));
  return frames && {
    frames,
    ...(output !== undefined && { bytes: bytesOf(output) }),
    ...(refused !== undefined && { refused }),
  };
}

function frameOfJson(json: unknown, form: FrameForm): unknown {
  if (form === "json") return json;
  const frame = form === "text"
    ? textOf(json)
    : typeof json === "string"
    ? bytesOf(json)
    : undefined;
  if (frame !== undefined) return frame;
  throw new TypeError(`expected a frame of ${form}`);
}

function skippedBy({ skipped = [] }: Vector): unknown[] {
  return skipped.map((one) =>
    typeof one === "number" ? { code: "FRAME_TOO_LARGE", offset: one } : one
  );
}

function framesMatch(
  written: readonly unknown[],
  frames: readonly unknown[],
): boolean {
  return written.length === frames.length &&
    written.every((json, i) => frameMatches(json, frames[i]));
}

function isEncodedSo(
  { frames, bytes, refused }: EncoderCase,
  format: TestedFormat,
): boolean {
  const encoded = format.encode(frames);
  return refused === undefined
    ? sameFrame(encoded, bytes)
    : encoded === undefined;
}

function check<Written, Made>(
  what: string,
  written: Written,
  decoded: Made,
  isSame: (written: Written, decoded: Made) => boolean,
): void {
  if (isSame(written, decoded)) return;
  throw new TypeError(`expected ${what} that the expression gives`);
}
