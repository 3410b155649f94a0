import { release } from "../codec/bytes/buffer_pool.ts";
import { ByteWriter } from "../codec/bytes/byte_writer.ts";
import type { Encoder } from "../codec/types.ts";
import { endOfTurn } from "../net/adapters/end_of_turn.ts";
import { type Channel, writeClosedError } from "../net/channel.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { SentBody } from "./sent_body.ts";

/** The limits on the bytes that wait to be sent. */
export interface SendLimits {
  /** The number of bytes above which `send` returns a promise of room. */
  readonly highWaterMark: number;
  /** The number of bytes above which `send` throws. */
  readonly maxSendBuffer: number;
}

/** The most that is handed to the transport at once, so that progress shows. */
const LARGEST_WRITE = 262_144;

/**
 * From how many bytes on a frame is not copied into the gathered output, but
 * written from where it is. Its sender must leave it alone until it is written.
 */
const LEAST_LENT = 262_144;

/** From how many bytes on what is shared by many is queued and not copied. */
const LEAST_SHARED = 4_096;

/** What `sendEncoded` was given, which other connections may have as well. */
const shared = new WeakSet<Uint8Array>();

/**
 * The sending half of a link: gathers the frames that are sent together and
 * writes them once: when the receiver has handed out all that it had, and no
 * later than the end of the turn.
 *
 * Bytes wait in this order: `#current` is being written; `#queue` follows; what is
 * being gathered in `#output` comes last.
 */
export class Sender<In> {
  /** How many frames have been sent. */
  frames = 0;
  /** How many bytes the system has taken. */
  bytes = 0;
  /** Whether the receiver will call `flush` before any other task. */
  held = false;

  readonly #channel: Channel;
  #encoder: Encoder<In>;
  readonly #highWaterMark: number;
  readonly #maxSendBuffer: number;
  readonly #output = new ByteWriter(LEAST_LENT);
  #queue: Uint8Array[] | undefined;
  /** How many at the front of `#queue` have been taken. */
  #taken = 0;
  /** How many bytes wait behind `#current`. */
  #queuedBytes = 0;
  /** How many bytes wait in all, those in `#output` left out. */
  #waitingBytes = 0;
  /** How many of those are not copied, and may wait in other connections as well. */
  #sharedBytes = 0;
  #current: Uint8Array | undefined;
  /** The buffer of `#current`, where it came from `#output`. */
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #written = 0;
  #writing = false;
  #drained: Deferred<void> | undefined;
  #flushed: Deferred<void> | undefined;
  #scheduled = false;
  #onEndOfTurn: (() => void) | undefined;
  /** The body that is being sent, which no frame may interrupt. */
  #body: SentBody | undefined;
  /** Whether a frame of the program waits that has not been copied. */
  #lends = false;
  /** Whether nothing more may be sent. */
  #refuses = false;
  /** Why nothing may be sent for now. */
  #suspended: NetError | undefined;
  /** Why nothing is written any more, not even what waits. */
  #failure: unknown;

  constructor(channel: Channel, encoder: Encoder<In>, limits: SendLimits) {
    this.#channel = channel;
    this.#encoder = encoder;
    this.#highWaterMark = limits.highWaterMark;
    this.#maxSendBuffer = limits.maxSendBuffer;
  }

  /** How many bytes wait to be taken by the system. */
  get bufferedBytes(): number {
    return this.#output.length + this.#waitingBytes;
  }

  /** How many of those may be the same as wait in other connections. */
  get sharedBytes(): number {
    return this.#sharedBytes;
  }

  /** Why nothing is written any more, where that is so. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether a frame can be sent now. */
  get takesFrames(): boolean {
    return !this.#refuses && this.#body === undefined;
  }

  /** Whether a write is under way. */
  get writing(): boolean {
    return this.#writing;
  }

  /** Has what is sent from now on encoded by another codec. */
  switchEncoder(encoder: Encoder<In>): void {
    this.#encoder = encoder;
  }

  send(frame: In): Promise<void> | undefined {
    if (this.#refuses) throw this.#refusal();
    if (this.#body !== undefined) {
      throw new TypeError("Cannot send a frame: bytes are being sent");
    }
    const output = this.#output;
    const before = output.length;
    if (before + this.#waitingBytes > this.#maxSendBuffer) this.#refuseMore();
    try {
      this.#encoder.encode(frame, output);
    } catch (error) {
      output.truncate(before);
      throw error;
    }
    this.frames++;
    const { length } = output;
    // The short way of nearly all frames: somebody will flush, and there is room.
    if (
      (this.held || this.#scheduled) && this.#waitingBytes === 0 &&
      length <= this.#highWaterMark && length < LEAST_LENT
    ) return undefined;
    if (length >= LEAST_LENT) this.#lend();
    return this.#gathered();
  }

  /** Has a large frame written from where it is. */
  #lend(): void {
    const lent = this.#output.takeTail();
    if (lent === undefined) return;
    this.#seal();
    this.#enqueue(lent);
    this.#lends = true;
    this.flush();
  }

  /** Sends bytes that are whole frames, which are never written to again. */
  sendEncoded(bytes: Uint8Array): Promise<void> | undefined {
    this.#checkOpen();
    this.frames++;
    const body = this.#body;
    if (body !== undefined) {
      body.hold(bytes);
      this.#waitingBytes += bytes.length;
      return undefined;
    }
    this.#add(bytes);
    return this.#gathered();
  }

  /** Begins to send bytes as they are: nothing else can be sent until they are. */
  beginBytes(): void {
    if (this.#body !== undefined) {
      throw new TypeError("Cannot send bytes: others are being sent");
    }
    this.#checkOpen();
    this.#body = new SentBody();
  }

  /**
   * Sends exactly `length` bytes, after `beginBytes`.
   *
   * @throws {FrameError} If the source has fewer bytes, or more.
   */
  async sendBytes(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    length: number,
  ): Promise<void> {
    const body = this.#body!;
    try {
      await body.send(source, length, (bytes) => {
        // Not gathered: what is waited for anyway needs no copy.
        this.#seal();
        this.#enqueue(bytes);
        return this.flushed();
      });
    } finally {
      this.#endBody(body);
    }
  }

  /**
   * Has what is gathered written at the end of this turn of the event loop, and not
   * in a microtask: `await send()` in a loop is then written once.
   */
  schedule(): void {
    if (this.#scheduled || this.#output.length + this.#queuedBytes === 0) {
      return;
    }
    this.#scheduled = true;
    endOfTurn(
      this.#onEndOfTurn ??= () => {
        this.#scheduled = false;
        this.flush();
      },
    );
  }

  /** Writes what waits, unless a write is under way already. */
  flush(): void {
    while (!this.#writing) {
      let bytes = this.#current ?? this.#next();
      if (bytes === undefined) return;
      const whole = this.#written === 0 && bytes.length <= LARGEST_WRITE;
      if (!whole) {
        bytes = bytes.subarray(this.#written, this.#written + LARGEST_WRITE);
      }
      const written = this.#channel.write(bytes);
      if (written === undefined) this.#onWritten(bytes.length);
      else {
        this.#writing = true;
        const { length } = bytes;
        written.then(() => {
          this.#writing = false;
          this.#onWritten(length);
          this.flush();
        }, (error) => {
          this.#writing = false;
          this.fail(error);
        });
      }
    }
  }

  /** Waits until all that was sent has been written. */
  flushed(): Promise<void> {
    this.flush();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (!this.#writing) return Promise.resolve();
    this.#flushed ??= handled(deferred<void>());
    return this.#flushed.promise;
  }

  /** Takes nothing more, and settles when all that was sent is written. */
  finish(): Promise<void> {
    this.#refuses = true;
    this.#suspended = undefined;
    const ended = this.#body?.ended.promise;
    return ended === undefined
      ? this.flushed()
      : ended.then(() => this.flushed());
  }

  /**
   * Refuses what is sent until the function that is returned is called.
   *
   * @throws {TypeError} If a body is being sent.
   */
  suspend(reason: NetError): () => void {
    if (this.#refuses) throw this.#refusal();
    if (this.#body !== undefined) {
      throw new TypeError(`${reason.message}, and bytes are being sent`);
    }
    this.#refuses = true;
    this.#suspended = reason;
    return () => {
      if (this.#suspended !== reason) return;
      this.#suspended = undefined;
      this.#refuses = false;
    };
  }

  /** The connection has ended in good order. */
  end(): void {
    this.#refuses = true;
    this.#suspended = undefined;
    if (this.#waitingBytes > 0 || this.#body !== undefined) {
      this.fail(writeClosedError());
    }
  }

  /** Refuses all that is still sent, and drops what waits. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#refuses = true;
    this.#suspended = undefined;
    this.#output.takeBuffer();
    this.#queue = undefined;
    this.#taken = this.#written = 0;
    this.#queuedBytes = this.#waitingBytes = this.#sharedBytes = 0;
    this.#current = this.#buffer = undefined;
    this.#drained?.reject(error);
    this.#flushed?.reject(error);
    this.#body?.fail(error);
  }

  /** A body has been sent, or has failed: what came meanwhile follows. */
  #endBody(body: SentBody): void {
    this.#body = undefined;
    this.#seal();
    this.#waitingBytes -= body.behindBytes;
    for (const bytes of body.behind) this.#share(bytes);
    body.ended.resolve();
    this.schedule();
  }

  /** Refuses what is sent after the end, and what there is no room for. */
  #checkOpen(): void {
    if (this.#refuses) throw this.#refusal();
    if (this.bufferedBytes > this.#maxSendBuffer) this.#refuseMore();
  }

  /** Made when it is thrown: most connections end without. */
  #refusal(): unknown {
    return this.#failure ?? this.#suspended ?? writeClosedError();
  }

  #refuseMore(): never {
    throw new NetError(
      "SEND_BUFFER_FULL",
      `Cannot send: ${this.bufferedBytes} bytes wait already, at most ${this.#maxSendBuffer} may (maxSendBuffer); await send()`,
      { limit: "maxSendBuffer" },
    );
  }

  /** Adds bytes that are shared with others: by reference where they must wait. */
  #add(bytes: Uint8Array): void {
    if (bytes.length < LEAST_SHARED && !this.#writing) {
      this.#output.write(bytes);
      return;
    }
    this.#seal();
    this.#share(bytes);
  }

  #share(bytes: Uint8Array): void {
    shared.add(bytes);
    this.#sharedBytes += bytes.length;
    this.#enqueue(bytes);
  }

  /** Moves what has been gathered into the queue. */
  #seal(): void {
    if (this.#output.length > 0) this.#enqueue(this.#output.take());
  }

  #enqueue(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    (this.#queue ??= []).push(bytes);
    this.#queuedBytes += bytes.length;
    this.#waitingBytes += bytes.length;
  }

  /** Takes the bytes that are to be written next. */
  #next(): Uint8Array | undefined {
    if (this.#queuedBytes > 0) {
      const bytes = this.#queue![this.#taken++]!;
      this.#queuedBytes -= bytes.length;
      if (this.#queuedBytes === 0) {
        this.#queue = undefined;
        this.#taken = 0;
      }
      this.#current = bytes;
    } else if (this.#output.length > 0) {
      const { length } = this.#output;
      this.#waitingBytes += length;
      this.#buffer = this.#output.takeBuffer();
      this.#current = this.#buffer.subarray(0, length);
    }
    return this.#current;
  }

  /** Has what was added to the output written, now or soon. */
  #gathered(): Promise<void> | undefined {
    const highWaterMark = this.#highWaterMark;
    const gathered = this.#output.length + this.#queuedBytes;
    if (this.held) {
      if (gathered > LARGEST_WRITE) this.flush();
    } else if (gathered > highWaterMark) this.flush();
    else this.schedule();
    if (!this.#writing) return undefined;
    if (!this.#lends && this.bufferedBytes <= highWaterMark) return undefined;
    this.#drained ??= handled(deferred<void>());
    return this.#drained.promise;
  }

  #onWritten(count: number): void {
    this.bytes += count;
    const current = this.#current;
    // Where the link has failed meanwhile, nothing is left.
    if (current === undefined) return;
    this.#written += count;
    this.#waitingBytes -= count;
    if (this.#written === current.length) {
      if (this.#buffer !== undefined) release(this.#buffer, current.length);
      else if (this.#sharedBytes > 0 && shared.has(current)) {
        this.#sharedBytes -= current.length;
      }
      this.#current = this.#buffer = undefined;
      this.#written = 0;
    }
    if (this.#queuedBytes === 0 && this.#current === undefined) {
      this.#lends = false;
    }
    if (
      this.#drained !== undefined && !this.#lends &&
      this.bufferedBytes <= this.#highWaterMark
    ) {
      this.#drained.resolve();
      this.#drained = undefined;
    }
    // What waits behind the bytes of `sendBytes` is sent when those have been.
    if (
      this.#flushed !== undefined &&
      this.bufferedBytes === (this.#body?.behindBytes ?? 0)
    ) {
      this.#flushed.resolve();
      this.#flushed = undefined;
    }
  }
}

/** Marks a promise as handled: a rejection that is not awaited must not end the process. */
function handled<T>(settler: Deferred<T>): Deferred<T> {
  settler.promise.catch(() => undefined);
  return settler;
}
