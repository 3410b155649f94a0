import type { ByteQueue } from "./byte_queue.ts";
import type { FrameInput, FrameRead, FrameReader } from "../types.ts";
import { FrameError } from "../errors.ts";
import { DelimiterFinder, delimiterSet } from "./delimiter_finder.ts";
import { tooDeep, tooLarge, truncated } from "./limits.ts";

/** How many delimiters are kept ready. Few formats have more than two. */
const MAX_DELIMITERS = 16;

/** How a generator reads frames, and what it may read. */
export interface FrameGenerator<T> {
  /** Reads one frame, or passes over what it has read if it returns `undefined`. */
  readonly readFrame: (input: FrameInput) => FrameRead<T | undefined>;
  readonly maxFrameLength: number;
  readonly maxDepth: number;
}

/**
 * Reads frames with a generator, which goes on where it stopped when more bytes
 * have arrived. The bytes of a frame stay unread until it is complete.
 */
export class GeneratorReader<T> implements FrameReader<T> {
  readonly #format: FrameGenerator<T>;
  #input: Input | undefined;
  /** The offset in the stream at which the current frame began. */
  #frameOffset = 0;

  constructor(format: FrameGenerator<T>) {
    this.#format = format;
  }

  read(queue: ByteQueue): T | undefined {
    const input = this.#input ??= new Input(queue, this.#format);
    while (queue.length > 0) {
      // `takeUnread` may have removed the bytes of a frame that had begun.
      if (input.isComplete || this.#frameOffset !== queue.offset) {
        input.begin(this.#format.readFrame(input));
        this.#frameOffset = queue.offset;
      }
      if (queue.length < input.wanted) return undefined;
      input.run();
      if (!input.isComplete) return undefined;
      const frame = input.result as T | undefined;
      if (frame === undefined && input.length === 0) throw nothingRead();
      queue.skip(input.length);
      if (frame !== undefined) return frame;
      queue.endFrame();
    }
    return undefined;
  }

  finish(queue: ByteQueue): undefined {
    if (queue.length === 0) return undefined;
    throw truncated(
      queue.frameOffset,
      `at least ${this.#input?.wanted} bytes`,
      `${queue.length} bytes`,
    );
  }
}

/** One delimiter, or several of which any may end a part. */
type Delimiter = string | readonly string[];

interface KnownDelimiter {
  readonly finder: DelimiterFinder;
  /** The length of the shortest. */
  readonly shortest: number;
}

class Input implements FrameInput {
  readonly #queue: ByteQueue;
  readonly #maxFrameLength: number;
  readonly #maxDepth: number;
  readonly #delimiters = new Map<Delimiter, KnownDelimiter>();
  /**
   * The frame, and the parts that are being read within each other: the last one is
   * the innermost. It goes on by itself, where `yield*` would go through all the
   * parts around it.
   */
  readonly #parts: FrameRead<unknown>[] = [];
  length = 0;
  /** With how many bytes of the frame the read that waits can go on. */
  wanted = 0;
  /** What the last complete part has returned. */
  result: unknown;

  constructor(
    queue: ByteQueue,
    limits: { readonly maxFrameLength: number; readonly maxDepth: number },
  ) {
    this.#queue = queue;
    this.#maxFrameLength = limits.maxFrameLength;
    this.#maxDepth = limits.maxDepth;
  }

  /** Whether nothing is being read. */
  get isComplete(): boolean {
    return this.#parts.length === 0;
  }

  /** Begins with a frame, in place of the current one. */
  begin(frame: FrameRead<unknown>): void {
    this.length = this.wanted = this.#parts.length = 0;
    this.#parts.push(frame);
  }

  /** Goes on until the frame is complete or its innermost part waits. */
  run(): void {
    const parts = this.#parts;
    let failure: { readonly error: unknown } | undefined;
    for (let part = parts.at(-1); part !== undefined; part = parts.at(-1)) {
      try {
        const { done, value } = failure === undefined
          ? part.next()
          : part.throw(failure.error);
        failure = undefined;
        if (done) {
          parts.pop();
          this.result = value;
        } else if (part === parts.at(-1)) return;
      } catch (error) {
        // The part around it may catch the error.
        parts.pop();
        failure = { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  view(from = 0): Uint8Array {
    return this.#queue.peek(this.length, from);
  }

  *uint(byteCount: number, littleEndian = false): FrameRead<number> {
    const from = this.#want(byteCount);
    while (this.#queue.length < this.wanted) yield;
    this.length = this.wanted;
    return this.#queue.uintAt(from, byteCount, littleEndian);
  }

  *bytes(length: number): FrameRead<Uint8Array> {
    const from = this.#want(length);
    while (this.#queue.length < this.wanted) yield;
    this.length = this.wanted;
    return this.#queue.peek(this.length, from);
  }

  *skip(length: number): FrameRead<void> {
    this.#want(length);
    while (this.#queue.length < this.wanted) yield;
    this.length = this.wanted;
  }

  *until(delimiter: Delimiter, maxLength = Infinity): FrameRead<Uint8Array> {
    const queue = this.#queue;
    const from = this.length;
    const { finder, shortest } = this.#delimiter(delimiter);
    const left = this.#maxFrameLength - shortest - from;
    finder.startAt(queue.offset + from);
    while (true) {
      const found = finder.find(queue, false);
      const { index, length } = finder;
      if (index - from > Math.min(left, maxLength)) {
        throw left < maxLength
          ? tooLarge(this.#maxFrameLength)
          : noDelimiter(delimiter, maxLength);
      }
      if (found) {
        const end = index + length;
        if (end > this.#maxFrameLength) throw tooLarge(this.#maxFrameLength);
        this.length = this.wanted = end;
        return queue.peek(index, from);
      }
      this.wanted = queue.length + 1;
      yield;
    }
  }

  *nested<T>(part: FrameRead<T>): FrameRead<T> {
    // The frame itself is within nothing.
    if (this.#parts.length > this.#maxDepth) throw tooDeep(this.#maxDepth);
    this.#parts.push(part);
    yield;
    return this.result as T;
  }

  /** Asks for `count` more bytes. Returns the index of the first. */
  #want(count: number): number {
    const from = this.length;
    const to = from + count;
    if (to > this.#maxFrameLength) throw tooLarge(this.#maxFrameLength, to);
    if (!Number.isInteger(count) || count < 0) throw noLength(count);
    this.wanted = to;
    return from;
  }

  #delimiter(delimiter: Delimiter): KnownDelimiter {
    let known = this.#delimiters.get(delimiter);
    if (known === undefined) {
      known = knownDelimiter(delimiter);
      if (this.#delimiters.size === MAX_DELIMITERS) this.#delimiters.clear();
      this.#delimiters.set(delimiter, known);
    }
    return known;
  }
}

function knownDelimiter(delimiter: Delimiter): KnownDelimiter {
  const set = delimiterSet(delimiter);
  const lengths = set.groups.flatMap(({ delimiters }) =>
    delimiters.map(({ length }) => length)
  );
  return { finder: new DelimiterFinder(set), shortest: Math.min(...lengths) };
}

function noLength(got: number): FrameError {
  return new FrameError("LENGTH_INVALID", {
    reason: "The length is what no part of a frame can have",
    expected: "a whole number of at least 0",
    got: `${got}`,
  });
}

function noDelimiter(delimiter: Delimiter, maxLength: number): FrameError {
  return new FrameError("FRAME_TOO_LARGE", {
    reason: "A part of the frame is too large",
    expected: `${JSON.stringify(delimiter)} behind at most ${maxLength} bytes`,
    got: "more",
  });
}

/** A reader that passes over no bytes would do so forever. */
function nothingRead(): TypeError {
  return new TypeError(
    "Cannot pass over bytes: the reader returned undefined and took no bytes",
  );
}
