import type { UdpAddress } from "./address.ts";
import type { CloseInfo } from "./types.ts";
import type { UdpAddressLike } from "./udp_address.ts";

/** A datagram. It arrives whole or not at all. */
export interface Datagram {
  /** The bytes, which belong to the receiver. An empty datagram has none. */
  readonly data: Uint8Array;
  /** The address of the sender, which senders can forge. */
  readonly from: UdpAddress;
}

/** Options of {@linkcode bindDatagram}. */
export interface DatagramOptions {
  /** Closes the socket. */
  signal?: AbortSignal;
  /**
   * The maximum number of bytes that wait to be received. Each datagram counts 256
   * bytes besides its own. A datagram for which there is no room is dropped, and
   * counted in `dropped`.
   *
   * @default {1_048_576}
   */
  maxReceiveBuffer?: number;
}

/** Options of {@linkcode DatagramSocket.receive}. */
export interface ReceiveOptions {
  /**
   * Stops waiting, for example `AbortSignal.timeout(500)`: `receive` rejects with
   * its reason. The next datagram goes to the next call.
   */
  signal?: AbortSignal;
}

/**
 * A socket for datagrams, made by {@linkcode bindDatagram}. It is an async
 * iterable of those that come in; leaving the loop closes nothing.
 *
 * The network may lose datagrams, duplicate them and change their order. A program
 * that needs an answer must send its request again when none comes.
 */
export interface DatagramSocket
  extends AsyncDisposable, AsyncIterable<Datagram> {
  /** Where it is: with the port that was really taken. */
  readonly address: UdpAddress;
  /**
   * How many datagrams were dropped because there was no room for them. This does
   * not include those that the system drops.
   */
  readonly dropped: number;
  /** Settles once when the socket has been closed, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Sends a datagram. Resolves when the system has taken it; whether it arrives is
   * not known.
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
  /** Closes the socket when the datagrams that are being sent have been sent. */
  close(): Promise<void>;
}
