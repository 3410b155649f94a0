import type { Socket } from "node:net";
import type {
  Acceptor,
  Adapter,
  ConnectSettings,
  ListenSettings,
} from "../adapter.ts";
import type { Address } from "../address.ts";
import type { Transport } from "../transport.ts";
import {
  type BunHandlers,
  type BunSocket,
  BunTransport,
  handlers,
} from "./bun_transport.ts";
import {
  acceptingAgain,
  descriptorsError,
  DescriptorWatch,
} from "./descriptors.ts";
import { endAddress, unnamed } from "./ends.ts";
import { connectToFirst, ipAddressesOf } from "./happy_eyeballs.ts";
import { connectSocket } from "./node_connect.ts";
import { NodeTransport } from "./node_transport.ts";
import { checkReusePort } from "./reuse_port.ts";
import {
  addressError,
  listenError,
  SOCKET_ADDRESSES,
} from "./runtime_errors.ts";
import { checkPath, SocketFile } from "./unix_file.ts";

/** The part of Bun that is used here. */
interface BunNet {
  listen(options: BunAddress & BunOptions): BunListener;
}

type BunAddress =
  | { readonly hostname: string; readonly port: number }
  | { readonly unix: string };

interface BunOptions {
  readonly allowHalfOpen: true;
  readonly reusePort: boolean;
  readonly socket: BunHandlers;
}

interface ReloadableSocket extends BunSocket {
  reload(options: { readonly socket: BunHandlers }): void;
}

interface BunListener {
  readonly hostname?: string;
  readonly port?: number;
  stop(): void;
}

const runtime = (globalThis as unknown as { Bun: BunNet }).Bun;

/** The sockets of Bun as transports. */
export const bunAdapter: Adapter = {
  async connect(to, settings): Promise<Transport> {
    const where = bunAddress(to);
    const { signal } = settings;
    signal.throwIfAborted();
    if ("unix" in where) return await connectTo(to, where, settings);
    // If Bun is given a host name, it connects to all addresses of the name at once,
    // and the server sees connections that are never used.
    return await connectToFirst(
      await ipAddressesOf(to, where.hostname, signal),
      Infinity,
      signal,
      (hostname, signal) =>
        connectTo(to, { ...where, hostname }, { ...settings, signal }),
    );
  },

  // deno-lint-ignore require-await -- so that a wrong address rejects
  async listen(at, settings, accept, alarm): Promise<Acceptor> {
    const where = bunAddress(at);
    if (settings.reusePort) checkReusePort({ isThere: true, needs: "Bun" });
    try {
      return new BunAcceptor(at, where, settings, accept, alarm);
    } catch (cause) {
      throw listenError(at, cause);
    }
  },
};

class BunAcceptor implements Acceptor {
  readonly address: Address;

  readonly #alarm: (error: unknown) => void;
  readonly #watch: DescriptorWatch;
  readonly #options: BunOptions;
  #listener: BunListener | undefined;
  #file: SocketFile;

  constructor(
    at: Address,
    where: BunAddress,
    settings: ListenSettings,
    accept: (transport: Transport) => void,
    alarm: (error: unknown) => void,
  ) {
    this.#alarm = alarm;
    this.#options = {
      allowHalfOpen: true,
      reusePort: settings.reusePort,
      socket: {
        ...handlers,
        open: (socket) => {
          this.#watch.accepted();
          accept(
            new BunTransport(socket, this.address, unnamed(at), settings),
          );
        },
      },
    };
    this.#listener = runtime.listen({ ...where, ...this.#options });
    const { hostname, port } = this.#listener;
    this.address = endAddress(at, hostname, port);
    this.#file = new SocketFile(at);
    this.#watch = new DescriptorWatch(
      (cause) => this.#pause(cause),
      () => this.#listenAgain(),
    );
  }

  close(): Promise<void> {
    this.#watch.close();
    return this.#stop();
  }

  /** A listening socket that cannot accept keeps Bun at 100 % CPU. */
  #pause(cause: unknown): void {
    void this.#stop();
    this.#alarm(descriptorsError(this.address, cause));
  }

  #listenAgain(): void {
    try {
      const where = bunAddress(this.address);
      this.#listener = runtime.listen({ ...where, ...this.#options });
      this.#file = new SocketFile(this.address);
    } catch (cause) {
      return this.#alarm(listenError(this.address, cause));
    }
    this.#alarm(acceptingAgain(this.address));
  }

  async #stop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    await this.#file.release(() => listener.stop());
  }
}

/**
 * Connects to one of the places that an address stands for. `Bun.connect` cannot be
 * stopped, and would hold a descriptor and the process for minutes. A connect of
 * `node:net` can be stopped, and its socket is a socket of Bun inside.
 */
function connectTo(
  to: Address,
  where: BunAddress,
  settings: ConnectSettings,
): Promise<Transport> {
  const place = "unix" in where
    ? { path: where.unix }
    : { host: where.hostname, port: where.port };
  return connectSocket(to, place, settings, (socket) => {
    const native = nativeOf(socket);
    if (native === undefined) {
      return new NodeTransport(socket, unnamed(to), to);
    }
    native.reload({ socket: { ...handlers, open: () => undefined } });
    return new BunTransport(native, unnamed(to), to, settings);
  });
}

/**
 * The socket of Bun inside a socket of `node:net`; its handlers can be replaced. Bun
 * does not document it. On a version without it, the adapter uses `node:net`.
 */
function nativeOf(socket: Socket): ReloadableSocket | undefined {
  const { _handle: handle } = socket as unknown as {
    readonly _handle?: ReloadableSocket | null;
  };
  return typeof handle?.reload === "function" ? handle : undefined;
}

function bunAddress(address: Address): BunAddress {
  switch (address.transport) {
    case "tcp":
      return { hostname: address.hostname, port: address.port };
    case "unix":
      checkPath(address);
      return { unix: address.path };
    default:
      throw addressError(address, SOCKET_ADDRESSES);
  }
}
