import type { ByteQueue } from "./byte_queue.ts";
import { RUN_BYTES } from "./text_run.ts";

const LF = 0x0a;
const CR = 0x0d;
/** What a decoder that is not fatal makes of invalid bytes. */
const REPLACEMENT = "\ufffd";
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Decodes the lines that have arrived to text, many at a time: a call of
 * `TextDecoder` costs up to half a microsecond, whatever its length. A line end is
 * no part of another character in UTF-8, so the lines of a text are the texts of
 * its lines, also where bytes are invalid.
 *
 * A line keeps the text of its run, at most 4 KiB, in memory.
 */
export class LineRun {
  readonly #isFatal: boolean;
  /** Whole lines with their ends. */
  #text = "";
  /** Where the next line begins in `#text`. */
  #at = 0;
  /** The offset in the stream at which that line begins. */
  #offset = 0;
  /** Whether each byte of the run is one code unit of its text. */
  #isNarrow = false;
  /** The offset in the stream before which lines must be decoded one by one. */
  #singlyUntil = 0;
  /** The offset in the stream before which there is no line end that is not taken. */
  #scannedTo = 0;

  /** Takes whether a line that is not UTF-8 must be decoded on its own. */
  constructor(isFatal: boolean) {
    this.#isFatal = isFatal;
  }

  /**
   * Takes a line of at most `most` bytes; `undefined` where no whole line has
   * arrived, or the next one must be decoded on its own.
   */
  take(input: ByteQueue, most: number): string | undefined {
    // In `choose`, the bytes behind a line may be hidden from this reader.
    if (input.length === 0) return undefined;
    // An offset and not a flag: `takeUnread` may have removed bytes.
    const isNext = input.offset === this.#offset &&
      this.#at < this.#text.length;
    if (!isNext && !this.#begin(input)) return undefined;
    const text = this.#text;
    const at = this.#at;
    const end = text.indexOf("\n", at);
    const length = this.#isNarrow ? end - at : input.indexOf(LF);
    const trimmed = end > at && text.charCodeAt(end - 1) === CR ? 1 : 0;
    if (length - trimmed > most) return undefined;
    input.skip(length + 1);
    this.#at = end + 1;
    this.#offset = input.offset;
    return text.slice(at, end - trimmed);
  }

  /** Decodes the whole lines that come next, up to a few KiB. */
  #begin(input: ByteQueue): boolean {
    const { offset } = input;
    this.#text = "";
    if (offset < this.#singlyUntil) return false;
    const scanned = Math.max(0, this.#scannedTo - offset);
    const first = input.indexOf(LF, scanned);
    this.#scannedTo = offset + (first < 0 ? input.length : first);
    if (first < 0) return false;
    if (first >= RUN_BYTES) return this.#decodeSingly(offset + first + 1);
    const bytes = input.peek(RUN_BYTES);
    const length = bytes.lastIndexOf(LF) + 1;
    const text = decoder.decode(bytes.subarray(0, length));
    // Each line is decoded on its own, to tell which one is not valid. On Deno, a
    // fatal decoder takes longer, and a text that has the character is rare.
    if (this.#isFatal && text.includes(REPLACEMENT)) {
      return this.#decodeSingly(offset + length);
    }
    this.#text = text;
    this.#at = 0;
    this.#offset = offset;
    this.#isNarrow = text.length === length;
    return true;
  }

  #decodeSingly(until: number): false {
    this.#singlyUntil = until;
    return false;
  }
}
