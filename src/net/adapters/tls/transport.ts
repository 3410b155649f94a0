import type { TLSSocket } from "node:tls";
import { LINGER_MS } from "../../../defaults.ts";
import type { Address } from "../../address.ts";
import { type Deferred, deferred } from "../../deferred.ts";
import { NetError } from "../../errors.ts";
import { after, nextTask } from "../../timer.ts";
import type { TlsInfo } from "../../tls_types.ts";
import type { Transport, TransportSink } from "../../transport.ts";
import { Delivery } from "../delivery.ts";
import { closedError } from "../runtime_errors.ts";
import { whenQuiet } from "../when_quiet.ts";
import { tlsAddress } from "./address.ts";
import type { DuplexUser, TransportDuplex } from "./duplex.ts";
import { tlsError } from "./errors.ts";

/** How much is encrypted at once: this is how finely progress is seen. */
const PIECE_BYTES = 262_144;

/** A TLS connection, after its handshake, as a transport over another one. */
export class TlsTransport implements Transport, DuplexUser {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly tls: TlsInfo;

  readonly #socket: TLSSocket;
  readonly #below: TransportDuplex;
  readonly #delivery = new Delivery();
  #bytesTaken = 0;
  #chunksRead = 0;
  #opened = false;
  #paused = false;
  #released = false;
  /** Whether TLS itself has failed. */
  #broken = false;
  /** Whether our close_notify has been sent, or is about to be. */
  #writeEnded = false;
  /** Whether this side is open after the peer has closed its own; see `finishing`. */
  #isHalfOpen = true;
  /** Why the connection is over, other than by the peer's close_notify. */
  #failure: { readonly error: unknown } | undefined;
  /** The failure that is told when all bytes before it have been delivered. */
  #lastWords: { readonly error: unknown } | undefined;
  /** The write, or the half-close, that is under way. */
  #writing: Deferred<void> | undefined;

  /** Takes over a socket whose handshake is done, and the stream below it. */
  constructor(socket: TLSSocket, below: TransportDuplex, tls: TlsInfo) {
    this.localAddress = tlsAddress(below.transport.localAddress);
    this.remoteAddress = tlsAddress(below.transport.remoteAddress);
    this.tls = tls;
    this.#socket = socket;
    this.#below = below;
    below.user = this;
    socket.pause();
    socket.on("data", (chunk: Uint8Array) => {
      this.#chunksRead++;
      const { buffer, byteOffset, byteLength } = chunk;
      this.#delivery.data(new Uint8Array(buffer, byteOffset, byteLength));
    });
    socket.on("end", () => this.#end());
    socket.on("error", (cause) => this.#break(cause));
    // The peer may have closed its side, or TLS failed, before there were listeners.
    if (socket.errored) this.#break(socket.errored);
    else if (!socket.writable) this.finishing();
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    if (!this.#paused) this.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
    this.#below.hold();
  }

  resume(): void {
    this.#paused = false;
    if (!this.#opened) return;
    this.#socket.resume();
    this.#below.letGo();
    if (this.#socket.readableEnded) {
      nextTask(() => {
        if (!this.#paused) this.#end();
      });
    }
    if (this.#lastWords !== undefined) this.#sayLastWords();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    return bytes.length === 0 ? undefined : this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      await this.#whenWritten((done) => this.#socket.write(piece, done));
      this.#bytesTaken += piece.length;
    }
  }

  closeWrite(): Promise<void> {
    if (!this.#isHalfOpen) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#writeEnded) return Promise.resolve();
    this.#writeEnded = true;
    return this.#whenWritten((done) => this.#socket.end(done));
  }

  close(): void {
    if (this.#released) return;
    const cut = this.#writing !== undefined || this.#failure !== undefined;
    this.#release();
    if (cut || this.#writeEnded) return this.#destroy();
    // The peer would take a connection without a close_notify for a cut one.
    const callOff = after(LINGER_MS, () => this.#destroy());
    this.#socket.end(() => {
      callOff();
      this.#destroy();
    });
  }

  abort(): void {
    if (!this.#released) this.#release();
    this.#below.transport.abort();
    this.#socket.destroy();
  }

  /** TLS has written its close_notify. On Bun, it also does when the peer has. */
  finishing(): void {
    if (this.#writeEnded) {
      this.#writing?.resolve();
      this.#writing = undefined;
    }
    if (this.#writeEnded || this.#released) return;
    this.#isHalfOpen = false;
    this.#failure ??= {
      error: new NetError(
        "CONNECTION_CLOSED",
        "The peer has closed its side, and TLS of this runtime has closed the other",
      ),
    };
    this.#writing?.reject(this.#failure.error);
    this.#writing = undefined;
  }

  /** The peer has closed the connection below. Before its close_notify, that is a cut. */
  ended(): void {
    this.#tellLast(
      new NetError(
        "TLS_TRUNCATED",
        "The peer ended the connection without a close_notify: what it sent last may be missing",
      ),
      false,
    );
  }

  /** The connection below broke, or TLS did. What has arrived is delivered first. */
  failed(error: unknown): void {
    this.#failure ??= { error };
    this.#writing?.reject(this.#failure.error);
    this.#writing = undefined;
    this.#tellLast(this.#failure.error, true);
  }

  /** The peer has sent its close_notify. */
  #end(): void {
    // Bun ends the stream behind an error.
    if (!this.#broken) this.#delivery.end();
  }

  #break(cause: unknown): void {
    this.#broken = true;
    this.failed(tlsError(cause));
  }

  #tellLast(error: unknown, evenAfterEnd: boolean): void {
    if (this.#released || this.#delivery.stopped) return;
    const quiet = () => {
      if (this.#delivery.over && !evenAfterEnd) return;
      this.#failure ??= { error };
      this.#lastWords ??= { error };
      if (this.#opened && !this.#paused) this.#sayLastWords();
    };
    whenQuiet(() => this.#chunksRead, quiet);
  }

  /** Tells the failure, once no more bytes are read in some turns. */
  #sayLastWords(): void {
    whenQuiet(() => this.#chunksRead, () => {
      if (!this.#paused) this.#delivery.fail(this.#lastWords?.error);
    });
  }

  /** Runs a write; rejects at the latest when the connection fails. */
  #whenWritten(run: (done: (cause?: Error | null) => void) => void): Promise<
    void
  > {
    const writing = deferred<void>();
    this.#writing = writing;
    const done = () => {
      if (this.#writing !== writing) return;
      this.#writing = undefined;
      writing.resolve();
    };
    run((cause) => {
      if (cause) this.#break(cause);
      else this.#below.whenTaken(done);
    });
    return writing.promise;
  }

  #release(): void {
    this.#released = true;
    this.#delivery.stop();
    this.#failure = { error: closedError() };
    this.#writing?.reject(this.#failure.error);
    this.#writing = undefined;
  }

  #destroy(): void {
    // After this turn: Node would drop the last write to the stream below.
    nextTask(() => {
      this.#socket.destroy();
      this.#below.transport.close();
    });
  }
}
