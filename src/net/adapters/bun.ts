import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { NetError } from "../errors.ts";
import { networkOf } from "../network.ts";
import type { Acceptor, Adapter, Socket } from "../socket.ts";
import type { TcpSettings } from "../tcp_settings.ts";
import type { Network } from "../types.ts";
import { endAddress, unnamed } from "./ends.ts";
import { Inbox } from "./inbox.ts";
import { PushedAcceptor } from "./pushed_acceptor.ts";
import {
  addressError,
  closedError,
  connectError,
  listenError,
  resetError,
  SOCKET_ADDRESSES,
  transferError,
} from "./runtime_errors.ts";

/** What is used of Bun. */
interface BunNet {
  connect(options: BunAddress & BunOptions): Promise<BunTcp>;
  listen(options: BunAddress & BunOptions): BunListener;
}

type BunAddress =
  | { readonly hostname: string; readonly port: number }
  | { readonly unix: string };

interface BunOptions {
  readonly allowHalfOpen: true;
  readonly socket: BunHandlers;
}

interface BunListener {
  readonly hostname?: string;
  readonly port?: number;
  stop(): void;
}

interface BunTcp {
  data: BunSocket | undefined;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  /** Takes what there is room for; -1 where the socket is closed. */
  write(bytes: Uint8Array): number;
  shutdown(): void;
  end(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(noDelay: boolean): boolean;
  /** The delay is in milliseconds; 0 leaves it to the system. */
  setKeepAlive(keepAlive: boolean, delay: number): boolean;
}

interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunTcp): void;
  data(socket: BunTcp, chunk: Uint8Array): void;
  drain(socket: BunTcp): void;
  end(socket: BunTcp): void;
  error(socket: BunTcp, cause: unknown): void;
  close(socket: BunTcp, cause?: unknown): void;
}

const runtime = (globalThis as unknown as { Bun: BunNet }).Bun;

/** What all sockets do alike; Bun gives a fresh chunk to `data` each time. */
const handlers: Omit<BunHandlers, "open"> = {
  binaryType: "uint8array",
  data: (socket, chunk) => socket.data?.inbox.push(chunk),
  drain: (socket) => socket.data?.onDrain(),
  end: (socket) => socket.data?.inbox.end(),
  error: (socket, cause) => socket.data?.onError(cause),
  close: (socket, cause) => socket.data?.onClose(cause),
};

const adapter: Adapter = {
  async connect(to, { signal, ...settings }): Promise<Socket> {
    const where = bunAddress(to);
    signal.throwIfAborted();
    const { promise, resolve, reject } = deferred<Socket>();
    // Bun cannot stop connecting: a connection that comes too late is ended.
    const onAbort = () => reject(signal.reason);
    const open = (socket: BunTcp) => {
      if (signal.aborted) return socket.terminate();
      resolve(new BunSocket(socket, unnamed(to), to, settings));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      runtime.connect({
        ...where,
        allowHalfOpen: true,
        socket: { ...handlers, open },
      }).catch((cause) => reject(connectError(to, cause)));
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  },

  listen(at, settings): Promise<Acceptor> {
    const where = bunAddress(at);
    try {
      const listener = runtime.listen({
        ...where,
        allowHalfOpen: true,
        socket: {
          ...handlers,
          open: (socket) =>
            acceptor.push(new BunSocket(socket, at, unnamed(at), settings)),
        },
      });
      const acceptor = new PushedAcceptor(
        endAddress(at, listener.hostname, listener.port),
        () => listener.stop(),
      );
      return Promise.resolve(acceptor);
    } catch (cause) {
      return Promise.reject(listenError(at, cause));
    }
  },
};

/**
 * The sockets of Bun: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const bunNetwork: Network = networkOf(adapter);

class BunSocket implements Socket {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly inbox: Inbox;

  readonly #socket: BunTcp;
  /** What Bun has not taken yet of the write under way. */
  #unsent: Uint8Array | undefined;
  #writing: Deferred<void> | undefined;

  constructor(
    socket: BunTcp,
    local: Address,
    remote: Address,
    settings: TcpSettings,
  ) {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.localAddress = endAddress(local, localAddress, localPort);
    this.remoteAddress = endAddress(remote, remoteAddress, remotePort);
    this.#socket = socket;
    this.inbox = new Inbox(socket);
    socket.data = this;
    if (local.transport === "tcp") {
      const { noDelay, keepAlive } = settings;
      socket.setNoDelay(noDelay);
      if (keepAlive !== false) {
        socket.setKeepAlive(true, keepAlive === true ? 0 : keepAlive);
      }
    }
  }

  read(): Promise<Uint8Array | null> {
    return this.inbox.read();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.inbox.failure !== undefined) {
      return Promise.reject(this.inbox.failure);
    }
    const taken = this.#socket.write(bytes);
    if (taken === bytes.length) return undefined;
    if (taken < 0) return Promise.reject(resetError());
    this.#unsent = bytes.subarray(taken);
    this.#writing = deferred();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    this.#socket.shutdown();
    return Promise.resolve();
  }

  close(): void {
    this.#release();
    this.#socket.end();
  }

  abort(): void {
    this.#release();
    this.#socket.terminate();
  }

  onDrain(): void {
    if (this.#unsent === undefined) return;
    const taken = this.#socket.write(this.#unsent);
    if (taken < 0) return this.#fail(resetError());
    this.#unsent = this.#unsent.subarray(taken);
    if (this.#unsent.length > 0) return;
    this.#unsent = undefined;
    this.#writing?.resolve();
    this.#writing = undefined;
  }

  onError(cause: unknown): void {
    this.#fail(transferError(cause));
  }

  onClose(cause: unknown): void {
    if (cause) return this.#fail(transferError(cause));
    // After `shutdown`, Bun tells of the peer's FIN in this way only.
    this.inbox.end();
    this.#fail(closedError());
  }

  #release(): void {
    this.inbox.close(closedError());
    this.#fail(closedError());
  }

  #fail(error: NetError): void {
    this.inbox.fail(error);
    this.#unsent = undefined;
    this.#writing?.reject(error);
    this.#writing = undefined;
  }
}

function bunAddress(address: Address): BunAddress {
  switch (address.transport) {
    case "tcp":
      return { hostname: address.hostname, port: address.port };
    case "unix":
      return { unix: address.path };
    default:
      throw addressError(address, SOCKET_ADDRESSES);
  }
}
