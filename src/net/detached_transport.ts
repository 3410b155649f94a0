import type { Address } from "./address.ts";
import type { ChannelUser } from "./channel_user.ts";
import type { TlsInfo } from "./tls_types.ts";
import type { Transport, TransportSink } from "./transport.ts";

/** What is used of a channel. */
export interface DetachableChannel extends Omit<Transport, "open" | "close"> {
  use(user: ChannelUser): void;
  /** Closes the transport without waiting for the peer. */
  release(): void;
}

/** A channel without a user, as the transport that its next owner opens. */
export class DetachedTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  #paused = false;
  readonly #channel: DetachableChannel;

  /** Takes the channel, which has lost its user. */
  constructor(channel: DetachableChannel) {
    this.#channel = channel;
    this.localAddress = channel.localAddress;
    this.remoteAddress = channel.remoteAddress;
  }

  get tls(): TlsInfo | undefined {
    return this.#channel.tls;
  }

  get bytesTaken(): number {
    return this.#channel.bytesTaken;
  }

  open(sink: TransportSink): void {
    // The sink must not be called before `open` has returned.
    queueMicrotask(() => {
      this.#channel.use({
        data: (chunk) => sink.data(chunk),
        end: () => sink.end(),
        cut: () => undefined,
        closed: ({ by, error }) => {
          // A clean end is none of the transport's failures.
          if (by !== "local" && error !== undefined) sink.fail(error);
        },
        finish: () => Promise.resolve(),
      });
      // A channel resumes when it gets its user.
      if (this.#paused) this.#channel.pause();
    });
  }

  pause(): void {
    this.#paused = true;
    this.#channel.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#channel.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.#channel.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#channel.closeWrite();
  }

  close(): void {
    this.#channel.release();
  }

  abort(): void {
    this.#channel.abort();
  }
}
