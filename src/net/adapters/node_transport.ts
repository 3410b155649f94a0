import type { ServerOpts, Socket } from "node:net";
import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import type { TcpSettings } from "../tcp_settings.ts";
import { nextTask } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { endAddress, ownEnd } from "./ends.ts";
import { closedError, resetError, transferError } from "./runtime_errors.ts";
import { whenQuiet } from "./when_quiet.ts";

/**
 * How much is given to Node at once. Node says only of a whole write that the
 * system has taken it, so this is how finely progress is seen.
 */
const PIECE_BYTES = 262_144;

/** A socket of `node:net` as a transport. */
export class NodeTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #socket: OwnedSocket;
  readonly #delivery = new Delivery();
  /** What was read, and not delivered, when the connection broke. */
  #held: Uint8Array[] | undefined;
  #bytesTaken = 0;
  #opened = false;
  #paused = false;
  /** Whether a write failed, and what has arrived is being read into #held. */
  #draining = false;
  #broken = false;
  #failure: unknown;
  #released = false;
  /** How many writes Node has not called back for. */
  #calls = 0;
  /** How long the piece is that Node has not called back for. */
  #unconfirmed = 0;
  /** What has not been given to Node yet of the write under way. */
  #rest: Uint8Array | undefined;
  #writing: Deferred<void> | undefined;

  /** Takes over a socket, which must not have been read from. */
  constructor(socket: Socket, local: Address, remote: Address) {
    this.localAddress = ownEnd(local, socket);
    const { remoteAddress, remotePort } = socket;
    this.remoteAddress = endAddress(remote, remoteAddress, remotePort);
    this.#socket = Object.assign(socket, { [owner]: this as NodeTransport });
    this.#socket.on("error", onError);
    this.#socket.on("close", onClose);
    this.#socket.destroy = readAndDestroy;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    if (this.#broken) return this.#resumeBroken();
    const socket = this.#socket;
    socket.on("data", onData);
    socket.on("end", onEnd);
    if (this.#paused || this.#draining) socket.pause();
    else socket.resume();
  }

  pause(): void {
    this.#paused = true;
    if (!this.#draining && !this.#broken) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#broken) this.#resumeBroken();
    else if (this.#opened && !this.#draining) this.#socket.resume();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined || !this.#socket.writable) {
      return Promise.reject(this.#failure ?? this.#writeError());
    }
    this.#rest = bytes;
    if (this.#writePieces()) return undefined;
    this.#writing = deferred();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    if (this.#released) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = deferred<void>();
    this.#socket.end((cause?: Error | null) => {
      if (cause) reject(this.#failure ?? this.#writeError());
      else resolve();
    });
    return promise;
  }

  close(): void {
    this.#release(() => this.#socket.destroy());
  }

  abort(): void {
    this.#release(() => {
      const socket = this.#socket;
      // A Unix socket has no reset.
      if (this.localAddress.transport !== "tcp") socket.destroy();
      // While the system ends the writing side, Node cannot reset, and would leave the
      // socket open for good.
      else if (this.#isEndingWriting()) {
        socket.once("finish", () => socket.resetAndDestroy());
      } else socket.resetAndDestroy();
    });
  }

  /** Whether all is written, and the end is under way. */
  #isEndingWriting(): boolean {
    const { writableEnded, writableFinished, writableLength } = this.#socket;
    return writableEnded && !writableFinished && writableLength === 0;
  }

  /** Writes what the system takes at once; returns whether that was all. */
  #writePieces(): boolean {
    const socket = this.#socket;
    while (this.#rest !== undefined) {
      let piece = this.#rest;
      this.#rest = undefined;
      if (piece.length > PIECE_BYTES) {
        this.#rest = piece.subarray(PIECE_BYTES);
        piece = piece.subarray(0, PIECE_BYTES);
      }
      this.#calls++;
      socket.write(piece, this.#onWritten);
      if (socket.writableLength > 0 || socket.errored !== null) {
        this.#unconfirmed = piece.length;
        return false;
      }
      this.#bytesTaken += piece.length;
    }
    return true;
  }

  /** Node has read a chunk. */
  onData(chunk: Uint8Array): void {
    this.#delivery.data(viewOf(chunk));
  }

  /** The peer has closed its side. */
  onEnd(): void {
    this.#delivery.end();
  }

  /** The connection broke. */
  onError(cause: Error): void {
    this.#break(transferError(cause));
  }

  /** The socket is gone. */
  onClose(): void {
    const { readableEnded, writableFinished } = this.#socket;
    if (!readableEnded || !writableFinished) this.#break(resetError());
  }

  /** One function for all writes: Node then calls back for many at once. */
  readonly #onWritten = (cause?: Error | null): void => {
    this.#calls--;
    if (this.#writing === undefined) return;
    if (cause) return this.#failWriting(transferError(cause));
    // The calls of writes that were done at once come later, too.
    if (this.#calls > 0) return;
    this.#bytesTaken += this.#unconfirmed;
    this.#unconfirmed = 0;
    if (!this.#writePieces()) return;
    this.#writing.resolve();
    this.#writing = undefined;
  };

  #failWriting(error: unknown): void {
    this.#failure ??= error;
    this.#rest = undefined;
    this.#writing?.reject(this.#failure);
    this.#writing = undefined;
  }

  #writeError(): unknown {
    const { errored } = this.#socket;
    return errored === null ? closedError() : transferError(errored);
  }

  /**
   * Node destroys a socket when a write fails, and loses the bytes that the peer sent
   * before it left. So they are read first, until no more arrive in some turns of the
   * event loop.
   */
  onDestroy(cause: Error | undefined, destroy: () => void): void {
    const failedWrite = cause !== undefined && "syscall" in cause &&
      cause.syscall === "write" && !this.#released;
    if (!failedWrite || this.#draining) return destroy();
    const socket = this.#socket;
    this.#draining = true;
    this.#failWriting(transferError(cause));
    this.#takeRead();
    // Node would throw away what it reads after an error.
    socket.push = (chunk: Uint8Array | null): boolean => {
      if (chunk !== null) this.#hold(chunk);
      return true;
    };
    socket._read(PIECE_BYTES);
    whenQuiet(() => socket.bytesRead, destroy);
  }

  /** Takes what Node has read and not delivered. */
  #takeRead(): void {
    const socket = this.#socket;
    socket.off("data", onData); // read() would emit it as well
    socket.pause();
    let chunk: Uint8Array | null;
    while ((chunk = socket.read()) !== null) this.#hold(chunk);
  }

  #hold(chunk: Uint8Array): void {
    (this.#held ??= []).push(viewOf(chunk));
  }

  /** The connection broke. Only what Node has read already is still delivered. */
  #break(error: unknown): void {
    if (this.#broken || this.#released) return;
    this.#broken = true;
    this.#takeRead();
    this.#failWriting(error);
    if (!this.#paused && this.#opened) this.#deliverRest();
  }

  #resumeBroken(): void {
    nextTask(() => {
      if (!this.#paused) this.#deliverRest();
    });
  }

  #deliverRest(): void {
    while (!this.#paused && !this.#released) {
      const chunk = this.#held?.shift();
      if (chunk === undefined) return this.#delivery.fail(this.#failure);
      this.#delivery.data(chunk);
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

/** The property of a socket by which its listeners find the transport. */
const owner = Symbol("transport");

interface OwnedSocket extends Socket {
  readonly [owner]: NodeTransport;
}

// The listeners of all sockets: a closure for each socket would cost memory.
function onData(this: OwnedSocket, chunk: Uint8Array): void {
  this[owner].onData(chunk);
}

function onEnd(this: OwnedSocket): void {
  this[owner].onEnd();
}

function onError(this: OwnedSocket, cause: Error): void {
  this[owner].onError(cause);
}

function onClose(this: OwnedSocket): void {
  this[owner].onClose();
}

function readAndDestroy<S extends OwnedSocket>(this: S, cause?: Error): S {
  const { destroy } = Object.getPrototypeOf(this) as Socket;
  this[owner].onDestroy(cause, () => destroy.call(this, cause));
  return this;
}

/** The bytes, which Node does not write to again, as a plain Uint8Array. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The options of a socket of `node:net`. */
export function nodeSettings({ noDelay, keepAlive }: TcpSettings): ServerOpts {
  return {
    allowHalfOpen: true,
    noDelay,
    keepAlive: keepAlive !== false,
    // With 0 it is left to the system.
    keepAliveInitialDelay: typeof keepAlive === "number" ? keepAlive : 0,
  };
}
