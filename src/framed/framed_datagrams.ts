import {
  checkOptions,
  hasMethods,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { Codec } from "../codec/types.ts";
import type { UdpAddress } from "../net/address.ts";
import type { DatagramSocket, ReceiveOptions } from "../net/datagram_types.ts";
import type { CloseInfo } from "../net/types.ts";
import type { UdpAddressLike } from "../net/udp_address.ts";

/** A frame, and who sent it. */
export interface FramedDatagram<Out> {
  /** The frame. */
  readonly frame: Out;
  /** The address of the sender, which senders can forge. */
  readonly from: UdpAddress;
}

/** Options of {@linkcode framedDatagrams}. */
export interface FramedDatagramOptions {
  /**
   * Called with the `FrameError` and the sender of every datagram that does not
   * consist of whole frames. By default such datagrams are only counted, since anyone
   * can send them.
   */
  onError?: (error: unknown, from: UdpAddress) => void;
}

const kinds: OptionKinds<FramedDatagramOptions> = { onError: "function" };

/**
 * Frames in datagrams, made by {@linkcode framedDatagrams}. It is an async
 * iterable of the frames that come in. Leaving the loop does not close the socket,
 * and a later loop gets the frames that follow.
 *
 * @typeParam In What is sent.
 * @typeParam Out What is received.
 */
export class FramedDatagrams<In, Out = In>
  implements AsyncIterable<FramedDatagram<Out>>, AsyncDisposable {
  readonly #socket: DatagramSocket;
  readonly #codec: Codec<In, Out>;
  readonly #onError: FramedDatagramOptions["onError"];
  /** The frames of the last datagram that have not been received. */
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

  /** How many datagrams did not consist of whole frames. */
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
   * @throws {TypeError} If another call waits for a frame.
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

  /** Closes the socket when the datagrams that are being sent have been sent. */
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
 * Puts a frame format on a datagram socket. Each datagram is decoded on its own. It
 * can have several frames; if one of them is cut or wrong, the whole datagram is
 * dropped. The socket belongs to the result from then on.
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
 * @param options What to do with datagrams that do not have the format.
 * @returns The frames in both directions.
 * @throws {TypeError} If the socket or the codec is none, or there is no such option.
 */
export function framedDatagrams<In, Out>(
  socket: DatagramSocket,
  codec: Codec<In, Out>,
  options: FramedDatagramOptions = {},
): FramedDatagrams<In, Out> {
  // Sockets of the runtimes have methods of the same names, and no `closed`.
  if (!hasMethods(socket, ["send", "receive"]) || !("closed" in socket)) {
    const expected = "a socket of bindDatagram()";
    throw wrongType("socket", expected, socket);
  }
  checkCodec(codec);
  checkOptions("framedDatagrams", options, kinds);
  return new FramedDatagrams(socket, codec, options);
}
