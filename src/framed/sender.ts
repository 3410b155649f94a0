import { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { FrameError } from "../codec/errors.ts";
import type { Encoder } from "../codec/types.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { ByteChannel } from "../net/socket.ts";
import { nextTask } from "../net/timer.ts";
import { iteratorOf, leave } from "./iterator.ts";

/** How much may wait to be sent. */
export interface SendLimits {
  /** From how many waiting bytes on `send` asks to be waited for. */
  readonly highWaterMark: number;
  /** From how many waiting bytes on `send` refuses. */
  readonly maxSendBuffer: number;
}

/** The most that is handed to the system at once, so that progress shows. */
const LARGEST_WRITE = 65_536;

/**
 * The sending half of framed bytes: gathers the frames that are sent together
 * and writes them once: when the receiver has handed out all that it had and
 * waits for more, and no later than the next task.
 */
export class FrameSender<In> {
  /** Whether the receiver will call `flush` before any other task. */
  held = false;
  /** How many writes have been finished: tells progress to a watchdog. */
  writes = 0;

  readonly #channel: ByteChannel;
  #encoder: Encoder<In>;
  readonly #limits: SendLimits;
  readonly #output = new ByteWriter();
  /** What was taken from the output and is being written. */
  #rest: Uint8Array = nothing;
  #writing: Promise<void> | undefined;
  #drained: Deferred<void> | undefined;
  #scheduled = false;
  /** Whether bytes are being sent that nothing may come between. */
  #sendingBytes = false;
  /** What has been encoded meanwhile for many at once. */
  readonly #behind: Uint8Array[] = [];
  #behindLength = 0;
  /** Why nothing more may be sent. */
  #refusal: unknown;
  /** Why nothing is written any more, not even what waits. */
  #failure: unknown;
  #onFailure: ((error: unknown) => void) | undefined;
  #encoderSwitched = false;

  constructor(channel: ByteChannel, encoder: Encoder<In>, limits: SendLimits) {
    this.#channel = channel;
    this.#encoder = encoder;
    this.#limits = limits;
  }

  /** How many bytes wait to be taken by the system. */
  get bufferedBytes(): number {
    return this.#output.length + this.#rest.length + this.#behindLength;
  }

  /** Whether a write is under way. */
  get writing(): boolean {
    return this.#writing !== undefined;
  }

  /** Whether what others have encoded can be sent. */
  get takesEncoded(): boolean {
    return this.#refusal === undefined && !this.#encoderSwitched;
  }

  /** Has what is sent from now on encoded by another codec. */
  switchEncoder(encoder: Encoder<In>): void {
    this.#encoder = encoder;
    this.#encoderSwitched = true;
  }

  send(frame: In): Promise<void> | undefined {
    if (this.#sendingBytes) {
      throw new TypeError("Cannot send a frame: bytes are being sent");
    }
    this.#checkRoom();
    const output = this.#output;
    const before = output.length;
    try {
      this.#encoder.encode(frame, output);
    } catch (error) {
      // What it has written by then would stand before the next frame.
      output.truncate(before);
      throw error;
    }
    return this.#gathered();
  }

  /**
   * Sends a frame that has been encoded already, for many at once: behind the
   * bytes that are being sent, if there are any.
   */
  sendEncoded(bytes: Uint8Array): Promise<void> | undefined {
    this.#checkRoom();
    if (!this.#sendingBytes) {
      this.#output.write(bytes);
      return this.#gathered();
    }
    this.#behind.push(bytes);
    this.#behindLength += bytes.length;
    return undefined;
  }

  /** Begins to send bytes as they are: nothing else can be sent until they are. */
  beginBytes(): void {
    if (this.#sendingBytes) {
      throw new TypeError("Cannot send bytes: others are being sent");
    }
    this.#checkRoom();
    this.#sendingBytes = true;
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
    const iterator = iteratorOf(source);
    let finished = false;
    try {
      let sent = 0;
      while (sent <= length) {
        const { done, value } = await this.#orFailure(iterator.next());
        if (done) {
          finished = true;
          break;
        }
        sent += value.length;
        if (sent > length) break;
        await this.flushed();
        // Not gathered: what is waited for anyway needs no copy.
        this.#rest = value;
        await this.flushed();
      }
      if (sent !== length) {
        throw new FrameError("LENGTH_INVALID", {
          reason: "The source does not have the length announced",
          expected: `${length} bytes`,
          got: sent < length ? `${sent} bytes` : "more",
        });
      }
    } finally {
      if (!finished) leave(iterator);
      this.#sendingBytes = false;
      this.#sendBehind();
    }
  }

  /**
   * Has what is gathered written in the next task: not at the end of this turn,
   * since `await send()` ends a turn each time.
   */
  schedule(): void {
    if (this.#scheduled || this.#output.length === 0) return;
    this.#scheduled = true;
    nextTask(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  /** Writes what is gathered now, unless a write is under way already. */
  flush(): void {
    while (this.#writing === undefined) {
      if (this.#rest.length === 0) {
        if (this.#output.length === 0) break;
        this.#rest = this.#output.take();
      }
      const bytes = this.#rest.subarray(0, LARGEST_WRITE);
      const written = this.#channel.write(bytes);
      if (written === undefined) this.#onWritten(bytes.length);
      else this.#writing = this.#wait(written, bytes.length);
    }
  }

  /** Waits until all that was sent has been written. */
  async flushed(): Promise<void> {
    this.flush();
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Refuses all that is still sent; what waits is written. */
  refuse(error: unknown): void {
    this.#refusal ??= error;
  }

  /** Refuses all that is still sent, and drops what waits. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#refusal ??= error;
    this.#output.take();
    this.#rest = nothing;
    this.#behind.length = this.#behindLength = 0;
    this.#drained?.reject(error);
    this.#onFailure?.(error);
  }

  /** Waits no longer than anything can be sent. */
  #orFailure<T>(waiting: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#onFailure = reject;
      waiting.then(resolve, reject);
    });
  }

  /** Sends what others have encoded while bytes were being sent. */
  #sendBehind(): void {
    for (const bytes of this.#behind) this.#output.write(bytes);
    this.#behind.length = this.#behindLength = 0;
    if (this.#output.length > 0) this.schedule();
  }

  #checkRoom(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    const { maxSendBuffer } = this.#limits;
    if (this.bufferedBytes > maxSendBuffer) {
      throw new NetError(
        "SEND_BUFFER_FULL",
        `Cannot send: ${this.bufferedBytes} bytes wait already, at most ${maxSendBuffer} may (maxSendBuffer); await send()`,
      );
    }
  }

  /** Has what was added to the output written, now or soon. */
  #gathered(): Promise<void> | undefined {
    const { highWaterMark } = this.#limits;
    if (this.#output.length > highWaterMark) this.flush();
    else if (!this.held) this.schedule();
    if (this.bufferedBytes <= highWaterMark) return undefined;
    this.#drained ??= handled(deferred<void>());
    return this.#drained.promise;
  }

  async #wait(written: Promise<void>, count: number): Promise<void> {
    try {
      await written;
    } catch (error) {
      this.#writing = undefined;
      this.fail(error);
      return;
    }
    this.#writing = undefined;
    this.#onWritten(count);
    this.flush();
  }

  #onWritten(count: number): void {
    this.writes++;
    this.#rest = this.#rest.subarray(count);
    if (
      this.#drained !== undefined &&
      this.bufferedBytes <= this.#limits.highWaterMark
    ) {
      this.#drained.resolve();
      this.#drained = undefined;
    }
  }
}

const nothing = new Uint8Array(0);

/** A rejection that nobody waits for must not end the process. */
function handled<T>(settler: Deferred<T>): Deferred<T> {
  settler.promise.catch(() => undefined);
  return settler;
}
