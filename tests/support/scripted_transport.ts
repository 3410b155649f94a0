import { type Address, NetError, type Transport } from "../../src/net/mod.ts";
import type { TransportSink } from "../../src/net/transport.ts";

/** A write that the system has not taken. */
interface HeldWrite {
  left: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A transport that does what a test says: what the peer sends, how much the
 * system takes of a write, and when it breaks. It keeps account of its calls.
 */
export class ScriptedTransport implements Transport {
  readonly localAddress: Address = { transport: "memory", name: "here" };
  readonly remoteAddress: Address = { transport: "memory", name: "there" };
  bytesTaken = 0;
  /** What was written, as text. */
  written = "";
  /** The sizes of the writes. */
  readonly writes: number[] = [];
  /** `closeWrite`, `close` and `abort`, in the order of their calls. */
  readonly ends: string[] = [];
  paused = false;
  /** Whether writes are held until the test takes them. */
  holds = false;
  /** Whether `closeWrite` never settles. */
  holdsEnd = false;

  #sink: TransportSink | undefined;
  #held: HeldWrite | undefined;
  #failure: unknown;

  open(sink: TransportSink): void {
    this.#sink = sink;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#held !== undefined) throw new Error("two writes at a time");
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.writes.push(bytes.length);
    this.written += decoder.decode(bytes);
    if (!this.holds) {
      this.bytesTaken += bytes.length;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.#held = { left: bytes.length, resolve, reject };
    });
  }

  closeWrite(): Promise<void> {
    if (this.#held !== undefined) throw new Error("a write is under way");
    this.ends.push("closeWrite");
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.holdsEnd ? new Promise(() => {}) : Promise.resolve();
  }

  close(): void {
    this.ends.push("close");
    this.#release();
  }

  abort(): void {
    this.ends.push("abort");
    this.#release();
  }

  /** The peer sends something. */
  data(sent: string | Uint8Array): void {
    this.#sink?.data(typeof sent === "string" ? encoder.encode(sent) : sent);
  }

  /** The peer sends its FIN. */
  end(): void {
    this.#sink?.end();
  }

  /** The connection breaks. */
  fail(error: unknown): void {
    this.failWrite(error);
    this.#sink?.fail(error);
  }

  /** A write fails, what has arrived is not yet told to be the last. */
  failWrite(error: unknown): void {
    this.#failure = error;
    this.#held?.reject(error);
    this.#held = undefined;
  }

  /** The system takes some of the write that is held, or all that is left. */
  take(count: number = Infinity): void {
    const held = this.#held;
    if (held === undefined) return;
    const taken = Math.min(count, held.left);
    held.left -= taken;
    this.bytesTaken += taken;
    if (held.left > 0) return;
    this.#held = undefined;
    held.resolve();
  }

  /** The system takes all that is written, from now on at once. */
  async takeAll(): Promise<void> {
    this.holds = false;
    this.take();
    await turn();
  }

  #release(): void {
    this.#sink = undefined;
    this.failWrite(new NetError("CONNECTION_CLOSED", "released"));
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The error of a peer's reset. */
export function resetError(): NetError {
  return new NetError("CONNECTION_RESET", "The peer reset the connection");
}

/** Lets all that is ready go on: tasks that are due as well. */
export async function turn(): Promise<void> {
  // The first may have been put in before what it is to come behind.
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
