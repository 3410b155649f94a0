/**
 * Bytes between the threads of a program, or the frames of a page: over the two ends
 * of a `MessageChannel`. It runs wherever there are message ports, in browsers too.
 *
 * @module
 */
import type { Address } from "../address.ts";
import { type Deferred, deferred } from "../deferred.ts";
import { NetError } from "../errors.ts";
import { nextTask } from "../timer.ts";
import type { Transport, TransportSink } from "../transport.ts";
import { Delivery } from "./delivery.ts";
import { closedError, resetError } from "./runtime_errors.ts";

/** What is used of a `MessagePort`: that of the web, and of `node:worker_threads`. */
export interface MessagePortLike {
  /** Sends a message; the buffers move to the other end. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Calls a listener with each event. */
  addEventListener(
    type: "message" | "messageerror" | "close",
    listener: (event: object) => void,
  ): void;
  /** Starts the delivery of messages. */
  start(): void;
  /** Closes both ends. */
  close(): void;
}

/**
 * A message port as a transport. The other end of the channel must be one as well.
 *
 * Chunks of at most 64 KiB are posted, and 256 KiB at most are on their way until the
 * other end has delivered them: while it is paused, `write` waits. `abort` is a reset.
 * A worker that was terminated, or has ended, is noticed where the runtime tells of
 * it: Node, Deno, Bun and Chromium do (the `close` event).
 *
 * @example
 * ```ts
 * import { framed, lines } from "@framewire/framewire";
 * import { messagePort } from "@framewire/framewire/net/message_port";
 * import { assertEquals } from "@std/assert";
 *
 * // In a program, `port2` goes to a worker: worker.postMessage(port2, [port2]).
 * const { port1, port2 } = new MessageChannel();
 * const here = framed(messagePort(port1), lines());
 * const there = framed(messagePort(port2), lines());
 * await here.send("hello");
 * assertEquals(await there.receive(), "hello");
 * await Promise.all([here.close(), there.close()]);
 * ```
 *
 * @param port One end of a channel, to which nobody else listens.
 * @returns The transport.
 * @throws {TypeError} If it is no message port.
 */
export function messagePort(port: MessagePortLike): Transport {
  if (typeof port?.start !== "function") {
    throw new TypeError(
      `Cannot use port: expected a MessagePort, got ${typeof port}; make a MessageChannel, and send one end to the worker`,
    );
  }
  return new MessagePortTransport(port);
}

const PORT: Address = { transport: "memory", name: "port" };

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
type Message = Uint8Array<ArrayBuffer> | number | "end" | "close" | "reset";

class MessagePortTransport implements Transport {
  readonly localAddress: Address = PORT;
  readonly remoteAddress: Address = PORT;

  readonly #port: MessagePortLike;
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

  constructor(port: MessagePortLike) {
    this.#port = port;
    port.addEventListener("message", (event) => {
      if ("data" in event) this.#take(event.data);
    });
    port.addEventListener("messageerror", () => this.#take(undefined));
    port.addEventListener("close", () => this.#take("close"));
    port.start();
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
        return this.#post("reset");
      }
      this.#acknowledge();
      this.#end();
      this.#post("close");
    });
  }

  abort(): void {
    this.#release(() => this.#post("reset"));
  }

  /** Takes a message of the other end. */
  #take(message: unknown): void {
    if (this.#released) return;
    if (message instanceof Uint8Array) this.#receive(message);
    else if (typeof message === "number") this.#acknowledged(message);
    else if (message === "end") this.#peerEnded = true;
    else if (message === "close") this.#closedByPeer();
    else if (message === "reset") this.#fail(resetError());
    else this.#fail(foreignError());
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
      // A copy: its buffer moves to the other end.
      const chunk = this.#unsent.slice(0, room);
      this.#unsent = this.#unsent.subarray(room);
      this.#bytesTaken += chunk.length;
      this.#inFlight += chunk.length;
      this.#post(chunk as Uint8Array<ArrayBuffer>);
    }
  }

  #end(): void {
    if (!this.#ended) this.#post("end");
    this.#ended = true;
  }

  #post(message: Message): void {
    const moved = message instanceof Uint8Array ? [message.buffer] : [];
    this.#port.postMessage(message, moved);
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
    if (this.#delivered > 0) this.#post(this.#delivered);
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
    this.#port.close();
    this.#failure = undefined;
    this.#fail(closedError());
  }
}

function foreignError(): NetError {
  return new NetError(
    "NETWORK_ERROR",
    "The connection broke: the other end of the message port is no transport of framewire",
  );
}
