/** Lines of text with `\r\n` behind them, in formats whose payloads are bytes. */

import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { tooLarge } from "../codec/bytes/limits.ts";
import { FrameError } from "../codec/errors.ts";
import type { Encoder, FrameInput, FrameRead } from "../codec/types.ts";

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lineEnd = Uint8Array.of(0x0d, 0x0a);

/** Reads a line. */
export function* readLine(input: FrameInput): FrameRead<string> {
  const bytes = yield* input.until("\r\n");
  try {
    return checkLine(textDecoder.decode(bytes));
  } catch (cause) {
    if (cause instanceof FrameError) throw cause;
    throw new FrameError("TEXT_INVALID", {
      reason: "The line is not text",
      expected: "UTF-8",
      got: "other bytes",
      cause,
    });
  }
}

/** Writes a line. */
export function writeLine(line: string, output: ByteWriter): void {
  output.write(textEncoder.encode(checkLine(line)));
  output.write(lineEnd);
}

/** Reads a payload, and the line end behind it. */
export function* readPayload(
  input: FrameInput,
  length: number,
): FrameRead<Uint8Array> {
  const bytes = yield* input.bytes(length + lineEnd.length);
  if (bytes[length] !== 0x0d || bytes[length + 1] !== 0x0a) {
    throw new FrameError("MARK_INVALID", {
      reason: "The line end behind a payload is missing",
      expected: "0d 0a",
      got: "other bytes",
    });
  }
  return bytes.subarray(0, length);
}

/** Writes a payload, and the line end behind it. */
export function writePayload(payload: Uint8Array, output: ByteWriter): void {
  output.write(payload);
  output.write(lineEnd);
}

/** The number of bytes that a word of a line says. */
export function lengthIn(word: string | undefined): number {
  if (word !== undefined && /^[0-9]{1,15}$/.test(word)) return Number(word);
  throw new FrameError("LENGTH_INVALID", {
    reason: "The length is not a number",
    expected: "decimal digits",
    got: JSON.stringify(word?.slice(0, 64)) ?? "none",
  });
}

/** Makes an encoder that writes a frame within the limit, or nothing. */
export function wholeEncoder<T>(
  maxFrameLength: number,
  write: (frame: T, output: ByteWriter) => void,
): Encoder<T> {
  return {
    encode(frame, output) {
      const at = output.length;
      try {
        write(frame, output);
        const length = output.length - at;
        if (length > maxFrameLength) throw tooLarge(maxFrameLength, length);
      } catch (error) {
        output.truncate(at);
        throw error;
      }
    },
  };
}

/** The error of a line that is not what it must be. */
export function invalidLine(expected: string, got: string): FrameError {
  return new FrameError("HEADER_INVALID", {
    reason: "The line is not what it must be",
    expected,
    got: JSON.stringify(got.slice(0, 64)),
  });
}

/** Half a line end would be a whole one for a lenient peer. */
function checkLine(line: string): string {
  if (/[\r\n]/.test(line)) throw invalidLine("no line end within it", line);
  return line;
}
