import { counted } from "../counted.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { bytesOfValue, jsonOf } from "../values.ts";
import { sameFrame } from "./same_frame.ts";
import { Nonconformity } from "./subject.ts";

/** How much of a frame is shown. */
const SHOWN = 60;

/**
 * Compares frames with those that were expected.
 *
 * @param among How the stream was cut.
 * @param then What came behind the frames, for when there are too few.
 * @throws {Nonconformity} If they differ.
 */
export function compareFrames(
  got: readonly unknown[],
  expected: readonly unknown[],
  among: string,
  then: string,
): void {
  const wrong = expected.findIndex((frame, i) => !sameFrame(frame, got[i]));
  if (wrong >= 0 && wrong < got.length) {
    throw new Nonconformity(
      `${among}: expected frame ${wrong + 1} of ${expected.length} to be ${
        shown(expected[wrong])
      }, got ${shown(got[wrong])}`,
    );
  }
  if (got.length === expected.length) return;
  const more = got.length > expected.length
    ? `, the first one too many ${shown(got[expected.length])}`
    : then;
  throw new Nonconformity(
    `${among}: expected ${counted(expected.length, "frame")}, got ${
      counted(got.length, "frame")
    }${more}`,
  );
}

/** A frame for people: short, and safe for a terminal. */
export function shown(frame: unknown): string {
  const text = escapeControls(jsonOf(frame));
  const { length } = bytesOfValue(frame);
  return text.length <= SHOWN
    ? text
    : `${text.slice(0, SHOWN)}… (${counted(length, "byte")})`;
}
