import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { Engine } from "./engine.ts";
import { goneError, unavailable } from "./errors.ts";
import type { BackplaneHandler } from "./types.ts";
import { isOwnCode, type Note, readNote, writeNote } from "./notes.ts";
import { sendIfUp } from "./send_if_up.ts";

/** A request of this node that is open. */
interface Open {
  readonly to: string;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Requests from node to node: each node listens at a channel of its own. */
export class NodeRequests {
  readonly #engine: Engine;
  readonly #nodeId: string;
  readonly #handlers = new Map<string, BackplaneHandler>();
  readonly #open = new Map<number, Open>();
  /** What aborts handlers at work, by the node that asks and its number. */
  readonly #atWork = new Map<string, Map<number, AbortController>>();
  #lastId = 0;
  #stop: () => void = () => undefined;

  constructor(engine: Engine, nodeId: string) {
    this.#engine = engine;
    this.#nodeId = nodeId;
  }

  async start(): Promise<void> {
    this.#stop = await this.#engine.listen(
      channelOf(this.#nodeId),
      (bytes) => {
        const note = readNote(bytes);
        // Others may send to the channel as well.
        if (note !== undefined) this.#take(note);
      },
    );
  }

  /** Sets the handler of a subject; returns what removes it. */
  handle(subject: string, handler: BackplaneHandler): () => void {
    if (this.#handlers.has(subject)) {
      throw new TypeError(
        `Cannot serve ${subject}: this node serves it already`,
      );
    }
    this.#handlers.set(subject, handler);
    return () => void this.#handlers.delete(subject);
  }

  /** Sends a request to a node. */
  request(
    to: string,
    subject: string,
    bytes: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const id = ++this.#lastId;
      const giveUp = (error: unknown) => {
        this.#cancel(to, id);
        this.#open.get(id)?.reject(error);
      };
      const callOff = after(timeoutMs, () => {
        giveUp(
          new NetError(
            "TIMED_OUT",
            `The node ${to} did not answer "${subject}" in ${timeoutMs} ms (timeoutMs)`,
            { limit: "timeoutMs" },
          ),
        );
      });
      const onAbort = () => giveUp(signal?.reason);
      signal?.addEventListener("abort", onAbort);
      const end = () => {
        this.#open.delete(id);
        callOff();
        signal?.removeEventListener("abort", onAbort);
      };
      this.#open.set(id, {
        to,
        resolve: (reply) => (end(), resolve(reply)),
        reject: (error) => (end(), reject(error)),
      });
      // Within a process, the reply comes before this returns.
      const header = ["request", this.#nodeId, id, subject] as const;
      try {
        this.#engine.send(channelOf(to), writeNote(header, bytes));
      } catch (error) {
        this.#open.get(id)?.reject(error);
      }
    });
  }

  /** A node is gone: its requests and those to it have ended. */
  removeNode(nodeId: string): void {
    for (const { to, reject } of [...this.#open.values()]) {
      if (to === nodeId) reject(goneError(nodeId));
    }
    for (const controller of this.#atWork.get(nodeId)?.values() ?? []) {
      controller.abort(goneError(nodeId));
    }
    // A handler that never ends must not be kept for it.
    this.#atWork.delete(nodeId);
  }

  /** The engine is away: no reply can come or go. */
  fail(): void {
    for (const { reject } of [...this.#open.values()]) reject(unavailable());
    for (const requests of this.#atWork.values()) {
      for (const controller of requests.values()) {
        controller.abort(unavailable());
      }
    }
  }

  end(): void {
    this.#stop();
    this.fail();
  }

  #take([header, bytes]: Note): void {
    switch (header[0]) {
      case "request":
        return void this.#serve(header[1], header[2], header[3], bytes);
      case "cancel":
        return this.#atWork.get(header[1])?.get(header[2])?.abort(
          new DOMException("The other node gave the request up", "AbortError"),
        );
      case "reply":
        return this.#open.get(header[1])?.resolve(bytes);
      case "error":
        return this.#open.get(header[1])?.reject(
          new NetError(
            isOwnCode(header[2]) ? header[2] : "HANDLER_FAILED",
            header[3],
          ),
        );
    }
  }

  async #serve(
    from: string,
    id: number,
    subject: string,
    bytes: Uint8Array,
  ): Promise<void> {
    const handler = this.#handlers.get(subject);
    if (handler === undefined) {
      const message = `The node ${this.#nodeId} does not serve "${subject}"`;
      return this.#answer(from, ["error", id, "NO_HANDLER", message]);
    }
    const controller = new AbortController();
    const requests = this.#atWork.get(from) ?? new Map();
    this.#atWork.set(from, requests.set(id, controller));
    try {
      const { signal } = controller;
      const reply = await handler(bytes, { from, signal });
      if (!signal.aborted) this.#reply(from, ["reply", id], reply);
    } catch (error) {
      if (!controller.signal.aborted) {
        console.error(`framewire: what serves "${subject}" failed:`, error);
        const message = `What serves "${subject}" failed`;
        this.#answer(from, ["error", id, "HANDLER_FAILED", message]);
      }
    }
    requests.delete(id);
    if (requests.size === 0 && this.#atWork.get(from) === requests) {
      this.#atWork.delete(from);
    }
  }

  /** Throws where the reply is too long. */
  #reply(to: string, header: Note[0], bytes: Uint8Array): void {
    // While the engine is away, the request has ended.
    if (this.#engine.state === "down") return;
    this.#engine.send(channelOf(to), writeNote(header, bytes));
  }

  #answer(to: string, header: Note[0]): void {
    sendIfUp(this.#engine, channelOf(to), writeNote(header));
  }

  #cancel(to: string, id: number): void {
    this.#answer(to, ["cancel", this.#nodeId, id]);
  }
}

function channelOf(nodeId: string): string {
  return `node:${nodeId}`;
}
