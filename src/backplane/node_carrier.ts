import {
  type CarriedMessage,
  type Carrier,
  WindowedTransport,
} from "../net/adapters/windowed_transport.ts";
import { NetError } from "../net/errors.ts";
import type { Transport } from "../net/transport.ts";
import { goneError, unavailable } from "./errors.ts";
import type { Backplane } from "./types.ts";

/** The kinds of messages, by their first byte; those with a name are at their index. */
const NAMES = ["end", "close", "reset"] as const;
const BYTES = NAMES.length;
const ACKNOWLEDGED = BYTES + 1;
/** The kind, and the number of the message. */
const HEAD_LENGTH = 5;

/** Where an end of a session sends to, and where it listens. */
export interface SessionEnd {
  /** The node of the other end. */
  readonly nodeId: string;
  /** The channel of the messages to the other end. */
  readonly to: string;
  /** The channel of the messages from it. */
  readonly from: string;
}

/**
 * Opens one end of a session: a byte stream in both directions, between two nodes of a
 * backplane.
 *
 * @throws {NetError} `UNAVAILABLE` while the engine is away.
 */
export async function openSession(
  backplane: Backplane,
  end: SessionEnd,
): Promise<Transport> {
  const carrier = new NodeCarrier(backplane, end);
  await carrier.listen();
  return carrier.transport;
}

/**
 * Carries the messages of a transport over two channels of a backplane. A channel may
 * lose messages, so they are numbered: one that is missing ends the session. So does
 * the death of the other node, and the loss of the engine.
 */
class NodeCarrier implements Carrier {
  readonly transport: WindowedTransport;

  readonly #backplane: Backplane;
  readonly #end: SessionEnd;
  /** Stops what listens. */
  readonly #stops: (() => void)[] = [];
  #sent = 0;
  #received = 0;
  /** Whether the session has broken: nothing but a reset is sent or taken any more. */
  #broken = false;
  #closed = false;

  constructor(backplane: Backplane, end: SessionEnd) {
    this.#backplane = backplane;
    this.#end = end;
    const node = (nodeId: string) => ({ transport: "node", nodeId }) as const;
    this.transport = new WindowedTransport(
      this,
      node(backplane.nodeId),
      node(end.nodeId),
    );
  }

  async listen(): Promise<void> {
    const { nodeId, from } = this.#end;
    this.#stops.push(
      this.#backplane.onNode((id, isAlive) => {
        if (id === nodeId && !isAlive) this.#later(() => this.#nodeGone());
      }),
      this.#backplane.onState((state) => {
        if (state === "down") this.#later(() => this.#engineGone());
      }),
    );
    try {
      const { unsubscribe } = await this.#backplane.listen(
        from,
        (bytes) => this.#later(() => this.#take(bytes)),
      );
      this.#stops.push(unsubscribe);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  post(message: CarriedMessage): void {
    if (!this.#broken) this.#send(message);
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops.splice(0)) stop();
  }

  /**
   * Runs something after what was scheduled before. Within a process, a message arrives
   * while it is sent: the transport would be called from inside its own call.
   */
  #later(run: () => void): void {
    queueMicrotask(() => {
      if (!this.#broken && !this.#closed) run();
    });
  }

  #send(message: CarriedMessage): void {
    try {
      this.#backplane.send(this.#end.to, written(message, this.#sent++));
    } catch (error) {
      this.#later(() => this.#break(error));
    }
  }

  #take(bytes: Uint8Array): void {
    const [message, number] = read(bytes);
    // The other end sends nothing after a reset, and may have lost count.
    if (message !== "reset" && number !== this.#received++ % 2 ** 32) {
      return this.#break(
        new NetError(
          "CONNECTION_RESET",
          "The session with another node broke: the backplane has lost a message of it",
        ),
      );
    }
    this.transport.take(message);
  }

  #nodeGone(): void {
    this.#broken = true;
    this.transport.fail(goneError(this.#end.nodeId));
  }

  #engineGone(): void {
    this.#broken = true;
    this.transport.fail(unavailable());
    // Until it hears of it, the other end would wait for answers.
    if (this.#backplane.state === "up") return this.#send("reset");
    const stop = this.#backplane.onState((state) => {
      if (state === "down") return;
      stop();
      this.#send("reset");
    });
  }

  #break(error: unknown): void {
    if (this.#backplane.state === "down") return this.#engineGone();
    this.#broken = true;
    this.#send("reset");
    this.transport.fail(error);
  }
}

function written(message: CarriedMessage, number: number): Uint8Array {
  const length = message instanceof Uint8Array ? message.length : 4;
  const bytes = new Uint8Array(HEAD_LENGTH + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(1, number);
  if (message instanceof Uint8Array) {
    bytes[0] = BYTES;
    bytes.set(message, HEAD_LENGTH);
  } else if (typeof message === "number") {
    bytes[0] = ACKNOWLEDGED;
    view.setUint32(HEAD_LENGTH, message);
  } else bytes[0] = NAMES.indexOf(message);
  return bytes;
}

/** Reads a message; `undefined` for what none of these sends. */
function read(bytes: Uint8Array): [message: unknown, number: number] {
  const { length } = bytes;
  if (length < HEAD_LENGTH) return [undefined, NaN];
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const number = view.getUint32(1);
  const [kind] = bytes;
  if (kind === BYTES) return [bytes.subarray(HEAD_LENGTH), number];
  if (kind !== ACKNOWLEDGED) return [NAMES[kind!], number];
  const isWhole = length === HEAD_LENGTH + 4;
  return [isWhole ? view.getUint32(HEAD_LENGTH) : undefined, number];
}
