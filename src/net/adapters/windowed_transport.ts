import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { nextTask } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { closedError, resetError } from "./runtime_errors.ts";

/** The longest chunk that is posted. */
const CHUNK_BYTES = 65_536;
/** How many bytes may be posted that the other end has not acknowledged. */
const WINDOW_BYTES = 262_144;
/** How many bytes are acknowledged at once. */
const ACKNOWLEDGED_BYTES = 65_536;

/**
 * What is posted: bytes; how many bytes were delivered (acknowledged); the end of this
 * side; that this end is closed; that it was aborted, or has lost bytes.
 */
export type CarriedMessage = Uint8Array | number | "end" | "close" | "reset";

/** What carries messages to the other end, in their order. */
export interface Carrier {
  /** Sends a message. The bytes may change afterwards. It does not throw. */
  post(message: CarriedMessage): void;
  /** Releases it: nothing is posted any more. Called once. */
  close(): void;
}

/**
 * A transport over what carries whole messages in their order: it cuts what is written
 * into chunks, and bounds what is on its way by acknowledgements of the other end.
 */
export class WindowedTransport implements Transport {
  readonly localAddress: Address;
  readonly remoteAddress: Address;

  readonly #carrier: Carrier;
  readonly #delivery = new Delivery();
  #opened = false;
  #paused = false;
  #released = false;

  /** What has arrived and was not delivered. */
  readonly #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  /** How many bytes were delivered and not acknowledged. */
  #delivered = 0;
  #peerEnded = false;
  /** Whether the other end is closed. */
  #peerGone = false;
  #failure: unknown;

  #bytesTaken = 0;
  /** How many of them the other end has not acknowledged. */
  #inFlight = 0;
  #ended = false;
  /** What there is no room for yet of the write under way. */
  #unsent: Uint8Array = new Uint8Array(0);
  #writing: Deferred<void> | undefined;

  /** Makes an end; `take` is to be called with each message of the other one. */
  constructor(carrier: Carrier, local: Address, remote: Address) {
    this.#carrier = carrier;
    this.localAddress = local;
    this.remoteAddress = remote;
  }

  get bytesTaken(): number {
    return this.#bytesTaken;
  }

  open(sink: TransportSink): void {
    this.#delivery.open(sink);
    this.#opened = true;
    nextTask(() => this.#deliver());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    nextTask(() => this.#deliver());
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    const failure = this.#failureOfCall();
    if (failure !== undefined) return Promise.reject(failure);
    this.#unsent = bytes;
    this.#send();
    if (this.#unsent.length === 0) return undefined;
    this.#writing = deferred();
    return this.#writing.promise;
  }

  closeWrite(): Promise<void> {
    const failure = this.#failureOfCall();
    if (failure !== undefined) return Promise.reject(failure);
    this.#end();
    return Promise.resolve();
  }

  close(): void {
    this.#release(() => {
      if (this.#unsent.length > 0 || this.#inboxBytes > 0) {
        return this.#carrier.post("reset");
      }
      this.#acknowledge();
      this.#end();
      this.#carrier.post("close");
    });
  }

  abort(): void {
    this.#release(() => this.#carrier.post("reset"));
  }

  /** Takes a message of the other end; what it is was not checked. */
  take(message: unknown): void {
    if (this.#released) return;
    if (message instanceof Uint8Array) this.#receive(message);
    else if (typeof message === "number") this.#acknowledged(message);
    else if (message === "end") this.#peerEnded = true;
    else if (message === "close") this.#closedByPeer();
    else if (message === "reset") this.#fail(resetError());
    else this.#fail(foreignError());
    this.#deliver();
  }

  /** The connection broke: told when what has arrived is delivered. */
  fail(error: unknown): void {
    if (this.#released) return;
    this.#fail(error);
    this.#deliver();
  }

  #receive(chunk: Uint8Array): void {
    this.#inbox.push(chunk);
    this.#inboxBytes += chunk.length;
    if (this.#inboxBytes > WINDOW_BYTES) this.#fail(foreignError());
  }

  #acknowledged(bytes: number): void {
    this.#inFlight -= bytes;
    if (!(bytes > 0 && this.#inFlight >= 0)) return this.#fail(foreignError());
    this.#send();
    if (this.#unsent.length > 0) return;
    this.#writing?.resolve();
    this.#writing = undefined;
  }

  #closedByPeer(): void {
    this.#peerGone = true;
    // It is told of bytes that the other end has not read.
    const lost = this.#inFlight > 0 || this.#writing !== undefined;
    if (lost || !this.#peerEnded) this.#fail(resetError());
  }

  /** Why a call that sends fails, where it does. */
  #failureOfCall(): unknown {
    if (this.#peerGone && this.#failure === undefined) {
      this.#fail(resetError());
      nextTask(() => this.#deliver());
    }
    return this.#failure;
  }

  /** Posts what there is room for. */
  #send(): void {
    while (this.#unsent.length > 0 && this.#inFlight < WINDOW_BYTES) {
      const room = Math.min(CHUNK_BYTES, WINDOW_BYTES - this.#inFlight);
      const chunk = this.#unsent.subarray(0, room);
      this.#unsent = this.#unsent.subarray(room);
      this.#bytesTaken += chunk.length;
      this.#inFlight += chunk.length;
      this.#carrier.post(chunk);
    }
  }

  #end(): void {
    if (!this.#ended) this.#carrier.post("end");
    this.#ended = true;
  }

  #deliver(): void {
    if (!this.#opened) return;
    while (!this.#paused && !this.#released) {
      const chunk = this.#inbox.shift();
      if (chunk === undefined) {
        if (this.#peerEnded) this.#delivery.end();
        if (this.#failure !== undefined) this.#delivery.fail(this.#failure);
        return;
      }
      this.#inboxBytes -= chunk.length;
      this.#delivered += chunk.length;
      if (this.#delivered >= ACKNOWLEDGED_BYTES) this.#acknowledge();
      this.#delivery.data(chunk);
    }
  }

  #acknowledge(): void {
    if (this.#delivered > 0) this.#carrier.post(this.#delivered);
    this.#delivered = 0;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#unsent = new Uint8Array(0);
    this.#writing?.reject(error);
    this.#writing = undefined;
  }

  #release(tell: () => void): void {
    if (this.#released) return;
    this.#released = true;
    this.#delivery.stop();
    tell();
    this.#carrier.close();
    this.#failure = undefined;
    this.#fail(closedError());
  }
}

function foreignError(): NetError {
  return new NetError(
    "NETWORK_ERROR",
    "The connection broke: the other end is no transport of framewire",
  );
}
