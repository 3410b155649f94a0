import type { Acceptor, Adapter } from "../adapter.ts";
import type { Address } from "../address.ts";
import { deferred } from "../deferred.ts";
import type { TcpSettings } from "../tcp_settings.ts";
import { after } from "../timer.ts";
import type { Transport } from "../transport.ts";
import {
  type DenoConn as DenoByteConn,
  DenoTransport,
} from "./deno_transport.ts";
import {
  acceptingAgain,
  descriptorsError,
  isOutOfDescriptors,
} from "./descriptors.ts";
import { checkReusePort } from "./reuse_port.ts";
import {
  addressError,
  connectError,
  listenError,
  SOCKET_ADDRESSES,
} from "./runtime_errors.ts";
import { checkPath, SocketFile } from "./unix_file.ts";

/** The part of Deno that is used here. */
interface DenoNet {
  connect(options: DenoAddress & { signal: AbortSignal }): Promise<DenoConn>;
  listen(options: DenoAddress & { reusePort?: boolean }): DenoListener;
  /** There with `--unstable-net` only. */
  readonly listenDatagram?: unknown;
}

type DenoAddress =
  | {
    readonly transport: "tcp";
    readonly hostname: string;
    readonly port: number;
  }
  | { readonly transport: "unix"; readonly path: string };

interface DenoListener {
  readonly addr: DenoAddress;
  accept(): Promise<DenoConn>;
  close(): void;
}

interface DenoConn extends DenoByteConn {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  /** On TCP connections only. */
  setNoDelay?(noDelay: boolean): void;
  /** On TCP connections only. */
  setKeepAlive?(keepAlive: boolean): void;
}

/** How long to wait before accepting again when the descriptors have run out. */
const ACCEPT_RETRY_MS = 50;

const runtime = (globalThis as unknown as { Deno: DenoNet }).Deno;

/** The sockets of Deno as transports. */
export const denoAdapter: Adapter = {
  async connect(to, { signal, ...settings }): Promise<Transport> {
    const where = denoAddress(to);
    checkSettings(settings);
    signal.throwIfAborted();
    let conn: DenoConn;
    try {
      conn = await runtime.connect({ ...where, signal });
    } catch (cause) {
      throw signal.aborted ? signal.reason : connectError(to, cause);
    }
    if (signal.aborted) {
      conn.close();
      throw signal.reason;
    }
    return transportOf(conn, settings);
  },

  // deno-lint-ignore require-await -- so that a wrong address rejects
  async listen(at, settings, accept, alarm): Promise<Acceptor> {
    const where = denoAddress(at);
    checkSettings(settings);
    const { reusePort } = settings;
    if (reusePort) {
      // Without, Deno does not throw: it ends the process.
      checkReusePort({
        isThere: runtime.listenDatagram !== undefined,
        needs: "Deno to be started with --unstable-net",
      });
    }
    try {
      const listener = runtime.listen({ ...where, reusePort });
      return new DenoAcceptor(listener, settings, accept, alarm);
    } catch (cause) {
      throw listenError(at, cause);
    }
  },
};

class DenoAcceptor implements Acceptor {
  readonly address: Address;

  readonly #listener: DenoListener;
  readonly #file: SocketFile;
  readonly #accepting: Promise<void>;
  /** Ends the pause that follows when the descriptors have run out. */
  #endPause: (() => void) | undefined;
  #closed = false;

  constructor(
    listener: DenoListener,
    settings: TcpSettings,
    accept: (transport: Transport) => void,
    alarm: (error: unknown) => void,
  ) {
    this.address = addressOf(listener.addr);
    this.#listener = listener;
    this.#file = new SocketFile(this.address);
    this.#accepting = this.#accept(settings, accept, alarm);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#file.release(() => {
      this.#listener.close();
      this.#endPause?.();
      // Deno releases the socket when the last `accept` has ended.
      return this.#accepting;
    });
  }

  async #accept(
    settings: TcpSettings,
    accept: (transport: Transport) => void,
    alarm: (error: unknown) => void,
  ): Promise<void> {
    let told = false;
    while (!this.#closed) {
      try {
        accept(transportOf(await this.#listener.accept(), settings));
        if (told) alarm(acceptingAgain(this.address));
        told = false;
      } catch (cause) {
        // Other errors concern one client that has left again: accept the next.
        if (this.#closed || !isOutOfDescriptors(cause)) continue;
        if (!told) alarm(descriptorsError(this.address, cause));
        told = true;
        const { promise, resolve } = deferred<void>();
        this.#endPause = resolve;
        const callOff = after(ACCEPT_RETRY_MS, resolve);
        await promise;
        callOff();
      }
    }
  }
}

function transportOf(
  conn: DenoConn,
  { noDelay, keepAlive }: TcpSettings,
): Transport {
  try {
    conn.setNoDelay?.(noDelay);
    if (keepAlive !== false) conn.setKeepAlive?.(true);
  } catch (cause) {
    // Some systems refuse the options if the peer has left already.
    conn.close();
    throw cause;
  }
  return new DenoTransport(
    conn,
    addressOf(conn.localAddr),
    addressOf(conn.remoteAddr),
  );
}

function denoAddress(address: Address): DenoAddress {
  checkPath(address);
  if (address.transport === "tcp" || address.transport === "unix") {
    return address;
  }
  throw addressError(address, SOCKET_ADDRESSES);
}

function checkSettings({ keepAlive }: TcpSettings): void {
  if (typeof keepAlive === "number") {
    throw new TypeError(
      `Cannot use keepAlive of ${keepAlive} ms: Deno leaves the delay to the system, so give true instead`,
    );
  }
}

function addressOf(address: DenoAddress): Address {
  return address.transport === "tcp"
    ? {
      transport: "tcp",
      hostname: address.hostname,
      port: address.port,
    }
    // The end of a client has no path: Deno says `null`.
    : { transport: "unix", path: address.path ?? "" };
}
