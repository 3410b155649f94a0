import net from "node:net";
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
  SOCKET_ADDRESSES,
  transferError,
} from "./runtime_errors.ts";

const adapter: Adapter = {
  async connect(to, { signal, ...settings }): Promise<Socket> {
    const where = nodeAddress(to);
    signal.throwIfAborted();
    const { promise, resolve, reject } = deferred<Socket>();
    const socket = net.connect({
      ...where,
      ...nodeSettings(settings),
    });
    const onAbort = () => {
      socket.destroy();
      reject(signal.reason);
    };
    const onError = (cause: Error) => reject(connectError(to, cause));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once("connect", () => {
      socket.off("error", onError);
      resolve(new NodeSocket(socket, unnamed(to), to));
    });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  },

  listen(at, settings): Promise<Acceptor> {
    const where = nodeAddress(at);
    const { promise, resolve, reject } = deferred<Acceptor>();
    const server = net.createServer(nodeSettings(settings));
    // Once it listens, an error concerns a single connection that did not come
    // about: the promise is settled and takes no notice.
    server.on("error", (cause) => reject(listenError(at, cause)));
    server.listen(where, () => {
      const acceptor = new PushedAcceptor(
        boundAddress(server, at),
        () => server.close(),
      );
      server.on("connection", (socket) => {
        acceptor.push(new NodeSocket(socket, at, unnamed(at)));
      });
      resolve(acceptor);
    });
    return promise;
  },
};

/**
 * The sockets of Node: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const nodeNetwork: Network = networkOf(adapter);

class NodeSocket implements Socket {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #socket: net.Socket;
  readonly #inbox: Inbox;
  /** How many writes Node has not called back for. */
  #pendingWrites = 0;
  #writing: Deferred<void> | undefined;

  constructor(socket: net.Socket, local: Address, remote: Address) {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    this.localAddress = endAddress(local, localAddress, localPort);
    this.remoteAddress = endAddress(remote, remoteAddress, remotePort);
    this.#socket = socket;
    this.#inbox = new Inbox({
      pause: () => socket.pause(),
      resume: () => socket.resume(),
    });
    socket.on("data", ({ buffer, byteOffset, byteLength }: Uint8Array) => {
      this.#inbox.push(new Uint8Array(buffer, byteOffset, byteLength));
    });
    socket.on("end", () => this.#inbox.end());
    socket.on("error", (cause) => this.#fail(transferError(cause)));
    socket.on("close", () => this.#fail(closedError()));
  }

  read(): Promise<Uint8Array | null> {
    return this.#inbox.read();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const socket = this.#socket;
    if (!socket.writable) return Promise.reject(this.#failure());
    this.#pendingWrites++;
    socket.write(bytes, this.#onWritten);
    if (socket.writableLength === 0 && socket.errored === null) {
      return undefined;
    }
    this.#writing = deferred();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    this.#socket.end((cause?: Error | null) => {
      if (cause) reject(this.#failure());
      else resolve();
    });
    return promise;
  }

  close(): void {
    this.#inbox.close(closedError());
    this.#fail(closedError());
    this.#socket.destroy();
  }

  abort(): void {
    this.#inbox.close(closedError());
    this.#fail(closedError());
    if (this.localAddress.transport === "tcp") this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** One function for all writes: Node then calls back for many at once. */
  readonly #onWritten = (cause?: Error | null): void => {
    this.#pendingWrites--;
    if (cause) {
      this.#writing?.reject(this.#failure());
      this.#writing = undefined;
    } else if (this.#pendingWrites === 0) {
      this.#writing?.resolve();
      this.#writing = undefined;
    }
  };

  #failure(): NetError {
    if (this.#inbox.failure !== undefined) return this.#inbox.failure;
    const { errored } = this.#socket;
    return errored === null ? closedError() : transferError(errored);
  }

  #fail(error: NetError): void {
    this.#inbox.fail(error);
    this.#writing?.reject(error);
    this.#writing = undefined;
  }
}

function nodeAddress(
  address: Address,
): { host: string; port: number } | { path: string } {
  switch (address.transport) {
    case "tcp":
      return { host: address.hostname, port: address.port };
    case "unix":
      return { path: address.path };
    default:
      throw addressError(address, SOCKET_ADDRESSES);
  }
}

function nodeSettings({ noDelay, keepAlive }: TcpSettings): net.ServerOpts {
  return {
    allowHalfOpen: true,
    noDelay,
    keepAlive: keepAlive !== false,
    // With 0 it is left to the system.
    keepAliveInitialDelay: typeof keepAlive === "number" ? keepAlive : 0,
  };
}

function boundAddress(server: net.Server, at: Address): Address {
  const bound = server.address();
  return bound === null || typeof bound === "string"
    ? at
    : endAddress(at, bound.address, bound.port);
}
