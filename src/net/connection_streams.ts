import { writeClosedError } from "./channel.ts";
import type { ChannelUser } from "./channel_user.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { endOfTurn } from "./adapters/end_of_turn.ts";
import type { CloseInfo } from "./types.ts";

/** The part of a {@linkcode Channel} that the streams of a connection use. */
export interface StreamedChannel {
  /** Stops `data`. A chunk that is being read may still arrive. */
  pause(): void;
  /** Resumes `data`. */
  resume(): void;
  /**
   * Writes all the bytes. Returns `undefined` if the system has taken them,
   * otherwise a promise that resolves when it has. Until then the bytes do not
   * change, and no other write begins.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Half-close. Not called while a write is under way. */
  closeWrite(): Promise<void>;
  /** Stops reading: the reader has cancelled. */
  cancelRead(): void;
  /** Ends the connection, which calls `closed`. Can be called again. */
  abort(reason: unknown): void;
}

/** The high-water mark of both streams, in bytes. */
const HIGH_WATER_MARK = 65_536;

/** The least length of a chunk that is written as it is instead of being copied. */
const LARGE_CHUNK = 16_384;

/**
 * The two Web Streams of a connection, made on demand.
 *
 * Chunks that are written in one turn of the event loop are gathered and handed to
 * the system once, at its end. A write is therefore done when its bytes have been
 * copied, not when the system has them; if handing them over fails later,
 * `writable` errors. `close` and `flushed` wait for the system, and so does the
 * write of a chunk that is too large to be copied.
 */
export class ConnectionStreams implements ChannelUser {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  readonly #channel: StreamedChannel;
  #reads!: ReadableStreamDefaultController<Uint8Array>;
  #writes!: WritableStreamDefaultController;
  #paused = false;
  /** Whether `readable` gets no more chunks. */
  #readOver = false;
  /** The error of `readable`, kept until the chunks before it have been read. */
  #readFailure: { readonly error: unknown } | undefined;
  /** Whether a reader waits for bytes that have not arrived. */
  #readWaiting = false;

  /** How many chunks are in the queue of `writable`, or are written uncopied. */
  #queued = 0;
  #gathered: Uint8Array = nothing;
  #gatheredLength = 0;
  /** The size of the next buffer: the length that the last one reached. */
  #capacity = 0;
  #scheduled = false;
  /** Resolves when the write under way has ended, also where it failed. */
  #writing: Deferred<void> | undefined;
  /** Whether the chunks in the queue of `writable` are dropped. */
  #writeOver = false;
  /** Whether this side is closed, so that writes reject. */
  #isRefusing = false;
  #aborted = false;
  #writeFailure: { readonly error: unknown } | undefined;
  /** Resolves when everything has been written. */
  #idle: Deferred<void> | undefined;

  /** Makes the streams over a channel. */
  constructor(channel: StreamedChannel) {
    this.#channel = channel;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#reads = controller;
      },
      pull: () => this.#pull(),
      cancel: () => {
        this.#readOver = true;
        channel.cancelRead();
      },
    }, {
      // With 0, `pull` is called only when a reader waits and the queue is empty.
      highWaterMark: 0,
      size: (chunk) => chunk.byteLength,
    });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writes = controller;
        // The stream calls `abort` of its sink only after the write under way, which
        // never ends while the peer does not read. The signal aborts at once.
        const { signal } = controller;
        signal.addEventListener("abort", () => this.#abort(signal.reason));
      },
      write: (chunk) => this.#write(chunk),
      close: async () => {
        this.#endQueue();
        await this.flushed();
        this.#throwFailure();
        await channel.closeWrite();
      },
    }, {
      highWaterMark: HIGH_WATER_MARK,
      // `size` is called once for each chunk, when it enters the queue.
      size: (chunk) => {
        if (!this.#writeOver) this.#queued++;
        return chunk instanceof Uint8Array ? chunk.byteLength : 0;
      },
    });
  }

  /** Adds bytes from the peer to `readable`. */
  data(chunk: Uint8Array): void {
    if (this.#readOver || chunk.length === 0) return;
    this.#readWaiting = false;
    this.#reads.enqueue(chunk);
    const unread = -(this.#reads.desiredSize ?? 0);
    if (unread >= HIGH_WATER_MARK && !this.#paused) {
      this.#paused = true;
      this.#channel.pause();
    }
  }

  /** Ends `readable`: the peer has closed its side. */
  end(): void {
    if (this.#readOver) return;
    this.#readOver = true;
    this.#reads.close();
  }

  /** Ends `readable`: the channel discards what still arrives. */
  cut(): void {
    this.end();
  }

  /** Ends or errors both streams with the connection. */
  closed({ error }: CloseInfo): void {
    if (error === undefined) this.#isRefusing = true;
    else this.#fail(error);
  }

  /** Waits until all accepted chunks are written, and refuses further ones. */
  async finish(): Promise<void> {
    const flushed = this.flushed();
    // Where nothing is queued, further writes are refused at once.
    this.#isRefusing = this.#isIdle();
    await flushed;
    this.#isRefusing = true;
    this.#throwFailure();
  }

  /** Errors both streams; `readable` only after the bytes that it holds. */
  #fail(error: unknown): void {
    this.#failWrite(error);
    if (this.#readOver) return;
    this.#readOver = true;
    this.#readFailure = { error };
    if (this.#readWaiting) this.#reads.error(error);
  }

  /**
   * Waits until all accepted chunks have been written, or writing has failed.
   * Never rejects.
   */
  flushed(): Promise<void> {
    if (this.#queued === 0) this.#flush();
    if (this.#isIdle()) return Promise.resolve();
    this.#idle ??= deferred<void>();
    return this.#idle.promise;
  }

  #pull(): void {
    if (this.#readFailure !== undefined) {
      this.#reads.error(this.#readFailure.error);
      return;
    }
    this.#readWaiting = true;
    if (this.#paused) {
      this.#paused = false;
      this.#channel.resume();
    }
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    if (!(chunk instanceof Uint8Array)) {
      this.#endQueue();
      throw new TypeError(
        `Cannot write to the connection: expected a Uint8Array, got ${typeof chunk}`,
      );
    }
    if (this.#isRefusing) {
      this.#endQueue();
      throw writeClosedError();
    }
    const { length } = chunk;
    if (length >= LARGE_CHUNK) return this.#writeLarge(chunk);
    this.#queued--;
    if (length > 0) this.#gather(chunk);
    const full = this.#gatheredLength >= HIGH_WATER_MARK;
    const last = this.#idle !== undefined && this.#queued === 0;
    if (full || last) this.#flush();
    else if (!this.#scheduled && length > 0) {
      this.#scheduled = true;
      endOfTurn(this.#onTask);
    }
    return this.#gatheredLength < HIGH_WATER_MARK ? undefined : this.#room();
  }

  /** Writes a chunk uncopied, and waits until the system has it. */
  async #writeLarge(chunk: Uint8Array): Promise<void> {
    this.#flush();
    await this.#written();
    this.#hand(chunk);
    await this.#written();
    this.#queued--;
    this.#settle();
  }

  /** Waits until fewer bytes than the high-water mark are gathered. */
  async #room(): Promise<void> {
    while (this.#gatheredLength >= HIGH_WATER_MARK) {
      await this.#writing?.promise;
    }
    this.#throwFailure();
  }

  /** Waits until no write to the channel is under way. */
  async #written(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.promise;
    this.#throwFailure();
  }

  /** Copies a chunk to the end of the gathered bytes. */
  #gather(chunk: Uint8Array): void {
    const start = this.#gatheredLength;
    const end = start + chunk.length;
    if (end > this.#gathered.length) {
      const grown = new Uint8Array(
        Math.max(end, 2 * this.#gathered.length, this.#capacity),
      );
      grown.set(this.#gathered.subarray(0, start));
      this.#gathered = grown;
    }
    this.#gathered.set(chunk, start);
    this.#gatheredLength = end;
  }

  readonly #onTask = (): void => {
    this.#scheduled = false;
    this.#flush();
  };

  /** Writes the gathered bytes, unless a write is under way. */
  #flush(): void {
    const length = this.#gatheredLength;
    if (this.#writing === undefined && length > 0) {
      const bytes = this.#gathered.subarray(0, length);
      this.#gathered = nothing;
      this.#gatheredLength = 0;
      this.#capacity = length;
      this.#hand(bytes);
    }
    this.#settle();
  }

  #hand(bytes: Uint8Array): void {
    const written = this.#channel.write(bytes);
    if (written === undefined) return;
    const writing = deferred<void>();
    written.then(() => {
      if (this.#writing !== writing) return;
      this.#writing = undefined;
      this.#flush();
      writing.resolve();
    }, (error) => this.#failWrite(error));
    // `Channel.write` may fail the streams before it returns.
    if (this.#writeFailure === undefined) this.#writing = writing;
  }

  #isIdle(): boolean {
    return this.#queued === 0 && this.#gatheredLength === 0 &&
      this.#writing === undefined;
  }

  /** Resolves the promise of `flushed` once everything is written. */
  #settle(): void {
    if (this.#idle === undefined || !this.#isIdle()) return;
    this.#idle.resolve();
    this.#idle = undefined;
  }

  /** Stops counting the queue of `writable`, whose chunks the stream drops. */
  #endQueue(): void {
    this.#writeOver = true;
    this.#queued = 0;
    this.#settle();
  }

  #failWrite(error: unknown): void {
    if (this.#writeFailure !== undefined) return;
    this.#writeFailure = { error };
    this.#gathered = nothing;
    this.#gatheredLength = 0;
    // After an abort the stream is errored already.
    if (!this.#aborted) this.#writes.error(error);
    this.#writing?.resolve();
    this.#writing = undefined;
    this.#endQueue();
  }

  #throwFailure(): void {
    if (this.#writeFailure !== undefined) throw this.#writeFailure.error;
  }

  #abort(reason: unknown): void {
    this.#aborted = true;
    // The writes of the gathered bytes are done as far as their writer knows.
    this.#flush();
    this.#channel.abort(reason);
    this.#failWrite(reason);
  }
}

const nothing: Uint8Array = new Uint8Array(0);
