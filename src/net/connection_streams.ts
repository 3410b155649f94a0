import type { ByteChannel } from "./socket.ts";

/** What the streams of a connection need of it. */
export interface StreamedChannel extends ByteChannel {
  /** Says that nobody will read any more. */
  cancelRead(): void;
  abort(reason: unknown): void;
}

/** The two Web Streams of a connection, made when first asked for. */
export class ConnectionStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  #readableController!: ReadableStreamDefaultController<Uint8Array>;
  #writableController!: WritableStreamDefaultController;
  /** Settles, without an error, with the write that is under way. */
  #writing: Promise<void> | undefined;

  /** Makes the streams over a channel. */
  constructor(channel: StreamedChannel) {
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#readableController = controller;
      },
      pull: async (controller) => {
        const chunk = await channel.read();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => channel.cancelRead(),
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writableController = controller;
      },
      write: (chunk) => this.#write(channel, chunk),
      close: () => channel.closeWrite(),
      abort: (reason) => channel.abort(reason),
    });
  }

  /** Waits until all that was given to `writable` has been written. */
  async flushed(): Promise<void> {
    // A stream hands on its next chunk in microtasks: when a whole task has
    // gone by and no write is under way, its queue is empty.
    do {
      await this.#writing;
      await new Promise((resolve) => setTimeout(resolve, 0));
    } while (this.#writing !== undefined);
  }

  /** Makes both streams fail. */
  fail(error: unknown): void {
    this.#readableController.error(error);
    this.#writableController.error(error);
  }

  #write(channel: ByteChannel, chunk: Uint8Array): Promise<void> | undefined {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot write to the connection: expected a Uint8Array, got ${typeof chunk}`,
      );
    }
    const written = channel.write(chunk);
    const settle = () => {
      this.#writing = undefined;
    };
    this.#writing = written?.then(settle, settle);
    return written;
  }
}
