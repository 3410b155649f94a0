import type { ByteQueue } from "./byte_queue.ts";
import type { ByteWriter } from "./byte_writer.ts";
import {
  emptyLeftOut,
  takeRest,
  type TruncatedPolicy,
} from "./delimited_frame.ts";
import { FrameError } from "../errors.ts";
import type { FrameLimit } from "./limits.ts";
import { RUN_BYTES } from "./text_run.ts";

const LF = 0x0a;
const CR = 0x0d;
/** What a decoder that is not fatal makes of invalid bytes. */
const REPLACEMENT = "\ufffd";
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A format of lines, its options checked. */
export interface LineFormat {
  readonly limit: FrameLimit;
  readonly skipEmpty: boolean;
  readonly truncated: TruncatedPolicy;
  /** Whether a line that is not UTF-8 is handed out as bytes. */
  readonly fatal: boolean;
}

/**
 * Reads lines, which end with a line feed that may have a carriage return before it.
 *
 * The lines that have arrived are decoded to text many at a time: a call of
 * `TextDecoder` costs up to half a microsecond, whatever its length. A line end is
 * no part of another character in UTF-8, so the lines of a text are the texts of
 * its lines, also where bytes are invalid. A line keeps the text of its run, at most
 * 4 KiB, in memory. Lines that cannot be decoded so are handed out as bytes.
 */
export class LineReader {
  readonly #format: LineFormat;
  /** Whole lines with their ends. */
  #text = "";
  /** Where the next line begins in `#text`. */
  #at = 0;
  /** The offset in the stream at which that line begins. */
  #offset = 0;
  /** Whether each byte of the run is one code unit of its text. */
  #isNarrow = false;
  /** The offset in the stream before which lines are handed out as bytes. */
  #bytesUntil = 0;
  /** The offset in the stream before which there is no line feed that is not taken. */
  #scannedTo = 0;
  /** Whether the bytes up to the next line feed belong to a skipped line. */
  #skipping = false;

  constructor(format: LineFormat) {
    this.#format = format;
  }

  /** Takes the next line: its text, or its bytes where it must be decoded alone. */
  read(input: ByteQueue): string | Uint8Array | undefined {
    while (true) {
      const line = this.#takeText(input) ?? this.#takeBytes(input, false);
      if (line === undefined) return undefined;
      if (line.length > 0 || !this.#format.skipEmpty) return line;
      input.endFrame();
    }
  }

  /** Takes what is left at the end of the stream as the last line. */
  finish(input: ByteQueue): Uint8Array | undefined {
    return this.#takeBytes(input, true) ??
      takeRest(input, this.#format.truncated, this.#skipping);
  }

  #takeText(input: ByteQueue): string | undefined {
    // In `choose`, the bytes behind a line may be hidden from this reader.
    if (this.#skipping || input.length === 0) return undefined;
    // An offset and not a flag: `takeUnread` may have removed bytes.
    const isNext = input.offset === this.#offset &&
      this.#at < this.#text.length;
    if (!isNext && !this.#decode(input)) return undefined;
    const text = this.#text;
    const at = this.#at;
    const end = text.indexOf("\n", at);
    const length = this.#isNarrow ? end - at : input.indexOf(LF);
    const trimmed = end > at && text.charCodeAt(end - 1) === CR ? 1 : 0;
    if (length - trimmed > this.#format.limit.maxFrameLength) return undefined;
    input.skip(length + 1);
    this.#at = end + 1;
    this.#offset = input.offset;
    return text.slice(at, end - trimmed);
  }

  /** Decodes the whole lines that come next, up to a few KiB. */
  #decode(input: ByteQueue): boolean {
    const { offset } = input;
    this.#text = "";
    if (offset < this.#bytesUntil) return false;
    const first = this.#findLineFeed(input);
    if (first < 0) return false;
    const bytes = input.peek(RUN_BYTES);
    const length = bytes.lastIndexOf(LF) + 1;
    const text = decoder.decode(bytes.subarray(0, length));
    // Each line is decoded on its own, to tell which one is not valid. On Deno, a
    // fatal decoder takes longer, and a text that has the character is rare.
    if (length === 0 || this.#format.fatal && text.includes(REPLACEMENT)) {
      this.#bytesUntil = offset + Math.max(length, first + 1);
      return false;
    }
    this.#text = text;
    this.#at = 0;
    this.#offset = offset;
    this.#isNarrow = text.length === length;
    return true;
  }

  #takeBytes(input: ByteQueue, ended: boolean): Uint8Array | undefined {
    const { limit } = this.#format;
    while (true) {
      const found = this.#findLineFeed(input);
      const end = found < 0 ? input.length : found;
      // A carriage return that came last may become part of a line end.
      const mayTrim = found >= 0 || !ended;
      const trimmed = mayTrim && end > 0 && input.at(end - 1) === CR ? 1 : 0;
      const length = end - trimmed;
      if (!this.#skipping && length > limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        limit.refuse(input.frameOffset);
        continue;
      }
      if (found < 0) {
        if (this.#skipping) input.skip(length);
        return undefined;
      }
      if (!this.#skipping) return input.take(length, 0, trimmed + 1);
      input.skip(end + 1);
      this.#skipping = false;
      input.endFrame();
    }
  }

  /** The index of the next line feed, or -1. */
  #findLineFeed(input: ByteQueue): number {
    const { offset } = input;
    const found = input.indexOf(LF, Math.max(0, this.#scannedTo - offset));
    this.#scannedTo = offset + (found < 0 ? input.length : found);
    return found;
  }
}

/** Writes a line and a line feed. */
export function writeLine(
  line: Uint8Array,
  { limit, skipEmpty }: LineFormat,
  output: ByteWriter,
): void {
  const { length } = line;
  if (skipEmpty && length === 0) throw emptyLeftOut();
  limit.checkEncoded(length);
  const found = line.indexOf(LF);
  const end = found < 0 ? length : found;
  const from = line[end - 1] === CR ? end - 1 : end;
  if (from < length) {
    throw new FrameError("DELIMITER_IN_FRAME", {
      reason: "The frame contains a delimiter",
      expected: "no delimiter before the end",
      got: `one at byte ${from}`,
    });
  }
  output.write(line);
  output.writeByte(LF);
}
