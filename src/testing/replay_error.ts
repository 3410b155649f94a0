import type { RecordedFrame } from "./recorded_frame.ts";

/** The details of a {@linkcode ReplayError}. */
export interface ReplayErrorDetails {
  /**
   * Which side does not do what was recorded.
   *
   * @default {"client"}
   */
  readonly peer?: "client" | "server";
  /** The number of the line of the frame in the recording, where it is one. */
  readonly line?: number | undefined;
  /** The number of the connection. */
  readonly connection: number;
  /** Where in the stream of that side it is, in bytes. */
  readonly offset?: number | undefined;
  /** What was recorded. */
  readonly expected: string;
  /** What happened instead. */
  readonly got: string;
  /** The error underneath, where there is one. */
  readonly cause?: unknown;
}

/**
 * The error of a client, or of a server, that does not do what was recorded; see
 * {@linkcode replayConversation} and {@linkcode replayClients}.
 *
 * @example
 * ```ts
 * import { ReplayError } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ReplayError({
 *   line: 3,
 *   connection: 1,
 *   offset: 12,
 *   expected: '"get a\\n"',
 *   got: '"get b\\n"',
 * });
 * assertEquals(
 *   error.message,
 *   "The client differs from the recording at line 3 (connection 1, byte offset 12):" +
 *     ' expected "get a\\n", got "get b\\n"',
 * );
 * ```
 */
export class ReplayError extends Error {
  /** Which side it is. */
  readonly peer: "client" | "server";
  /**
   * The number of the line in the recording, from 1 on; `undefined` where nothing was
   * recorded.
   */
  readonly line: number | undefined;
  /** The number of the connection in the recording. */
  readonly connection: number;
  /** Where the frame begins in the stream of that side, in bytes. */
  readonly offset: number | undefined;
  /** What was recorded: text in quotes, shortened. */
  readonly expected: string;
  /** What happened instead. */
  readonly got: string;

  /** Makes an error and composes its message. */
  constructor(details: ReplayErrorDetails) {
    const { peer = "client", line, connection, offset } = details;
    const { expected, got, cause } = details;
    const at = line === undefined ? "" : ` at line ${line}`;
    const byte = offset === undefined ? "" : `, byte offset ${offset}`;
    super(
      `The ${peer} differs from the recording${at} (connection ${connection}${byte}):` +
        ` expected ${expected}, got ${got}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "ReplayError";
    this.peer = peer;
    this.line = line;
    this.connection = connection;
    this.offset = offset;
    this.expected = expected;
    this.got = got;
  }
}

/** A frame of a recording, and the number of its line. */
export interface RecordedLine {
  readonly frame: RecordedFrame;
  readonly line: number;
}

/** The most bytes that a message repeats. */
const SHOWN_BYTES = 48;
/** How many of them stand before the first difference, where it is far behind. */
const BEFORE_DIFFERENCE = 16;

/** Two byte sequences in a message, both from shortly before their first difference. */
export function shownPair(
  expected: Uint8Array,
  got: Uint8Array,
): { readonly expected: string; readonly got: string } {
  let same = 0;
  while (same < expected.length && expected[same] === got[same]) same++;
  const from = same < SHOWN_BYTES / 2 ? 0 : same - BEFORE_DIFFERENCE;
  return { expected: shownBytes(expected, from), got: shownBytes(got, from) };
}

/** Bytes in a message: as text, escaped where they are none in ASCII. */
export function shownBytes(bytes: Uint8Array, from = 0): string {
  const shown = bytes.subarray(from, from + SHOWN_BYTES);
  const text = Array.from(shown, shownByte).join("");
  if (shown.length === bytes.length) return `"${text}"`;
  const before = from === 0 ? "" : "...";
  const behind = from + shown.length < bytes.length ? "..." : "";
  return `"${before}${text}${behind}" (${bytes.length} bytes)`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};

function shownByte(byte: number): string {
  const character = String.fromCharCode(byte);
  const escaped = ESCAPES[character];
  if (escaped !== undefined) return escaped;
  if (byte >= 0x20 && byte < 0x7f) return character;
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
