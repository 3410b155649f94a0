import { type Deferred, deferred } from "../deferred.ts";
import { nextTask } from "../timer.ts";
import type { Delivery } from "./delivery.ts";
import { closedError, resetError, transferError } from "./runtime_errors.ts";
import { whenQuiet } from "./when_quiet.ts";

/** What is used of every stream of `node:stream`. */
export interface NodeStream {
  /** Whether it is gone. */
  readonly destroyed: boolean;
  /** Why it failed, where it did. */
  readonly errored: Error | null;
  /** Calls a listener with each chunk. */
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Calls a listener at the end, and when the stream is gone. */
  on(event: "end" | "close", listener: () => void): unknown;
  /** Calls a listener when the stream has failed. */
  on(event: "error", listener: (cause: Error) => void): unknown;
  /** Ends it now. */
  destroy(cause?: Error): unknown;
}

/** What is used of a `Readable` of `node:stream`. */
export interface NodeReadable extends NodeStream {
  /** Whether the end was delivered. */
  readonly readableEnded: boolean;
  /** Whether its chunks are values instead of bytes. */
  readonly readableObjectMode: boolean;
  /** The encoding of its chunks, where they are text. */
  readonly readableEncoding: string | null;
  /** Removes a listener. */
  off(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  /** Takes a chunk of what is buffered. */
  read(): Uint8Array | null;
  /** Stops delivery. */
  pause(): unknown;
  /** Starts delivery. */
  resume(): unknown;
  /** Buffers what its source has read. */
  push(chunk: Uint8Array | null): boolean;
  /** Has its source read. */
  _read(size: number): void;
}

/** What is used of a `Writable` of `node:stream`. */
export interface NodeWritable extends NodeStream {
  /** Whether everything was written, and the stream ended. */
  readonly writableFinished: boolean;
  /** Whether it takes values instead of bytes. */
  readonly writableObjectMode: boolean;
  /** Writes bytes. */
  write(chunk: Uint8Array, callback: (cause?: Error | null) => void): boolean;
  /** Ends it after what was written. */
  end(callback: (cause?: Error | null) => void): unknown;
}

/** Refuses what is not a readable stream of Node, or one whose chunks are not bytes. */
export function checkReadable(name: string, stream: NodeReadable): void {
  if (typeof stream?.read !== "function") {
    throw wrongStream(name, "a Readable of node:stream", typeof stream);
  }
  if (stream.readableObjectMode || stream.readableEncoding !== null) {
    const got = stream.readableObjectMode
      ? "one in object mode"
      : "one of text (setEncoding)";
    throw wrongStream(name, "a stream of bytes", got);
  }
}

/** Refuses what is not a writable stream of Node, or one that takes no bytes. */
export function checkWritable(name: string, stream: NodeWritable): void {
  if (typeof stream?.write !== "function") {
    throw wrongStream(name, "a Writable of node:stream", typeof stream);
  }
  if (stream.writableObjectMode) {
    throw wrongStream(name, "a stream of bytes", "one in object mode");
  }
}

function wrongStream(name: string, expected: string, got: string): TypeError {
  return new TypeError(`Cannot use ${name}: expected ${expected}, got ${got}`);
}

/** How much is written at once. Progress is known only of whole writes. */
const PIECE_BYTES = 65_536;

/** Delivers what a stream of Node reads. */
export class NodeReader {
  readonly #readable: NodeReadable;
  readonly #delivery: Delivery;
  readonly #onEnd: () => void;
  /** What was read, and not delivered. */
  readonly #held: Uint8Array[] = [];
  /** What to tell behind what is held. */
  readonly #last: (() => void)[] = [];
  #opened = false;
  #paused = false;
  /** Whether Node delivers; otherwise what is held is delivered. */
  #flowing = true;
  /** How many chunks were read. */
  #chunks = 0;
  /** Is called by `resume`. */
  #onResume: (() => void) | undefined;

  /** @param onEnd Is called at the end, behind everything that was read. */
  constructor(readable: NodeReadable, delivery: Delivery, onEnd: () => void) {
    this.#readable = readable;
    this.#delivery = delivery;
    this.#onEnd = onEnd;
    readable.on("end", () => this.stop(onEnd));
  }

  open(): void {
    this.#opened = true;
    const readable = this.#readable;
    // The event was emitted before this transport was made.
    if (this.#flowing && readable.readableEnded) this.stop(this.#onEnd);
    if (!this.#flowing) return this.#deliverSoon();
    readable.on("data", this.#onData);
    if (this.#paused) readable.pause();
    else readable.resume();
  }

  pause(): void {
    this.#paused = true;
    if (this.#flowing) this.#readable.pause();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#opened) return;
    if (this.#flowing && this.#held.length === 0) this.#readable.resume();
    else this.#deliverSoon();
    const onResume = this.#onResume;
    this.#onResume = undefined;
    onResume?.();
  }

  /** Calls `run` when no more arrives. That is not known while delivery is paused. */
  whenQuiet(run: () => void): void {
    whenQuiet(() => this.#chunks, () => {
      if (this.#paused) this.#onResume = () => this.whenQuiet(run);
      else run();
    });
  }

  /** Reads no more; calls `last` when everything that was read is delivered. */
  stop(last: () => void): void {
    this.#last.push(last);
    this.#takeRead();
    if (this.#opened) this.#deliverSoon();
  }

  /**
   * Reads what is in the buffers of the system before the stream is destroyed. Node
   * destroys a stream when a write fails, and would lose what the peer sent before
   * it left.
   */
  readBeforeDestroy(): void {
    const readable = this.#readable;
    const { destroy } = readable;
    readable.destroy = (cause) => {
      whenQuiet(() => this.#chunks, () => destroy.call(readable, cause));
      return readable;
    };
    this.#takeRead();
    // Node would throw away what it reads after an error.
    readable.push = (chunk) => {
      this.#chunks++;
      if (chunk !== null) this.#held.push(viewOf(chunk));
      return true;
    };
    readable._read(PIECE_BYTES);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks++;
    // Node resumes the output of a child process when the process has exited.
    if (this.#paused) this.#held.push(viewOf(chunk));
    else this.#delivery.data(viewOf(chunk));
  };

  /** Takes what Node has read and not delivered. */
  #takeRead(): void {
    this.#flowing = false;
    const readable = this.#readable;
    readable.off("data", this.#onData); // read() would emit it as well
    readable.pause();
    let chunk: Uint8Array | null;
    while ((chunk = readable.read()) !== null) this.#held.push(viewOf(chunk));
  }

  #deliverSoon(): void {
    nextTask(() => this.#deliver());
  }

  #deliver(): void {
    while (!this.#paused && !this.#delivery.stopped) {
      const chunk = this.#held.shift();
      if (chunk !== undefined) {
        this.#delivery.data(chunk);
      } else if (this.#flowing) {
        this.#readable.resume();
        return;
      } else {
        const last = this.#last.shift();
        if (last === undefined) return;
        last();
      }
    }
  }
}

/** Writes to a stream of Node, one write at a time. */
export class NodeWriter {
  readonly #writable: NodeWritable;
  readonly #onFailure: () => void;
  #bytesTaken = 0;
  #failure: unknown;
  /** What has not been given to the stream yet of the write under way. */
  #rest: Uint8Array = new Uint8Array(0);
  /** The write, or the end, that is under way. */
  #pending: Deferred<void> | undefined;

  /**
   * @param onFailure Is called when a write has failed, before Node destroys the
   * stream.
   */
  constructor(writable: NodeWritable, onFailure: () => void) {
    this.#writable = writable;
    this.#onFailure = onFailure;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  /** Why it failed, where it did. */
  get failure(): unknown {
    return this.#failure;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length === 0 && this.#failure === undefined) return undefined;
    const { promise } = this.#begin();
    // A copy: the stream, or what it is piped to, may keep the chunk.
    this.#rest = bytes.slice();
    this.#writePiece();
    return promise;
  }

  end(): Promise<void> {
    const { promise } = this.#begin();
    if (this.#failure === undefined) {
      this.#writable.end((cause) => this.#called(cause));
    }
    return promise;
  }

  /** Resolves if everything was written: no write is under way. */
  flushed(): Promise<void> {
    const { promise, resolve } = this.#begin();
    resolve();
    return promise;
  }

  /** Rejects what is under way, and all calls to come. The first error counts. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#rest = new Uint8Array(0);
    this.#pending?.reject(this.#failure);
    this.#pending = undefined;
  }

  /** This side was released: all calls fail for that reason from now on. */
  release(): void {
    this.#failure = undefined;
    this.fail(closedError());
  }

  #begin(): Deferred<void> {
    const pending: Deferred<void> = deferred();
    if (this.#failure === undefined) this.#pending = pending;
    else pending.reject(this.#failure);
    return pending;
  }

  #writePiece(): void {
    if (this.#failure !== undefined) return;
    const piece = this.#rest.subarray(0, PIECE_BYTES);
    this.#rest = this.#rest.subarray(PIECE_BYTES);
    this.#writable.write(piece, (cause) => this.#called(cause, piece.length));
  }

  /** Node has done what it was asked to do. */
  #called(cause: Error | null | undefined, length = 0): void {
    if (this.#failure !== undefined) return;
    if (cause) {
      this.fail(writeError(cause));
      return this.#onFailure();
    }
    this.#bytesTaken += length;
    if (this.#rest.length > 0) return this.#writePiece();
    this.#pending?.resolve();
    this.#pending = undefined;
  }
}

/** The error of a write. A stream that is gone already was left by the peer. */
function writeError(cause: Error): unknown {
  const gone = "code" in cause && cause.code === "ERR_STREAM_DESTROYED";
  return gone ? resetError() : transferError(cause);
}

/** The bytes, which Node does not write to again, as a plain Uint8Array. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
