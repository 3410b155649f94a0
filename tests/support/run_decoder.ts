import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { type Codec, FrameError } from "../../src/codec/mod.ts";
import { assertFrames } from "./assert_frames.ts";
import { everyCut } from "./cuts.ts";

/** Makes a codec that reports the frames it passes over to `onSkip`. */
export type MakeCodec<T> = (
  onSkip: (error: FrameError) => void,
) => Codec<never, T>;

/** What is compared of a `FrameError`. */
export interface Failure {
  readonly code: string;
  readonly offset: number | undefined;
  readonly message: string;
}

/** All that came out of a decoder. */
export interface Outcome<T> {
  readonly frames: T[];
  /** The reports of `onSkip`. */
  readonly skipped: Failure[];
  /** The error at which the decoder stopped, if there was one. */
  readonly error: Failure | undefined;
}

/** The report of a frame that was passed over. */
export type Skipped =
  | number
  | { readonly code: string; readonly offset: number };

/** What must come out of a decoder. */
export interface Expected<T> {
  readonly frames: readonly T[];
  /** The frames passed over; an offset alone stands for one that was too large. */
  readonly skipped?: readonly Skipped[] | undefined;
  readonly error?:
    | { readonly code: string; readonly offset: number }
    | undefined;
}

/**
 * Pushes the chunks, pulling all frames after each of them (or, with `late`,
 * only when all have been pushed), ends the stream and pulls the rest.
 *
 * Checks on the way what holds for every decoder: an error is a `FrameError`
 * and stays; after the end there is nothing more; nothing unread remains at a
 * clean end; frames once handed out do not change.
 */
export function runDecoder<T>(
  make: MakeCodec<T>,
  chunks: readonly Uint8Array[],
  late = false,
): Outcome<T> {
  const skipped: Failure[] = [];
  const decoder = make((error) => skipped.push(failure(error))).decoder();
  const frames: T[] = [];
  const copies: T[] = [];
  const most = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  let failed: unknown;
  const pull = () => {
    try {
      for (
        let frame = decoder.next();
        frame !== undefined;
        frame = decoder.next()
      ) {
        frames.push(frame);
        copies.push(copyOf(frame));
        assert(frames.length <= most, "there are more frames than bytes");
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      failed = error;
      assertStrictEquals(catchError(() => decoder.next()), error);
    }
  };
  for (const chunk of chunks) {
    decoder.push(chunk);
    if (!late) pull();
  }
  decoder.end();
  pull();
  if (failed === undefined) {
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.bufferedBytes, 0);
  }
  assertFrames(frames, copies);
  return {
    frames,
    skipped,
    error: failed === undefined ? undefined : failure(failed),
  };
}

/** Asserts what an input decodes to, however it is cut. */
export function assertDecodes<T>(
  make: MakeCodec<T>,
  bytes: Uint8Array,
  expected: Expected<T>,
): void {
  for (const { name, chunks } of everyCut(bytes)) {
    for (const late of [false, true]) {
      const outcome = runDecoder(make, chunks, late);
      assertOutcome(
        outcome,
        expected,
        `${name}${late ? ", pulled late" : ""}`,
      );
    }
  }
}

/** Asserts what came out of a decoder. */
export function assertOutcome(
  { frames, skipped, error }: Outcome<unknown>,
  expected: Expected<unknown>,
  message: string,
): void {
  assertFrames(frames, expected.frames, message);
  // Nearly always neither is there, and there are thousands of outcomes.
  if (skipped.length > 0 || expected.skipped !== undefined) {
    assertEquals(
      skipped.map(({ code, offset }) => ({ code, offset })),
      (expected.skipped ?? []).map((report) =>
        typeof report === "number"
          ? { code: "FRAME_TOO_LARGE", offset: report }
          : report
      ),
      message,
    );
  }
  if (error !== undefined || expected.error !== undefined) {
    assertEquals(
      error && { code: error.code, offset: error.offset },
      expected.error,
      message,
    );
  }
}

/** What is compared of an error, which must be a `FrameError`. */
export function failure(error: unknown): Failure {
  if (!(error instanceof FrameError)) throw error;
  const { code, offset, message } = error;
  return { code, offset, message };
}

/** The `FrameError` that a call throws. */
export function frameError(call: () => unknown): FrameError {
  return assertThrows(call, FrameError);
}

function catchError(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function copyOf<T>(frame: T): T {
  return frame instanceof Uint8Array ? new Uint8Array(frame) as T : frame;
}
