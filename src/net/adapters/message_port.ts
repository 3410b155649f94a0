/**
 * Bytes between the threads of a program, or the frames of a page: over the two ends
 * of a `MessageChannel`. It runs wherever there are message ports, in browsers too.
 *
 * @module
 */
import type { Address } from "../address.ts";
import type { Transport } from "../transport.ts";
import {
  type CarriedMessage,
  type Carrier,
  WindowedTransport,
} from "./windowed_transport.ts";

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
  const transport = new WindowedTransport(new PortCarrier(port), PORT, PORT);
  port.addEventListener("message", (event) => {
    if ("data" in event) transport.take(event.data);
  });
  port.addEventListener("messageerror", () => transport.take(undefined));
  port.addEventListener("close", () => transport.take("close"));
  port.start();
  return transport;
}

const PORT: Address = { transport: "memory", name: "port" };

/** A message port that carries the messages of a transport. */
class PortCarrier implements Carrier {
  readonly #port: MessagePortLike;

  constructor(port: MessagePortLike) {
    this.#port = port;
  }

  post(message: CarriedMessage): void {
    if (!(message instanceof Uint8Array)) {
      return this.#port.postMessage(message, []);
    }
    // A copy: its buffer moves to the other end.
    const chunk = message.slice() as Uint8Array<ArrayBuffer>;
    this.#port.postMessage(chunk, [chunk.buffer]);
  }

  close(): void {
    this.#port.close();
  }
}
