/** The frames of STOMP, read and written one at a time. */

import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { FrameError } from "../codec/errors.ts";
import type { FrameInput, FrameRead } from "../codec/types.ts";

/** A command of STOMP 1.2, of a client or a server. */
export type StompCommand =
  | "CONNECT"
  | "STOMP"
  | "CONNECTED"
  | "SEND"
  | "SUBSCRIBE"
  | "UNSUBSCRIBE"
  | "ACK"
  | "NACK"
  | "BEGIN"
  | "COMMIT"
  | "ABORT"
  | "DISCONNECT"
  | "MESSAGE"
  | "RECEIPT"
  | "ERROR";

/** A frame of {@linkcode stomp}. */
export interface StompFrame {
  /** What the frame is for. */
  readonly command: StompCommand;
  /**
   * The headers. Of several with the same name the first counts. A
   * `content-length` must be the length of the body.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, a view of the chunk in which it arrived. */
  readonly body: Uint8Array;
}

const COMMANDS: readonly StompCommand[] = [
  "CONNECT",
  "STOMP",
  "CONNECTED",
  "SEND",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "ACK",
  "NACK",
  "BEGIN",
  "COMMIT",
  "ABORT",
  "DISCONNECT",
  "MESSAGE",
  "RECEIPT",
  "ERROR",
];

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A line of a header ends at a line feed; a zero byte ends the frame too early. */
const LINE_ENDS = ["\n", "\0"];

/** Reads one frame, or the line end between two. */
export function* readFrame(
  input: FrameInput,
): FrameRead<StompFrame | undefined> {
  let line = yield* readLine(input);
  // A line end between two frames.
  if (line === "") return undefined;
  const command = COMMANDS.find((each) => each === line);
  if (command === undefined) throw invalid("a command", line);
  const headers = new Map<string, string>();
  while ((line = yield* readLine(input)) !== "") {
    const colon = line.indexOf(":");
    if (colon < 1 || line.includes("\r")) throw invalid("a header", line);
    const name = unescape(line.slice(0, colon), command);
    if (headers.has(name)) continue;
    headers.set(name, unescape(line.slice(colon + 1), command));
  }
  const body = yield* readBody(input, headers.get("content-length"));
  // Not assigned: a header may be named `__proto__`.
  return { command, headers: Object.fromEntries(headers), body };
}

function* readLine(input: FrameInput): FrameRead<string> {
  const line = yield* input.until(LINE_ENDS);
  if (hasEnded(input)) throw invalid("an empty line", "a zero byte");
  const end = line.length - (line[line.length - 1] === 0x0d ? 1 : 0);
  try {
    return textDecoder.decode(line.subarray(0, end));
  } catch (cause) {
    throw new FrameError("TEXT_INVALID", {
      reason: "The header is not text",
      expected: "UTF-8",
      got: "other bytes",
      cause,
    });
  }
}

function* readBody(
  input: FrameInput,
  length: string | undefined,
): FrameRead<Uint8Array> {
  if (length === undefined) return yield* input.until("\0");
  if (!/^[0-9]+$/.test(length)) {
    throw new FrameError("LENGTH_INVALID", {
      reason: "The content-length is not a number",
      expected: "decimal digits",
      got: JSON.stringify(length.slice(0, 64)),
    });
  }
  const body = yield* input.bytes(Number(length));
  const end = yield* input.uint(1);
  if (end === 0) return body;
  throw new FrameError("MARK_INVALID", {
    reason: "The body does not end where its content-length says",
    expected: "0",
    got: `${end}`,
  });
}

/** Whether the last byte read is the zero byte that ends a frame. */
export function hasEnded(input: FrameInput): boolean {
  return input.length > 0 && input.view(input.length - 1)[0] === 0;
}

/** Writes one frame, or throws and writes nothing. */
export function writeFrame(frame: StompFrame, output: ByteWriter): void {
  const { command, headers, body } = frame;
  if (!COMMANDS.includes(command)) throw invalid("a command", command);
  let text = `${command}\n`;
  for (const [name, value] of Object.entries(headers)) {
    const line = `${escape(name, command)}:${escape(value, command)}`;
    const isSplit = !hasEscapes(command) && name.includes(":");
    if (name === "" || isSplit || /[\r\n\0]/.test(line)) {
      throw invalid("a header", line);
    }
    text += `${line}\n`;
  }
  const length = headers["content-length"];
  if (length === undefined && body.includes(0)) {
    throw new FrameError("DELIMITER_IN_FRAME", {
      reason: "The body has a zero byte in it",
      expected: "a content-length header",
      got: "none",
    });
  }
  if (length !== undefined && length !== `${body.length}`) {
    throw new FrameError("LENGTH_INVALID", {
      reason: "The content-length is not the length of the body",
      expected: `${body.length}`,
      got: JSON.stringify(length),
    });
  }
  output.write(textEncoder.encode(`${text}\n`));
  output.write(body);
  output.writeByte(0);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\r": "\\r",
  "\n": "\\n",
  ":": "\\c",
  "\\": "\\\\",
};
const ESCAPED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([character, escape]) => [escape, character]),
);

/** CONNECT and CONNECTED escape nothing, for peers of STOMP 1.0. */
function hasEscapes(command: StompCommand): boolean {
  return command !== "CONNECT" && command !== "CONNECTED";
}

function escape(text: string, command: StompCommand): string {
  if (!hasEscapes(command)) return text;
  return text.replace(/[\r\n:\\]/g, (character) => ESCAPES[character]!);
}

function unescape(text: string, command: StompCommand): string {
  if (!hasEscapes(command)) return text;
  return text.replace(/\\.?/gs, (escape) => {
    const character = ESCAPED[escape];
    if (character === undefined) throw invalid("\\r, \\n, \\c or \\\\", escape);
    return character;
  });
}

function invalid(expected: string, got: string): FrameError {
  return new FrameError("HEADER_INVALID", {
    reason: "The header is not what it must be",
    expected,
    got: JSON.stringify(got.slice(0, 64)),
  });
}
