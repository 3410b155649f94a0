import { wrongType } from "../checks.ts";
import { parseRecording, type RecordedFrame } from "./recorded_frame.ts";
import type { RecordedLine } from "./replay_error.ts";

/** A recorded connection. */
export interface RecordedConnection {
  /** Its number in the recording. */
  readonly number: number;
  readonly lines: readonly RecordedLine[];
  /** The time of the frame before its first one, of whatever connection. */
  readonly before: number | undefined;
}

/**
 * The connections of a recording, in the order of their numbers.
 *
 * @throws {RecordingError} If a line of its text is not a frame.
 * @throws {TypeError} If it is no recording.
 */
export function connectionsOf(
  recording: string | readonly RecordedFrame[],
): readonly RecordedConnection[] {
  if (typeof recording !== "string" && !Array.isArray(recording)) {
    throw wrongType("recording", "its text or its frames", recording);
  }
  const frames: readonly RecordedFrame[] = typeof recording === "string"
    ? parseRecording(recording)
    : recording;
  const connections = new Map<
    number,
    RecordedConnection & { readonly lines: RecordedLine[] }
  >();
  for (const [i, frame] of frames.entries()) {
    const number = frame.connection;
    let connection = connections.get(number);
    if (connection === undefined) {
      connection = { number, lines: [], before: frames[i - 1]?.time };
      connections.set(number, connection);
    }
    connection.lines.push({ frame, line: i + 1 });
  }
  return [...connections.values()].sort((a, b) => a.number - b.number);
}
