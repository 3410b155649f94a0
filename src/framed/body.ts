import { FrameError } from "../codec/errors.ts";
import type { Decoder } from "../codec/types.ts";

/** The part of the receiver that a body uses. */
export interface BodySource {
  /** Asks for bytes. The receiver calls `Body.take` when some have arrived. */
  wake(): void;
}

/**
 * The body of a frame, as the stream that `receiveBytes` returns. The frames behind
 * it wait until it is done: it was read, it failed, or its stream was cancelled and
 * its bytes were skipped.
 */
export class Body {
  readonly stream: ReadableStream<Uint8Array>;
  readonly length: number;
  /** How many bytes are still to come. */
  left: number;
  /** Whether the reader of the stream waits for bytes. */
  wanting = false;

  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #cancelled = false;
  #settle: (() => void) | undefined;

  constructor(length: number, source: BodySource) {
    this.length = this.left = length;
    const ask = () =>
      new Promise<void>((resolve) => {
        this.#settle?.();
        this.#settle = resolve;
        this.wanting = true;
        source.wake();
      });
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
        if (length === 0) controller.close();
      },
      pull: ask,
      cancel: () => {
        if (this.left === 0) return;
        this.#cancelled = true;
        return ask();
      },
    }, { highWaterMark: 0 });
  }

  /** Takes the bytes that have arrived; `false` if there are none. */
  take(decoder: Decoder<unknown>): boolean {
    const bytes = decoder.takeUnread(this.left);
    if (bytes.length === 0) return false;
    this.left -= bytes.length;
    if (!this.#cancelled) {
      this.#controller.enqueue(bytes);
      if (this.left === 0) this.#controller.close();
      this.#answer();
    } else if (this.left === 0) this.#answer();
    return true;
  }

  /** The error of a body whose end is missing: only so many more bytes have come. */
  truncated(offset: number, came: number): FrameError {
    return new FrameError("FRAME_TRUNCATED", {
      reason: "The stream ended inside a frame",
      offset,
      expected: `${this.length} bytes`,
      got: `${this.length - this.left + came} bytes`,
    });
  }

  /** Errors the stream. */
  fail(error: unknown): void {
    if (!this.#cancelled) this.#controller.error(error);
    this.left = 0;
    this.#answer();
  }

  #answer(): void {
    this.wanting = false;
    this.#settle?.();
    this.#settle = undefined;
  }
}
