import type { Decoder } from "../codec/types.ts";
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
  readonly #decoder: Decoder<Out>;
  readonly #sender: FrameSender<never>;
  #ended = false;
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
          const result = handle(frame);
          if (result === undefined) continue;
          sender.held = false;
          sender.schedule();
          await result;
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
    const frame = this.#decoder.next();
    if (frame !== undefined) this.frames++;
    return frame;
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
