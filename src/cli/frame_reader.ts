import { delimited } from "../codec/formats/delimited.ts";
import { lines } from "../codec/formats/lines.ts";
import type { Codec } from "../codec/types.ts";
import { concat } from "../net/bytes.ts";
import { bytesOf } from "../testing/base64.ts";
import { parseRecordedFrame } from "../testing/recorded_frame.ts";
import { UsageError } from "./errors.ts";
import type { FrameKind } from "./formats.ts";
import type { Notation } from "./notations.ts";
import { valueOfBytes, valueOfJson, valueOfText } from "./values.ts";
import { WireBytes } from "./wire_codec.ts";

/** The user's own input has no limit: the limit of the format is that of the encoder. */
const UNLIMITED = { maxFrameLength: Number.MAX_SAFE_INTEGER };

/**
 * Reads frames in the notation of `--in`. It yields the frames of each chunk together.
 *
 * @param chunks The bytes of the input.
 * @param notation How the frames are written there.
 * @param kind What the codec takes.
 * @throws {UsageError} If a frame is not written so.
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  notation: Notation,
  kind: FrameKind,
): AsyncGenerator<unknown[], void> {
  if (notation === "text" || notation === "raw") {
    yield [valueOfBytes(await gathered(chunks), kind)];
    return;
  }
  const codec: Codec<never, Uint8Array | string> = notation === "nul"
    ? delimited({ ...UNLIMITED, delimiter: "\0", truncated: "emit" })
    : lines(UNLIMITED);
  const read = readerOf(notation, kind);
  const decoder = codec.decoder();
  let line = 0;
  const pulled = (): unknown[] => {
    const frames: unknown[] = [];
    for (let one = decoder.next(); one !== undefined; one = decoder.next()) {
      frames.push(read(one as never, ++line));
    }
    return frames;
  };
  for await (const chunk of chunks) {
    decoder.push(chunk);
    const frames = pulled();
    if (frames.length > 0) yield frames;
  }
  decoder.end();
  const frames = pulled();
  if (frames.length > 0) yield frames;
}

/** What makes a frame of one line, or of what stands between two NUL. */
function readerOf(
  notation: Exclude<Notation, "text" | "raw">,
  kind: FrameKind,
): (one: never, line: number) => unknown {
  switch (notation) {
    case "lines":
      return (line: string) => valueOfText(line, kind);
    case "json":
      return (line: string) => valueOfJson(line, kind);
    case "hex":
      return (line: string) => valueOfBytes(bytesOfHex(line), kind);
    case "base64":
      return (line: string) => valueOfBytes(bytesOfBase64(line), kind);
    case "nul":
      return (bytes: Uint8Array) => valueOfBytes(bytes, kind);
    case "frames":
      return (line: string, number) =>
        new WireBytes(parseRecordedFrame(line, number).data);
  }
}

/**
 * Reads one frame that stands by itself, as on the command line.
 *
 * @throws {UsageError} If it is not written in the notation.
 */
export function frameOf(
  text: string,
  notation: Notation,
  kind: FrameKind,
): unknown {
  switch (notation) {
    case "text":
      return valueOfText(text, kind);
    case "raw":
    case "nul":
      return valueOfBytes(new TextEncoder().encode(text), kind);
    default:
      return readerOf(notation, kind)(text as never, 1);
  }
}

/**
 * Bytes from hexadecimal digits, with or without white space between them.
 *
 * @throws {UsageError} If it is none.
 */
export function bytesOfHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (!/^([\da-f]{2})*$/i.test(digits)) {
    throw notIn("hexadecimal, two digits a byte", text);
  }
  return Uint8Array.from(
    { length: digits.length / 2 },
    (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}

function bytesOfBase64(text: string): Uint8Array {
  const bytes = bytesOf(text);
  if (bytes === undefined) throw notIn("Base64", text);
  return bytes;
}

function notIn(expected: string, got: string): UsageError {
  return new UsageError(
    `Cannot read a frame: expected ${expected}, got ${
      JSON.stringify(got.slice(0, 60))
    }`,
  );
}

/** All bytes of an input. */
export async function gathered(
  chunks: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concat(all);
}
