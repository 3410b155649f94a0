import {
  type AddressLike,
  formatAddress,
  parseAddress,
  type UdpAddress,
} from "./address.ts";
import type { CloseInfo } from "./types.ts";

/**
 * The address of a datagram socket as it may be given: a string
 * (`"udp://127.0.0.1:2000"`, `"udp://[::1]:2000"`), or an object in which the
 * transport and the host name may be left out. The host name is `"127.0.0.1"`
 * where none is given.
 */
export type UdpAddressLike = string | {
  readonly transport?: "udp";
  readonly hostname?: string;
  readonly port: number;
};

/** What was received at once: it is whole, or it does not come. */
export interface Datagram {
  /** The bytes: none, where an empty datagram was sent. They are the receiver's to keep. */
  readonly data: Uint8Array;
  /** Who sent it, as far as that can be known: senders can lie about it. */
  readonly from: UdpAddress;
}

/** Options of {@linkcode bindDatagram}. */
export interface DatagramOptions {
  /** Closes the socket. */
  signal?: AbortSignal;
  /**
   * The most bytes that may wait to be received; every datagram counts 256 more
   * than it has. What comes when there is no room is dropped, and counted.
   *
   * @default {1_048_576}
   */
  maxReceiveBuffer?: number;
}

/** Options of {@linkcode DatagramSocket.receive}. */
export interface ReceiveOptions {
  /**
   * Stops waiting, for example `AbortSignal.timeout(500)`; `receive` then rejects
   * with its reason. What comes later waits for the next call.
   */
  signal?: AbortSignal;
}

/**
 * A socket for datagrams, made by {@linkcode bindDatagram}. It is an async
 * iterable of those that come in; leaving the loop closes nothing.
 *
 * The network may lose datagrams, double them and change their order. Who needs
 * an answer asks again when none comes.
 */
export interface DatagramSocket
  extends AsyncDisposable, AsyncIterable<Datagram> {
  /** Where it is: with the port that was really taken. */
  readonly address: UdpAddress;
  /**
   * How many datagrams were dropped because there was no room for them. The
   * system drops some itself, which nobody counts.
   */
  readonly dropped: number;
  /** Settles once when the socket has been closed, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Sends a datagram. It is in the hands of the system then: whether it arrives
   * is not known.
   *
   * @param data The bytes, which must not change until it is sent.
   * @param to Where to. A host name is resolved each time.
   * @throws {NetError} `MESSAGE_TOO_LARGE` if it is more than a datagram can
   * carry, 65,507 bytes in IPv4 and 65,527 in IPv6, or than the system takes.
   * `SEND_BUFFER_FULL` if more than 16 MiB have been sent without waiting.
   * @throws {TypeError} If the address is not one of UDP, or of the other
   * family: a socket bound to an IPv4 address sends to IPv4 addresses only.
   */
  send(data: Uint8Array, to: UdpAddressLike): Promise<void>;
  /**
   * Receives the next datagram. Calls made before one has arrived are answered in
   * their order.
   *
   * @returns The datagram, or `undefined` when the socket has been closed.
   */
  receive(options?: ReceiveOptions): Promise<Datagram | undefined>;
  /** Closes it, when all that is being sent has been. */
  close(): Promise<void>;
}

/**
 * Opens a socket for datagrams (UDP), by the means of the runtime that this runs
 * on. It is of IPv6 where it is bound to an IPv6 address, otherwise of IPv4.
 *
 * @example
 * ```ts
 * import { bindDatagram } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await bindDatagram("udp://127.0.0.1:0");
 * await using client = await bindDatagram({ port: 0 });
 * await client.send(Uint8Array.of(1, 2), server.address);
 *
 * for await (const { data, from } of server) {
 *   await server.send(data.toReversed(), from);
 *   break; // leaves the socket open
 * }
 * const answer = await client.receive();
 * assertEquals(answer, { data: Uint8Array.of(2, 1), from: server.address });
 * ```
 *
 * @param address Where to receive; port 0 takes a free one. Without a host name
 * it is the loopback interface only.
 * @param options What closes it, and how much may wait.
 * @returns The socket.
 * @throws {NetError} If the address is in use, is not allowed, ...
 * @throws {TypeError} If it is not an address of UDP.
 */
export async function bindDatagram(
  address: UdpAddressLike,
  options: DatagramOptions = {},
): Promise<DatagramSocket> {
  const { bindUdp } = await import("./adapters/udp.ts");
  return await bindUdp(address, options);
}

/**
 * Reads the address of a datagram socket.
 *
 * @throws {TypeError} If it is not one.
 */
export function parseUdpAddress(address: UdpAddressLike): UdpAddress {
  const parsed = parseAddress(
    typeof address === "string"
      ? address
      : { transport: "udp", ...address } satisfies AddressLike,
  );
  if (parsed.transport !== "udp") {
    throw new TypeError(
      `Cannot use the address ${
        formatAddress(parsed)
      } for datagrams: expected "udp://host:port"`,
    );
  }
  return parsed;
}
