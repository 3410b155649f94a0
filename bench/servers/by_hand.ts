/**
 * Frames with a length of four bytes, read and written by hand: the least that a
 * framed echo can cost. A view a frame, a call a frame, one write a chunk.
 */
import type { Handler, MakeHandler, Write } from "./sockets.ts";

const MAX_FRAME_LENGTH = 1_048_576;
const OUTPUT_SIZE = 16_384;
const EMPTY = new Uint8Array(0);

/** Gathers frames, and writes them at once. */
class Output {
  #bytes = new Uint8Array(OUTPUT_SIZE);
  #length = 0;
  readonly #write: Write;

  constructor(write: Write) {
    this.#write = write;
  }

  send(frame: Uint8Array): void {
    const { length } = frame;
    const at = this.#length;
    const end = at + 4 + length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, end));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    const bytes = this.#bytes;
    bytes[at] = length >>> 24;
    bytes[at + 1] = length >>> 16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    bytes.set(frame, at + 4);
    this.#length = end;
  }

  flush(): void {
    if (this.#length === 0) return;
    const reusable = this.#write(this.#bytes.subarray(0, this.#length));
    if (!reusable) this.#bytes = new Uint8Array(OUTPUT_SIZE);
    this.#length = 0;
  }
}

/** Finds the frames of chunks. */
class Input {
  #chunk: Uint8Array = EMPTY;
  #at = 0;

  push(chunk: Uint8Array): void {
    const left = this.#chunk.length - this.#at;
    if (left === 0) {
      this.#chunk = chunk;
    } else {
      const joined = new Uint8Array(left + chunk.length);
      joined.set(this.#chunk.subarray(this.#at));
      joined.set(chunk, left);
      this.#chunk = joined;
    }
    this.#at = 0;
  }

  next(): Uint8Array | undefined {
    const chunk = this.#chunk;
    const at = this.#at;
    if (chunk.length - at < 4) return undefined;
    const length = (chunk[at]! << 24 | chunk[at + 1]! << 16 |
      chunk[at + 2]! << 8 | chunk[at + 3]!) >>> 0;
    if (length > MAX_FRAME_LENGTH) throw new RangeError("Frame too large");
    const end = at + 4 + length;
    if (end > chunk.length) return undefined;
    this.#at = end;
    return chunk.subarray(at + 4, end);
  }
}

/** The floor of `forEach`: the handler is called inside the callback. */
export const hand: MakeHandler = (write) => {
  const input = new Input();
  const output = new Output(write);
  const handle = (frame: Uint8Array) => output.send(frame);
  return {
    data(chunk) {
      input.push(chunk);
      for (let frame = input.next(); frame; frame = input.next()) handle(frame);
      output.flush();
    },
    end() {},
  };
};

/** Frames by `for await`, over an iterator without a generator. */
class Frames implements Handler, AsyncIterableIterator<Uint8Array> {
  readonly #input = new Input();
  readonly #output: Output;
  #wake: ((result: IteratorResult<Uint8Array>) => void) | undefined;
  #drained: (() => void) | undefined;
  #ended = false;

  constructor(output: Output) {
    this.#output = output;
  }

  data(chunk: Uint8Array): Promise<void> {
    const drained = new Promise<void>((resolve) => this.#drained = resolve);
    this.#input.push(chunk);
    const frame = this.#wake && this.#input.next();
    if (frame !== undefined) {
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.({ done: false, value: frame });
    } else if (this.#wake !== undefined) {
      this.#drained?.();
    }
    return drained;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#input.next();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    this.#output.flush();
    this.#drained?.();
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#wake = resolve);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The floor of `for await`. */
export const handIterate: MakeHandler = (write) => {
  const output = new Output(write);
  const frames = new Frames(output);
  const run = async () => {
    for await (const frame of frames) output.send(frame);
  };
  void run();
  return frames;
};
