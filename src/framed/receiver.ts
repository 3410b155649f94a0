import { FrameError } from "../codec/errors.ts";
import type { Decoder } from "../codec/types.ts";
import { deferred } from "../net/deferred.ts";
import type { ByteChannel } from "../net/socket.ts";
import type { FrameSender } from "./sender.ts";

/** How long what has arrived may take to be read once it is to stop. */
const LATE_MS = 20;
/** How many chunks are read then: a peer that goes on sending must not hold it. */
const LATE_CHUNKS = 64;

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
  /** Whether something is being done for the peer while it is read from. */
  busy = false;

  readonly #channel: ByteChannel;
  #decoder: Decoder<Out>;
  readonly #sender: FrameSender<never>;
  /** Whether no more chunks are to be read. */
  #ended = false;
  /** Whether nothing is waited for any more. */
  #stopping = false;
  #lateChunks = 0;
  /** Whether the peer will send nothing more. */
  #atEnd = false;
  /** Why no more frames can come, where the decoder does not know. */
  #failure: unknown;
  /** Settles when what was asked for last has come. */
  #receiving: Promise<unknown> | undefined;
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
  get pendingBytes(): number {
    return this.#decoder.pendingBytes;
  }

  receive(): Promise<Out | undefined> {
    const before = this.#receiving;
    if (before !== undefined) {
      const receive = () => this.#receive();
      return this.#hold(before.then(receive, receive));
    }
    try {
      const frame = this.#next();
      if (frame !== undefined) return Promise.resolve(frame);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#hold(this.#receive());
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    if (this.#receiving === undefined) {
      try {
        const value = this.#next();
        if (value !== undefined) return Promise.resolve({ done: false, value });
      } catch (error) {
        return Promise.reject(error);
      }
    }
    return this.receive().then((value) =>
      value === undefined
        ? { done: true, value: undefined }
        : { done: false, value }
    );
  }

  async forEach(handle: (frame: Out) => unknown): Promise<void> {
    const sender = this.#sender;
    // Those who have asked before come first.
    while (this.#receiving !== undefined) await settled(this.#receiving);
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
          while (this.#receiving !== undefined) await settled(this.#receiving);
          sender.held = true;
        }
      } catch (error) {
        sender.schedule();
        throw error;
      } finally {
        sender.held = false;
      }
    } while (await this.#hold(this.#fill()));
  }

  /** Has what comes after the last frame handed out decoded by another codec. */
  switchDecoder(decoder: Decoder<Out>): void {
    const unread = this.#decoder.takeUnread();
    this.#decoder = decoder;
    decoder.push(unread);
    if (this.#atEnd) decoder.end();
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
    const turn = deferred<void>();
    this.#receiving = turn.promise;
    const finish = () => {
      // Otherwise somebody else waits already for this to end.
      if (this.#receiving === turn.promise) this.#receiving = undefined;
      turn.resolve();
    };
    let left = length;
    let cancelled = false;
    let taking: Promise<Uint8Array> | undefined;
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
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const bytes = await (taking = take());
        // Then they are passed over.
        if (cancelled) return;
        controller.enqueue(bytes);
        if (left > 0) return;
        controller.close();
        finish();
      },
      async cancel() {
        cancelled = true;
        // One at a time: each takes what the one before has left.
        await taking;
        while (left > 0) await take();
        finish();
      },
    }, { highWaterMark: 0 });
  }

  /** Ends the stream of frames after those that have arrived already. */
  stop(): void {
    this.#stopping = true;
    this.#stopWaiting?.();
  }

  /** Has all that is asked for later wait. */
  #hold<T>(turn: Promise<T>): Promise<T> {
    this.#receiving = turn;
    const clear = () => {
      if (this.#receiving === turn) this.#receiving = undefined;
    };
    turn.then(clear, clear);
    return turn;
  }

  async #receive(): Promise<Out | undefined> {
    do {
      const frame = this.#next();
      if (frame !== undefined) return frame;
    } while (await this.#fill());
    return undefined;
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
    if (chunk === undefined) {
      this.#ended = true;
      return false;
    }
    if (chunk === null) {
      this.#ended = this.#atEnd = true;
      this.#decoder.end();
    } else {
      this.chunks++;
      this.#decoder.push(chunk);
    }
    return true;
  }

  /** Reads a chunk: `null` at the end, `undefined` when it is to stop. */
  #read(): Promise<Uint8Array | null | undefined> {
    return new Promise((resolve, reject) => {
      let late: ReturnType<typeof setTimeout> | undefined;
      const settle = (chunk: Uint8Array | null | undefined) => {
        clearTimeout(late);
        this.#stopWaiting = undefined;
        resolve(chunk);
      };
      if (this.#stopping) {
        if (this.#lateChunks++ === LATE_CHUNKS) return settle(undefined);
        late = setTimeout(() => settle(undefined), LATE_MS);
      }
      this.#stopWaiting = () => settle(undefined);
      this.#channel.read().then(settle, (error) => {
        clearTimeout(late);
        this.#stopWaiting = undefined;
        reject(error);
      });
    });
  }
}

async function settled(turn: Promise<unknown>): Promise<void> {
  await turn.catch(() => undefined);
}
