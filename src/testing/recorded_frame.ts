import { isObject, shown } from "../checks.ts";
import { base64, bytesOf } from "./base64.ts";

/**
 * A frame of a recorded conversation. Its line in a recording is a JSON object with the
 * same properties, `length`, which is the length of `data` in bytes, and `data` in
 * Base64 (RFC 4648, section 4). Other properties of a line are passed over.
 *
 * ```json
 * {"time":1.5,"direction":"toServer","connection":1,"offset":0,"length":3,"data":"aGkK"}
 * ```
 */
export interface RecordedFrame {
  /** The time since the recording began, in milliseconds, to the microsecond. */
  readonly time: number;
  /** Which way it went. */
  readonly direction: "toServer" | "toClient";
  /** The number of its connection, from 1 on, in the order in which they were made. */
  readonly connection: number;
  /** Where it begins in the byte stream of its direction, in bytes. */
  readonly offset: number;
  /** Its bytes; none where it is the end of its direction (half-close). */
  readonly data: Uint8Array;
}

/**
 * The error of a line that is not a {@linkcode RecordedFrame}.
 *
 * @example
 * ```ts
 * import { parseRecording, RecordingError } from "@framewire/framewire/testing";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => parseRecording("[]\n"), RecordingError);
 * assertEquals(error.line, 1);
 * assertEquals(
 *   error.message,
 *   "Cannot read line 1 of the recording: expected a frame as a JSON object, got an array",
 * );
 * ```
 */
export class RecordingError extends Error {
  /** The number of the line, from 1 on. */
  readonly line: number;
  /** What should have stood there. */
  readonly expected: string;
  /** What stood there instead. */
  readonly got: string;

  /** Makes an error and composes its message. */
  constructor(line: number, expected: string, got: string) {
    super(
      `Cannot read line ${line} of the recording: expected ${expected}, got ${got}`,
    );
    this.name = "RecordingError";
    this.line = line;
    this.expected = expected;
    this.got = got;
  }
}

/**
 * Writes frames as JSON Lines: one a line, and a line feed behind each.
 *
 * @example
 * ```ts
 * import { formatRecording } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const data = new TextEncoder().encode("hi\n");
 * const frame = { time: 1.5, connection: 1, offset: 0, data };
 * assertEquals(
 *   formatRecording([{ ...frame, direction: "toServer" }]),
 *   '{"time":1.5,"direction":"toServer","connection":1,"offset":0,"length":3,' +
 *     '"data":"aGkK"}\n',
 * );
 * ```
 *
 * @param frames The frames, in their order.
 * @returns The lines, which {@linkcode parseRecording} reads.
 */
export function formatRecording(frames: Iterable<RecordedFrame>): string {
  return Array.from(frames, (frame) => {
    const { time, direction, connection, offset, data } = frame;
    const { length } = data;
    const line = { time, direction, connection, offset, length };
    return `${JSON.stringify({ ...line, data: base64(data) })}\n`;
  }).join("");
}

/**
 * Reads what {@linkcode formatRecording} has written.
 *
 * @example
 * ```ts
 * import { parseRecording } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const [frame] = parseRecording(
 *   '{"time":1.5,"direction":"toServer","connection":1,"offset":0,"length":3,' +
 *     '"data":"aGkK"}\n',
 * );
 * assertEquals(new TextDecoder().decode(frame?.data), "hi\n");
 * ```
 *
 * @param text The lines. The last one may be without a line feed.
 * @returns The frames; that of line n has the index n - 1.
 * @throws {RecordingError} If a line is not a frame.
 */
export function parseRecording(text: string): RecordedFrame[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line, i) => parseRecordedFrame(line, i + 1));
}

/**
 * Reads one line of a recording, without its line feed.
 *
 * @throws {RecordingError} If it is not a frame.
 */
export function parseRecordedFrame(
  line: string,
  number: number,
): RecordedFrame {
  const wrong = (expected: string, got: string) =>
    new RecordingError(number, expected, got);
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    throw wrong("a frame as a JSON object", shown(line));
  }
  if (!isObject(fields)) throw wrong("a frame as a JSON object", shown(fields));
  const { time, direction, connection, offset, length, data } = fields;
  if (typeof time !== "number" || time < 0) {
    throw wrong("time in milliseconds from 0 on", shown(time));
  }
  if (direction !== "toServer" && direction !== "toClient") {
    throw wrong('direction to be "toServer" or "toClient"', shown(direction));
  }
  if (!isCount(connection) || connection === 0) {
    throw wrong("connection as a whole number from 1 on", shown(connection));
  }
  if (!isCount(offset)) {
    throw wrong("offset as a whole number from 0 on", shown(offset));
  }
  const bytes = typeof data === "string" ? bytesOf(data) : undefined;
  if (bytes === undefined) throw wrong("data in Base64", shown(data));
  if (length !== bytes.length) {
    throw wrong(`length ${bytes.length}, which data has`, shown(length));
  }
  return { time, direction, connection, offset, data: bytes };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
