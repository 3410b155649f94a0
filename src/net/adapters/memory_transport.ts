import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { nextTask } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import type { Faults } from "./memory_faults.ts";
import { closedError, resetError } from "./runtime_errors.ts";

/** How many bytes may be on their way in one direction. */
const WINDOW_BYTES = 65_536;

/** One end of a connection in memory; its peer is the other. */
export class MemoryTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #delivery = new Delivery();
  /** The faults of the direction to the peer. */
  readonly #faults: Faults;
  #peer: MemoryTransport = this;
  #opened = false;
  #paused = false;
  #released = false;
  #delivering = false;

  /** What has arrived and was not delivered. */
  readonly #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  /** Whether the peer has closed its side. */
  #peerEnded = false;
  /** Why the connection broke: told when the inbox is empty. */
  #failure: unknown;

  #bytesTaken = 0;
  /** What the peer has no room for yet of the write under way. */
  #unsent: Uint8Array | undefined;
  #writing: Deferred<void> | undefined;
  /** Whether a piece is on its way to the peer, which delays make last. */
  #sending = false;

  /** Makes an end; the second that is made is given the first as its peer. */
  constructor(
    local: Address,
    remote: Address,
    faults: Faults,
    peer?: MemoryTransport,
  ) {
    this.localAddress = local;
    this.remoteAddress = remote;
    this.#faults = faults;
    if (peer !== undefined) {
      this.#peer = peer;
      peer.#peer = this;
    }
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    this.#deliverSoon();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliverSoon();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const failure = this.#failureOfCall();
    if (failure !== undefined) return Promise.reject(failure);
    if (bytes.length === 0) return undefined;
    this.#unsent = bytes;
    if (!this.#faults.delays) this.#send();
    if (this.#unsent === undefined && this.#failure === undefined) {
      return undefined;
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise } = this.#writing = deferred();
    this.#sendLater();
    return promise;
  }

  closeWrite(): Promise<void> {
    const failure = this.#failureOfCall();
    if (failure !== undefined) return Promise.reject(failure);
    this.#faults.delay(() => this.#peer.#end());
    return Promise.resolve();
  }

  close(): void {
    if (this.#released) return;
    // As with TCP, the peer gets a reset if bytes that it sent are lost.
    const loses = this.#inboxBytes > 0 || this.#unsent !== undefined ||
      this.#peer.#unsent !== undefined;
    this.#release();
    this.#faults.delay(() => {
      if (loses) this.#peer.#fail(resetError());
      else this.#peer.#end();
    });
  }

  abort(): void {
    if (this.#released) return;
    this.#release();
    this.#faults.delay(() => this.#peer.#fail(resetError()));
  }

  /** Why a call that sends fails, where it does. */
  #failureOfCall(): unknown {
    if (this.#failure === undefined && this.#faults.callFails()) {
      this.#fail(
        new NetError("NETWORK_ERROR", "The connection broke: failCall says so"),
      );
      this.#peer.#fail(resetError());
    }
    // As with TCP, a write to a peer that is gone is answered with a reset.
    if (this.#failure === undefined && this.#peer.#released) {
      this.#fail(resetError());
    }
    return this.#failure;
  }

  /** Sends what there is room for: one piece, where pieces are delayed. */
  #send(): void {
    while (this.#unsent !== undefined) {
      const peer = this.#peer;
      const room = WINDOW_BYTES - peer.#inboxBytes;
      if (room <= 0 || this.#failure !== undefined) return;
      const length = this.#faults.nextLength(
        Math.min(this.#unsent.length, room),
      );
      // A copy: the writer may change its bytes after.
      const piece = this.#unsent.slice(0, length);
      const rest = this.#unsent.subarray(length);
      this.#unsent = rest.length > 0 ? rest : undefined;
      this.#bytesTaken += length;
      peer.#push(piece);
      if (this.#faults.resets()) {
        peer.#fail(resetError());
        this.#fail(resetError());
        return;
      }
      if (this.#faults.delays) break;
    }
    if (this.#unsent !== undefined) return;
    this.#writing?.resolve();
    this.#writing = undefined;
  }

  /** Sends the next piece when it is due, if the peer has room. */
  #sendLater(): void {
    if (this.#unsent === undefined || this.#sending) return;
    if (this.#peer.#inboxBytes >= WINDOW_BYTES) return; // the peer will call
    this.#sending = true;
    this.#faults.delay(() => {
      this.#sending = false;
      this.#send();
      this.#sendLater();
    });
  }

  #push(chunk: Uint8Array): void {
    if (this.#released || chunk.length === 0) return;
    this.#inbox.push(chunk);
    this.#inboxBytes += chunk.length;
    this.#deliverSoon();
  }

  #end(): void {
    this.#peerEnded = true;
    this.#deliverSoon();
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#unsent = undefined;
    this.#writing?.reject(error);
    this.#writing = undefined;
    this.#deliverSoon();
  }

  /** Delivers in a task of its own, as sockets do. */
  #deliverSoon(): void {
    if (!this.#opened || this.#delivering || this.#released) return;
    this.#delivering = true;
    nextTask(() => {
      this.#delivering = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#paused && !this.#released) {
      const chunk = this.#inbox.shift();
      if (chunk === undefined) {
        if (this.#peerEnded) this.#delivery.end();
        if (this.#failure !== undefined) this.#delivery.fail(this.#failure);
        return;
      }
      this.#inboxBytes -= chunk.length;
      this.#delivery.data(chunk);
      this.#peer.#sendLater();
    }
  }

  #release(): void {
    this.#released = true;
    this.#delivery.stop();
    this.#inbox.length = this.#inboxBytes = 0;
    this.#failure = undefined;
    this.#fail(closedError());
  }
}
