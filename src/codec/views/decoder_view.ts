import { addOffset } from "../errors.ts";
import type { Decoder } from "../types.ts";

/**
 * A decoder that makes its frames from those of another one. It adds what is the
 * same for every view: errors stay, and everything but the frames is the other
 * decoder's.
 */
export abstract class DecoderView<Inner, Out> implements Decoder<Out> {
  protected readonly inner: Decoder<Inner>;
  /** Whether the stream has ended. */
  protected ended = false;
  #failure: unknown;

  constructor(inner: Decoder<Inner>) {
    this.inner = inner;
  }

  /** Returns the next frame, as `next` does. What it throws ends the stream. */
  protected abstract read(): Out | undefined;

  get bufferedBytes(): number {
    return this.inner.bufferedBytes;
  }

  get pendingBytes(): number {
    return this.inner.pendingBytes;
  }

  get frameOffset(): number {
    return this.inner.frameOffset;
  }

  push(chunk: Uint8Array): void {
    // No frame follows a failure. The other decoder refuses chunks after the end.
    if (this.#failure === undefined || this.ended) this.inner.push(chunk);
  }

  next(): Out | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.read();
    } catch (error) {
      addOffset(error, this.inner.frameOffset);
      this.#failure = error;
      throw error;
    }
  }

  end(): void {
    this.ended = true;
    this.inner.end();
  }

  takeUnread(atMost?: number): Uint8Array {
    return this.inner.takeUnread(atMost);
  }
}

/** The error for a codec whose decoder does not read the input that it is given. */
export function inputIgnored(name: string): TypeError {
  return new TypeError(
    `Cannot use ${name}: expected a decoder that reads the input that it is given`,
  );
}

/** The error for a frame of `undefined`: it would look like none. */
export function madeNothing(maker: string): TypeError {
  return new TypeError(
    `Cannot hand out a frame: ${maker} returned undefined`,
  );
}
