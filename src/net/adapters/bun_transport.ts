import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { TcpSettings } from "../tcp_settings.ts";
import { nextTask } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { endAddress, ownEnd } from "./ends.ts";
import { closedError, resetError, transferError } from "./runtime_errors.ts";
import { whenQuiet } from "./when_quiet.ts";

/** The part of a socket of Bun that is used here. */
export interface BunSocket {
  data: BunTransport | undefined;
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
  ref(): void;
  unref(): void;
  setNoDelay(noDelay: boolean): boolean;
  /** The delay is in milliseconds; 0 leaves it to the system. */
  setKeepAlive(keepAlive: boolean, delay: number): boolean;
}

/** What Bun calls for the events of a socket. */
export interface BunHandlers {
  readonly binaryType: "uint8array";
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Uint8Array): void;
  drain(socket: BunSocket): void;
  end(socket: BunSocket): void;
  error(socket: BunSocket, cause: unknown): void;
  close(socket: BunSocket, cause?: unknown): void;
}

/** What all sockets do alike; Bun gives a fresh chunk to `data` each time. */
export const handlers: Omit<BunHandlers, "open"> = {
  binaryType: "uint8array",
  data: (socket, chunk) => socket.data?.onData(chunk),
  drain: (socket) => socket.data?.onDrain(),
  end: (socket) => socket.data?.onEnd(),
  error: (socket, cause) => socket.data?.onError(cause),
  close: (socket, cause) => socket.data?.onClose(cause),
};

/** A socket of Bun as a transport. */
export class BunTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #socket: BunSocket;
  readonly #delivery = new Delivery();
  /** The chunks that Bun has delivered after it was paused. */
  #held: Uint8Array[] | undefined;
  #bytesTaken = 0;
  #chunksRead = 0;
  #paused = true;
  #opened = false;
  #readEnded = false;
  #writeEnded = false;
  #broken = false;
  #released = false;
  #failure: unknown;
  /** What Bun has not taken yet of the write under way. */
  #unsent: Uint8Array | undefined;
  #writing: Deferred<void> | undefined;

  /** Takes over a socket that has just been opened. */
  constructor(
    socket: BunSocket,
    local: Address,
    remote: Address,
    settings: TcpSettings,
  ) {
    this.localAddress = ownEnd(local, socket);
    const { remoteAddress, remotePort } = socket;
    this.remoteAddress = endAddress(remote, remoteAddress, remotePort);
    this.#socket = socket;
    socket.data = this;
    // Nothing is read, and so nothing is held, before `open`.
    socket.pause();
    if (local.transport === "tcp") {
      const { noDelay, keepAlive } = settings;
      socket.setNoDelay(noDelay);
      if (keepAlive !== false) {
        socket.setKeepAlive(true, keepAlive === true ? 0 : keepAlive);
      }
    }
  }

  /**
   * Bun reports room only when a third of the system's buffer is free, which takes a
   * minute if the peer reads slowly. So this getter has Bun try to write first.
   */
  get bytesTaken(): number {
    if (this.#unsent !== undefined) this.#send();
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    this.resume();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (!this.#readEnded) this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused || !this.#opened) return;
    this.#paused = false;
    if (!this.#readEnded) this.#socket.resume();
    nextTask(() => this.#deliver());
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#released) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (bytes.length === 0) return undefined;
    this.#unsent = bytes;
    this.#send();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#unsent === undefined) return undefined;
    if (this.#readEnded) this.#socket.ref();
    this.#writing = deferred();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    if (this.#released) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#writeEnded = true;
    this.#socket.shutdown();
    return Promise.resolve();
  }

  close(): void {
    this.#release(() => this.#socket.end());
  }

  abort(): void {
    this.#release(() => this.#socket.terminate());
  }

  /** Takes a chunk. */
  onData(chunk: Uint8Array): void {
    this.#chunksRead++;
    if (this.#paused || this.#held !== undefined) {
      (this.#held ??= []).push(chunk);
    } else this.#delivery.data(chunk);
  }

  /** There is room for more. */
  onDrain(): void {
    if (this.#unsent !== undefined) this.#send();
  }

  /** The peer has closed its side. */
  onEnd(): void {
    this.#readEnded = true;
    // Otherwise this half of the connection would keep the process alive.
    if (this.#writing === undefined) this.#socket.unref();
    if (!this.#paused) this.#deliver();
  }

  /** The connection broke. */
  onError(cause: unknown): void {
    this.#fail(transferError(cause));
  }

  /** The socket is gone. */
  onClose(cause: unknown): void {
    if (cause) return this.#fail(transferError(cause));
    if (this.#writeEnded) {
      // After `shutdown`, Bun reports the FIN of the peer only by `close`.
      this.#readEnded = true;
      if (!this.#paused) this.#deliver();
    } else this.#fail(resetError());
  }

  /** Sends what Bun takes of the write under way. */
  #send(): void {
    const unsent = this.#unsent;
    if (unsent === undefined) return;
    const taken = this.#socket.write(unsent);
    if (taken < 0) return this.#failWrite();
    this.#bytesTaken += taken;
    if (taken < unsent.length) {
      this.#unsent = unsent.subarray(taken);
      return;
    }
    this.#unsent = undefined;
    if (this.#readEnded) this.#socket.unref();
    this.#writing?.resolve();
    this.#writing = undefined;
  }

  /** A write failed. The bytes that have arrived are delivered before `fail`. */
  #failWrite(): void {
    const error = resetError();
    // Also if delivery is paused: the chunks are held then.
    if (this.#paused && !this.#readEnded) this.#socket.resume();
    whenQuiet(() => this.#chunksRead, () => this.#fail(error));
    this.#failWriting(error);
  }

  #failWriting(error: unknown): void {
    this.#failure ??= error;
    this.#unsent = undefined;
    this.#writing?.reject(this.#failure);
    this.#writing = undefined;
  }

  #fail(error: unknown): void {
    if (this.#released) return;
    this.#broken = true;
    this.#failWriting(error);
    if (!this.#paused) this.#deliver();
  }

  /** Delivers what was held, and the end or the failure after it. */
  #deliver(): void {
    while (!this.#paused && !this.#released) {
      const chunk = this.#held?.shift();
      if (chunk !== undefined) {
        this.#delivery.data(chunk);
        continue;
      }
      this.#held = undefined;
      if (this.#broken) this.#delivery.fail(this.#failure);
      else if (this.#readEnded) this.#delivery.end();
      return;
    }
  }

  #release(release: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.#delivery.stop();
    this.#held = undefined;
    this.#failure = undefined;
    if (this.#writing !== undefined) this.#failWriting(closedError());
    release();
  }
}
