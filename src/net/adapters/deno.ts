import type { Address } from "../address.ts";
import { networkOf } from "../network.ts";
import type { Acceptor, Adapter, Socket } from "../socket.ts";
import type { TcpSettings } from "../tcp_settings.ts";
import type { Network } from "../types.ts";
import {
  addressError,
  closedError,
  connectError,
  listenError,
  SOCKET_ADDRESSES,
  transferError,
} from "./runtime_errors.ts";

/** What is used of Deno. */
interface DenoNet {
  connect(options: DenoAddress & { signal: AbortSignal }): Promise<DenoConn>;
  listen(options: DenoAddress): DenoListener;
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

interface DenoConn {
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
  read(into: Uint8Array): Promise<number | null>;
  /** Resolves with how many bytes were taken: not always all. */
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** On TCP connections only. */
  setNoDelay?(noDelay: boolean): void;
  /** On TCP connections only. */
  setKeepAlive?(keepAlive: boolean): void;
}

/** The first size of a buffer to read into; it grows as reads fill it. */
const MIN_BUFFER_BYTES = 4_096;
const MAX_BUFFER_BYTES = 65_536;

/** How long to wait when there are too many open files to accept another. */
const ACCEPT_RETRY_MS = 50;

const runtime = (globalThis as unknown as { Deno: DenoNet }).Deno;

const adapter: Adapter = {
  async connect(to, { signal, ...settings }): Promise<Socket> {
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
    return new DenoSocket(conn, settings);
  },

  listen(at, settings): Promise<Acceptor> {
    const where = denoAddress(at);
    checkSettings(settings);
    try {
      const listener = runtime.listen(where);
      return Promise.resolve(new DenoAcceptor(listener, settings));
    } catch (cause) {
      return Promise.reject(listenError(at, cause));
    }
  },
};

/**
 * The sockets of Deno: for programs that run there only. All others take
 * `connect` and `listen`, which choose the runtime themselves.
 */
export const denoNetwork: Network = networkOf(adapter);

class DenoAcceptor implements Acceptor {
  readonly address: Address;

  readonly #listener: DenoListener;
  readonly #settings: TcpSettings;
  #closed = false;

  constructor(listener: DenoListener, settings: TcpSettings) {
    this.address = addressOf(listener.addr);
    this.#listener = listener;
    this.#settings = settings;
  }

  async accept(): Promise<Socket | null> {
    while (!this.#closed) {
      try {
        return new DenoSocket(await this.#listener.accept(), this.#settings);
      } catch {
        // Too many open files, or a client that left while it waited: neither
        // is a reason to turn away those who come later.
        if (this.#closed) break;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
      }
    }
    return null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
  }
}

class DenoSocket implements Socket {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #conn: DenoConn;
  #closed = false;
  #bufferBytes = MIN_BUFFER_BYTES;
  /** What is left of the buffer; chunks are cut from its front. */
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(conn: DenoConn, { noDelay, keepAlive }: TcpSettings) {
    this.localAddress = addressOf(conn.localAddr);
    this.remoteAddress = addressOf(conn.remoteAddr);
    this.#conn = conn;
    conn.setNoDelay?.(noDelay);
    if (keepAlive !== false) conn.setKeepAlive?.(true);
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#buffer.length < this.#bufferBytes / 4) {
      this.#buffer = new Uint8Array(this.#bufferBytes);
    }
    const buffer = this.#buffer;
    try {
      const length = await this.#conn.read(buffer);
      if (length === null) return null;
      if (length === buffer.length) {
        this.#bufferBytes = Math.min(this.#bufferBytes * 2, MAX_BUFFER_BYTES);
      }
      this.#buffer = buffer.subarray(length);
      return buffer.subarray(0, length);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      let written = await this.#conn.write(bytes);
      while (written < bytes.length) {
        written += await this.#conn.write(bytes.subarray(written));
      }
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  /** Deno has no way to send a reset: the peer sees a FIN. */
  abort(): void {
    this.close();
  }

  #failure(cause: unknown): unknown {
    return this.#closed ? closedError() : transferError(cause);
  }
}

function denoAddress(address: Address): DenoAddress {
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
