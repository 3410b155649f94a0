import { FrameError } from "../codec/errors.ts";
import type { Decoder } from "../codec/types.ts";
import { deferred } from "../net/deferred.ts";
import type { ByteChannel } from "../net/socket.ts";
import type { FrameSender } from "./sender.ts";

/**
 * The receiving half of framed bytes: hands out the frames of the chunk that it
 * holds, and reads the next chunk when they are used up. What was sent
 * meanwhile is written then, all at once.
 */
export class FrameReceiver<Out> {
  /** How many frames have been handed out: tells progress to a watchdog. */
  frames = 0;
  /** How many chunks have been read. */
  chunks = 0;

  readonly #channel: ByteChannel;
  #decoder: Decoder<Out>;
  readonly #sender: FrameSender<never>;
  /** Whether no more chunks are to be read. */
  #ended = false;
  /** Why no more frames can come, where the decoder does not know. */
  #failure: unknown;
  /** Settles when the next frame's turn has come. */
  #receiving: Promise<Out | undefined> | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(
    channel: ByteChannel,
    decoder: Decoder<Out>,
    sender: FrameSender<never>,
  ) {
    this.#channel = channel;
    this.#decoder = decoder;
    this.#sender = sender;
  }

  /** Whether it waits for the peer: nothing else is going on then. */
  get waiting(): boolean {
    return this.#stopWaiting !== undefined;
  }

  /** How many bytes of a frame have arrived that is not whole yet. */
  get bufferedBytes(): number {
    return this.#decoder.bufferedBytes;
  }

  receive(): Promise<Out | undefined> {
    if (this.#receiving !== undefined) {
      const next = () => this.receive();
      return this.#receiving.then(next, next);
    }
    try {
      const frame = this.#next();
      if (frame !== undefined) return Promise.resolve(frame);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#receiving = this.#receive();
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    if (this.#receiving === undefined) {
      const value = this.#next();
      if (value !== undefined) return Promise.resolve({ done: false, value });
    }
    return this.receive().then((value) =>
      value === undefined
        ? { done: true, value: undefined }
        : { done: false, value }
    );
  }

  async forEach(handle: (frame: Out) => unknown): Promise<void> {
    const sender = this.#sender;
    do {
      sender.held = true;
      try {
        for (
          let frame = this.#next();
          frame !== undefined;
          frame = this.#next()
        ) {
          const result = handle(frame) ?? this.#receiving;
          if (result === undefined) continue;
          sender.held = false;
          sender.schedule();
          await result;
          await this.#receiving;
          sender.held = true;
        }
      } catch (error) {
        sender.schedule();
        throw error;
      } finally {
        sender.held = false;
      }
    } while (await this.#fill());
  }

  /** Has what comes after the last frame handed out decoded by another codec. */
  switchDecoder(decoder: Decoder<Out>): void {
    const unread = this.#decoder.takeUnread();
    this.#decoder = decoder;
    decoder.push(unread);
  }

  /**
   * The next `length` bytes as they arrive, as they are. Frames behind them wait
   * until they have been read, or passed over because the stream was cancelled.
   */
  receiveBytes(length: number): ReadableStream<Uint8Array> {
    if (this.#receiving !== undefined) {
      throw new TypeError("Cannot receive bytes: a frame is being waited for");
    }
    if (length === 0) return new Blob().stream();
    let left = length;
    const turn = deferred<undefined>();
    const finish = () => {
      this.#receiving = undefined;
      turn.resolve(undefined);
    };
    const take = async (): Promise<Uint8Array> => {
      try {
        const bytes = await this.#takeBytes(left, length);
        left -= bytes.length;
        return bytes;
      } catch (error) {
        this.#failure ??= error;
        finish();
        throw error;
      }
    };
    this.#receiving = turn.promise;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (left > 0) controller.enqueue(await take());
        if (left > 0) return;
        controller.close();
        finish();
      },
      async cancel() {
        while (left > 0) await take();
        finish();
      },
    }, { highWaterMark: 0 });
  }

  /** Ends the stream of frames after those that have arrived already. */
  stop(): void {
    this.#ended = true;
    this.#stopWaiting?.();
  }

  async #receive(): Promise<Out | undefined> {
    try {
      while (await this.#fill()) {
        const frame = this.#next();
        if (frame !== undefined) return frame;
      }
      return undefined;
    } finally {
      this.#receiving = undefined;
    }
  }

  #next(): Out | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    const frame = this.#decoder.next();
    if (frame !== undefined) this.frames++;
    return frame;
  }

  /** Takes up to `left` of the next bytes, at least one. */
  async #takeBytes(left: number, length: number): Promise<Uint8Array> {
    while (true) {
      const bytes = this.#decoder.takeUnread(left);
      if (bytes.length > 0) return bytes;
      if (await this.#fill()) continue;
      throw new FrameError("FRAME_TRUNCATED", {
        reason: "The stream ended inside a frame",
        offset: this.#decoder.frameOffset,
        expected: `${length} bytes`,
        got: `${length - left} bytes`,
      });
    }
  }

  /** Reads the next chunk into the decoder; `false` when there is none. */
  async #fill(): Promise<boolean> {
    this.#sender.flush();
    if (this.#ended) return false;
    const chunk = await this.#read();
    if (this.#ended) return false;
    if (chunk === null) {
      this.#ended = true;
      this.#decoder.end();
    } else {
      this.chunks++;
      this.#decoder.push(chunk);
    }
    return true;
  }

  /** Reads a chunk; `null` also when told to stop waiting for it. */
  #read(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      const settle = (chunk: Uint8Array | null) => {
        this.#stopWaiting = undefined;
        resolve(chunk);
      };
      this.#stopWaiting = () => settle(null);
      this.#channel.read().then(settle, (error) => {
        this.#stopWaiting = undefined;
        reject(error);
      });
    });
  }
}
