// One implementation for all runtimes: node:dgram runs on each of them. Names are
// resolved here. If node:dgram resolved them, it would bind and send in a later turn,
// where a permission that Deno refuses is an uncaught error, and where a datagram
// that was sent just before `close` is lost without an error.

import { checkBytes, checkOptions } from "../../checks.ts";
import dgram from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIPv4, isIPv6 } from "node:net";
import { MAX_RECEIVE_BUFFER, MAX_SEND_BUFFER } from "../../defaults.ts";
import { formatAddress, type UdpAddress } from "../address.ts";
import { BoundedQueue, ITEM_OVERHEAD } from "../bounded_queue.ts";
import type {
  Datagram,
  DatagramOptions,
  DatagramSocket,
  ReceiveOptions,
} from "../datagram_types.ts";
import { deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { datagramKinds, receiveKinds } from "../option_kinds.ts";
import type { CloseInfo } from "../types.ts";
import { parseUdpAddress, type UdpAddressLike } from "../udp_address.ts";
import { codeOf, listenError, sendError } from "./runtime_errors.ts";

type Family = 4 | 6;

/** 65,535 minus the headers: that of UDP, and in IPv4 that of IP. */
const MAX_DATA_BYTES = { 4: 65_507, 6: 65_527 };

/**
 * Errors that are notices about a datagram sent before, which did not reach a
 * socket. The socket works on. Deno has `UNKNOWN` for all of them.
 */
const NOTICES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UNKNOWN",
]);

/** Opens a socket for datagrams. */
export async function bindUdp(
  address: UdpAddressLike,
  options: DatagramOptions,
): Promise<DatagramSocket> {
  checkOptions("bindDatagram", options, datagramKinds);
  const { signal, maxReceiveBuffer = MAX_RECEIVE_BUFFER } = options;
  checkBytes("maxReceiveBuffer", maxReceiveBuffer);
  const at = parseUdpAddress(address);
  const family = isIPv6(at.hostname) ? 6 : 4;
  signal?.throwIfAborted();
  let socket: dgram.Socket | undefined;
  try {
    const ip = await resolveHost(at, family);
    signal?.throwIfAborted();
    socket = dgram.createSocket({
      type: `udp${family}`,
      lookup: (ip, _options, callback) => callback(null, ip, family),
    });
    const { promise, resolve, reject } = deferred<void>();
    socket.once("error", reject);
    socket.once("listening", resolve);
    // Without `exclusive`, Bun would share the port with other sockets.
    socket.bind({ address: ip, port: at.port, exclusive: true });
    await promise;
    socket.off("error", reject);
  } catch (cause) {
    socket?.close();
    if (signal?.aborted) throw signal.reason;
    throw await denial("bind", at, cause) ?? listenError(at, cause);
  }
  return new UdpSocket(socket, family, maxReceiveBuffer, signal);
}

class UdpSocket implements DatagramSocket {
  readonly address: UdpAddress;
  readonly closed: Promise<CloseInfo>;

  readonly #socket: dgram.Socket;
  readonly #family: Family;
  readonly #queue: BoundedQueue<Datagram>;
  #dropped = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.close();
  readonly #settleClosed: (info: CloseInfo) => void;
  readonly #sending = new Set<Promise<void>>();
  #unsentBytes = 0;
  #failure: NetError | undefined;
  #closing: Promise<void> | undefined;

  /** Takes over a socket that has just been bound. */
  constructor(
    socket: dgram.Socket,
    family: Family,
    maxReceiveBuffer: number,
    signal: AbortSignal | undefined,
  ) {
    const { address, port } = socket.address();
    this.address = { transport: "udp", hostname: address, port };
    this.#socket = socket;
    this.#family = family;
    this.#queue = new BoundedQueue({
      highWaterMark: maxReceiveBuffer,
      sizeOf: ({ data }) => data.length,
    });
    const { promise, resolve } = deferred<CloseInfo>();
    this.closed = promise;
    this.#settleClosed = resolve;
    socket.on("message", (data, { address, port }) => {
      const datagram: Datagram = {
        data: owned(data),
        from: { transport: "udp", hostname: address, port },
      };
      if (this.#queue.hasRoomFor(datagram)) this.#queue.push(datagram);
      else if (!this.#queue.ended) this.#dropped++;
    });
    socket.on("error", (cause) => this.#onError(cause));
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  get dropped(): number {
    return this.#dropped;
  }

  async send(data: Uint8Array, to: UdpAddressLike): Promise<void> {
    const address = parseUdpAddress(to);
    this.#check(data, address);
    const cost = data.length + ITEM_OVERHEAD;
    const sending = this.#send(data, address);
    this.#sending.add(sending);
    this.#unsentBytes += cost;
    try {
      await sending;
    } finally {
      this.#sending.delete(sending);
      this.#unsentBytes -= cost;
    }
  }

  async receive(options?: ReceiveOptions): Promise<Datagram | undefined> {
    if (options !== undefined) checkOptions("receive", options, receiveKinds);
    return await this.#queue.next(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<Datagram, undefined, void> {
    return {
      next: async () => {
        const value = await this.#queue.next();
        return value === undefined
          ? { done: true, value }
          : { done: false, value };
      },
    };
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(data: Uint8Array, to: UdpAddress): void {
    if (!(data instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot send to ${
          formatAddress(to)
        }: expected a Uint8Array, got ${typeof data}`,
      );
    }
    if (to.port === 0) {
      throw new TypeError(
        `Cannot send to ${formatAddress(to)}: expected a port from 1 to 65535`,
      );
    }
    if (this.#family === 4 ? isIPv6(to.hostname) : isIPv4(to.hostname)) {
      throw new TypeError(
        `Cannot send to ${formatAddress(to)}: the socket is bound to ${
          formatAddress(this.address)
        } and sends to IPv${this.#family} addresses only`,
      );
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) {
      throw new NetError(
        "CONNECTION_CLOSED",
        `Cannot send to ${formatAddress(to)}: the socket is closed`,
      );
    }
    const limit = MAX_DATA_BYTES[this.#family];
    if (data.length > limit) {
      throw new NetError(
        "MESSAGE_TOO_LARGE",
        `Cannot send to ${
          formatAddress(to)
        }: a datagram carries at most ${limit} bytes, got ${data.length}`,
      );
    }
    if (this.#unsentBytes + data.length > MAX_SEND_BUFFER) {
      throw new NetError(
        "SEND_BUFFER_FULL",
        `Cannot send to ${
          formatAddress(to)
        }: ${this.#unsentBytes} bytes wait to be sent already; await what send returns`,
        { limit: "maxSendBuffer" },
      );
    }
  }

  /** Hands a datagram to the system; in this turn, if `to` is an IP address. */
  async #send(data: Uint8Array, to: UdpAddress): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    try {
      const { hostname, port } = to;
      const ip = isIPv4(hostname) || isIPv6(hostname)
        ? hostname
        : await resolveHost(to, this.#family);
      const attempt = (notices: number) =>
        this.#socket.send(data, port, ip, (cause) => {
          if (!cause) resolve();
          // In Bun, a send may report the notice of an earlier datagram, and
          // send nothing.
          else if (notices > 0 && isNotice(cause)) attempt(notices - 1);
          else reject(cause);
        });
      attempt(8);
      await promise;
    } catch (cause) {
      throw this.#failure ?? await denial("send to", to, cause) ??
        sendError(to, cause);
    }
  }

  #onError(cause: Error): void {
    if (isNotice(cause)) return;
    if (this.#closing !== undefined) return;
    this.#failure = new NetError(
      codeOf(cause),
      `The socket at ${formatAddress(this.address)} broke: ${cause.message}`,
      { cause },
    );
    this.#queue.fail(this.#failure);
    this.#closing = this.#release({ by: "local", error: this.#failure });
  }

  async #close(): Promise<void> {
    this.#queue.clear();
    this.#queue.end();
    await Promise.allSettled(this.#sending);
    await this.#release({ by: "local" });
  }

  async #release(info: CloseInfo): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    const { promise, resolve } = deferred<void>();
    this.#socket.close(resolve);
    await promise;
    this.#settleClosed(info);
  }
}

function isNotice(cause: Error): boolean {
  return "code" in cause && NOTICES.has(cause.code);
}

/** The IP address of a host. */
async function resolveHost(
  { hostname }: UdpAddress,
  family: Family,
): Promise<string> {
  if (isIPv4(hostname) || isIPv6(hostname)) return hostname;
  return (await lookup(hostname, { family })).address;
}

/** A copy where needed: in Deno, each datagram is a view of a 64 KiB buffer. */
function owned({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return byteLength < buffer.byteLength ? bytes.slice() : bytes;
}

/** What is used of Deno. */
interface DenoPermissions {
  readonly permissions: {
    query(
      permission: { readonly name: "net"; readonly host?: string },
    ): Promise<{ readonly state: "granted" | "denied" | "prompt" }>;
  };
}

/**
 * The error where Deno lacks the permission. Deno itself reports that as `UNKNOWN`
 * when sending, and as `EPERM` when resolving a name.
 */
async function denial(
  verb: "bind" | "send to",
  address: UdpAddress,
  cause: unknown,
): Promise<NetError | undefined> {
  if (!("Deno" in globalThis)) return undefined;
  const { permissions } =
    (globalThis as unknown as { Deno: DenoPermissions }).Deno;
  if ((await permissions.query({ name: "net" })).state === "granted") {
    return undefined;
  }
  const text = formatAddress(address);
  const host = text.slice("udp://".length);
  const { state } = await permissions.query({ name: "net", host });
  return state === "granted" ? undefined : new NetError(
    "PERMISSION_DENIED",
    `Cannot ${verb} ${text}: Deno is not allowed to, run it again with the --allow-net flag`,
    { cause },
  );
}
