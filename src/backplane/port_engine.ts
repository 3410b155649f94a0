import { checkKind } from "../checks.ts";
import type { MessagePortLike } from "../net/adapters/message_port.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
} from "./engine.ts";
import { unavailable } from "./errors.ts";
import { callListener } from "./listeners.ts";
import {
  type Answer,
  type Call,
  PORT_METHODS,
  type PostedError,
  receive,
  type Request,
  whole,
} from "./port_messages.ts";
import { StateListeners } from "./state_listeners.ts";

/**
 * The engine that another thread of the process shares with `shareEngine`.
 *
 * It is down when the other thread ends or closes the port, where the runtime tells of
 * it: Node, Deno, Bun and Chromium do. `send` cannot tell of a message that is too long
 * for the system: the other thread reports it with `console.error`.
 *
 * @example A node in another thread
 * ```ts
 * import {
 *   createBackplane,
 *   MemorySystem,
 *   portEngine,
 *   shareEngine,
 * } from "@framewire/framewire/backplane";
 * import { assertEquals } from "@std/assert";
 *
 * const system = new MemorySystem();
 * await using main = await createBackplane(system.engine());
 *
 * // In a program, `port2` goes to a worker: worker.postMessage(port2, [port2]).
 * const { port1, port2 } = new MessageChannel();
 * shareEngine(system.engine(), port1);
 * // In the worker:
 * await using worker = await createBackplane(portEngine(port2));
 *
 * assertEquals((await main.claim("leader"))?.name, "leader");
 * assertEquals(await worker.claim("leader"), undefined);
 * assertEquals((await worker.holder("leader"))?.nodeId, main.nodeId);
 * ```
 *
 * @param port The other end of the channel.
 * @returns The engine, for one node.
 * @throws {TypeError} If it is no message port.
 */
export function portEngine(port: MessagePortLike): Engine {
  checkKind("port", port, PORT_METHODS);
  return new PortEngine(port);
}

/** In the thread without the engine. */
class PortEngine implements Engine {
  readonly #port: MessagePortLike;
  // Until the other thread says otherwise. It refuses what it cannot do.
  readonly #listeners = new StateListeners("up");
  readonly #calls = new Map<number, Deferred<unknown>>();
  /** What listens and watches, by the id of the call. */
  readonly #events = new Map<number, (value: unknown) => void>();
  #lastId = 0;
  #closed = false;

  constructor(port: MessagePortLike) {
    this.#port = port;
    receive<Answer>(port, (answer) => this.#take(answer));
  }

  get state(): BackplaneState {
    return this.#listeners.state;
  }

  onState(listener: (state: BackplaneState) => void): () => void {
    return this.#listeners.add(listener);
  }

  send(channel: string, bytes: Uint8Array): void {
    if (this.state === "down") throw unavailable();
    this.#post(["send", channel, whole(bytes)]);
  }

  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void> {
    const call = ["listen", channel] as const;
    return this.#hear(call, (value) => onBytes(value as Uint8Array));
  }

  async append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint> {
    const call = ["append", topic, whole(bytes), id] as const;
    return await this.#call(call) as bigint;
  }

  watch(
    topic: string,
    onMessage: (message: LiveMessage) => void,
  ): Promise<() => void> {
    const call = ["watch", topic] as const;
    return this.#hear(call, (value) => onMessage(value as LiveMessage));
  }

  async read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory> {
    return await this.#call(["read", topic, since, maxBytes]) as TopicHistory;
  }

  async swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined> {
    return await this.#call(["swap", name, from, to]) as string | undefined;
  }

  async *registers(): AsyncGenerator<readonly [string, string], void, void> {
    yield* await this.#call(["registers"]) as [string, string][];
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  async #hear(
    call: Call,
    onEvent: (value: unknown) => void,
  ): Promise<() => void> {
    const id = this.#lastId + 1;
    // What is heard may come before this goes on.
    this.#events.set(id, (value) => callListener(onEvent, value));
    try {
      await this.#call(call);
    } catch (error) {
      this.#events.delete(id);
      throw error;
    }
    return () => {
      if (this.#events.delete(id)) this.#post(["stop", id]);
    };
  }

  #call(call: Call): Promise<unknown> {
    const id = ++this.#lastId;
    if (this.state === "down") return Promise.reject(unavailable());
    const result = deferred<unknown>();
    this.#calls.set(id, result);
    this.#post(["call", id, call]);
    return result.promise;
  }

  #take(answer: Answer): void {
    switch (answer[0]) {
      case "state":
        return this.#setState(answer[1]);
      case "result":
        // Nobody waits for it any more: should it listen, it stops.
        if (!this.#calls.has(answer[1])) return this.#post(["stop", answer[1]]);
        return this.#settle(answer[1])?.resolve(answer[2]);
      case "error":
        return this.#settle(answer[1])?.reject(errorOf(answer[2]));
      case "event":
        return this.#events.get(answer[1])?.(answer[2]);
      case "close":
        return this.#end();
    }
  }

  #settle(id: number): Deferred<unknown> | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }

  #setState(state: BackplaneState): void {
    if (this.#closed) return;
    if (state === "down") {
      for (const { reject } of this.#calls.values()) reject(unavailable());
      this.#calls.clear();
    }
    this.#listeners.set(state);
  }

  #end(): void {
    if (this.#closed) return;
    this.#post(["close"]);
    this.#setState("down");
    this.#closed = true;
    this.#events.clear();
    this.#port.close();
  }

  #post(request: Request): void {
    if (!this.#closed) this.#port.postMessage(request, []);
  }
}

function errorOf({ message, code, limit }: PostedError): Error {
  return code === undefined
    ? new Error(message)
    : new NetError(code, message, { limit });
}
