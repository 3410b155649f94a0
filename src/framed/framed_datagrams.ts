import type { Codec } from "../codec/types.ts";
import type { UdpAddress } from "../net/address.ts";
import type {
  DatagramSocket,
  ReceiveOptions,
  UdpAddressLike,
} from "../net/datagram.ts";
import type { CloseInfo } from "../net/types.ts";

/** A frame, and who sent it. */
export interface FramedDatagram<Out> {
  /** The frame. */
  readonly frame: Out;
  /** Who sent it, as far as that can be known: senders can lie about it. */
  readonly from: UdpAddress;
}

/** Options of {@linkcode framedDatagrams}. */
export interface FramedDatagramOptions {
  /**
   * Is told of every datagram that is not made of whole frames, with the
   * `FrameError` and its sender. By default they are counted only: anyone can
   * send anything.
   */
  onError?: (error: unknown, from: UdpAddress) => void;
}

/**
 * Frames in datagrams, made by {@linkcode framedDatagrams}. It is an async
 * iterable of the frames that come in; leaving the loop closes nothing and leaves
 * the rest unread, for a later one.
 *
 * @typeParam In What is sent.
 * @typeParam Out What is received.
 */
export class FramedDatagrams<In, Out = In>
  implements AsyncIterable<FramedDatagram<Out>>, AsyncDisposable {
  readonly #socket: DatagramSocket;
  readonly #codec: Codec<In, Out>;
  readonly #onError: FramedDatagramOptions["onError"];
  /** The frames of the last datagram that nobody has received yet. */
  #frames: FramedDatagram<Out>[] = [];
  #receiving = false;
  #rejected = 0;

  /** Use {@linkcode framedDatagrams}. */
  constructor(
    socket: DatagramSocket,
    codec: Codec<In, Out>,
    options: FramedDatagramOptions,
  ) {
    this.#socket = socket;
    this.#codec = codec;
    this.#onError = options.onError;
  }

  /** Where the socket is: with the port that was really taken. */
  get address(): UdpAddress {
    return this.#socket.address;
  }

  /** Settles once when the socket has been closed, and never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#socket.closed;
  }

  /** How many datagrams were dropped because there was no room for them. */
  get dropped(): number {
    return this.#socket.dropped;
  }

  /** How many datagrams were not made of whole frames. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Sends a frame, in a datagram of its own.
   *
   * @param frame The frame.
   * @param to Where to.
   * @throws {FrameError} If the format cannot carry the frame.
   * @throws {NetError} `MESSAGE_TOO_LARGE` if no datagram can carry it; and as
   * {@linkcode DatagramSocket.send} does.
   */
  async send(frame: In, to: UdpAddressLike): Promise<void> {
    await this.#socket.send(this.#codec.encode(frame), to);
  }

  /**
   * Receives the next frame: one call at a time.
   *
   * @param options What stops the waiting.
   * @returns The frame, or `undefined` when the socket has been closed.
   * @throws {TypeError} If a frame is being waited for already.
   */
  async receive(
    options?: ReceiveOptions,
  ): Promise<FramedDatagram<Out> | undefined> {
    if (this.#receiving) {
      throw new TypeError(
        "Cannot receive: a frame is being waited for already",
      );
    }
    this.#receiving = true;
    try {
      while (this.#frames.length === 0) {
        const datagram = await this.#socket.receive(options);
        if (datagram === undefined) return undefined;
        const { data, from } = datagram;
        this.#frames = this.#decode(data, from)
          .map((frame) => ({ frame, from }));
      }
      return this.#frames.shift();
    } finally {
      this.#receiving = false;
    }
  }

  /** The frames that come in. */
  [Symbol.asyncIterator](): AsyncIterator<
    FramedDatagram<Out>,
    undefined,
    void
  > {
    return {
      next: async () => {
        const value = await this.receive();
        return value === undefined
          ? { done: true, value }
          : { done: false, value };
      },
    };
  }

  /** Closes the socket, when all that is being sent has been. */
  close(): Promise<void> {
    return this.#socket.close();
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #decode(data: Uint8Array, from: UdpAddress): readonly Out[] {
    try {
      return this.#codec.decode(data);
    } catch (error) {
      this.#rejected++;
      this.#onError?.(error, from);
      return [];
    }
  }
}

/**
 * Puts a frame format on a datagram socket. A datagram is a whole input: it can
 * have several frames, and where one of them is cut or wrong, the datagram is
 * passed over as a whole and the next is not touched by it. The socket belongs to
 * the result from then on.
 *
 * @example
 * ```ts
 * import { bindDatagram, framedDatagrams, lines } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * const address = "udp://127.0.0.1:0";
 * await using server = framedDatagrams(await bindDatagram(address), lines());
 * await using client = framedDatagrams(await bindDatagram(address), lines());
 * await client.send("Michael", server.address);
 *
 * for await (const { frame, from } of server) {
 *   await server.send(`Hello, ${frame}`, from);
 *   break; // leaves the socket open
 * }
 * assertEquals((await client.receive())?.frame, "Hello, Michael");
 * ```
 *
 * @param socket The socket.
 * @param codec The frame format.
 * @param options Who is told of datagrams that are not of the format.
 * @returns The frames in both directions.
 */
export function framedDatagrams<In, Out>(
  socket: DatagramSocket,
  codec: Codec<In, Out>,
  options: FramedDatagramOptions = {},
): FramedDatagrams<In, Out> {
  return new FramedDatagrams(socket, codec, options);
}
