import { checkKind } from "../checks.ts";
import type { MessagePortLike } from "../net/adapters/message_port.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError, type NetErrorCode } from "../net/errors.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
} from "./engine.ts";
import { unavailable } from "./errors.ts";
import { callListener } from "./listeners.ts";
import { StateListeners } from "./state_listeners.ts";

/** What a port must have. */
const PORT_METHODS = ["postMessage", "addEventListener", "start", "close"];

/** A method of the engine, and its arguments. */
type Call =
  | readonly ["listen" | "watch", name: string]
  | readonly ["registers"]
  | readonly ["append", ...Parameters<Engine["append"]>]
  | readonly ["read", ...Parameters<Engine["read"]>]
  | readonly ["swap", ...Parameters<Engine["swap"]>];

/** What the thread without the engine posts. */
type Request =
  | readonly ["call", id: number, call: Call]
  | readonly ["send", channel: string, bytes: Uint8Array]
  /** Ends a `listen` or `watch`. */
  | readonly ["stop", id: number]
  | readonly ["close"];

/** What the thread with the engine posts. */
type Answer =
  | readonly ["state", BackplaneState]
  | readonly ["result", id: number, value: unknown]
  | readonly ["error", id: number, error: PostedError]
  /** What a `listen` or `watch` hears. */
  | readonly ["event", id: number, value: Uint8Array | LiveMessage]
  | readonly ["close"];

/** An error as a message port carries it. */
interface PostedError {
  readonly message: string;
  readonly code: NetErrorCode | undefined;
  readonly limit: string | undefined;
}

/**
 * Shares an engine with another thread of the process, which makes a node of its own
 * with {@linkcode portEngine}: so the workers of a process share a `MemorySystem`, or one
 * connection to a server. One engine can be shared with many, each over a port of its own.
 *
 * When the other thread ends, what it listened to and watched has ended as well. The
 * engine stays open.
 *
 * @param engine The engine, of this thread.
 * @param port One end of a channel, to which nobody else listens.
 * @returns Ends it: the engine of the other thread is down from then on.
 * @throws {TypeError} If it is no message port.
 */
export function shareEngine(engine: Engine, port: MessagePortLike): () => void {
  checkKind("engine", engine, ["send", "listen", "append", "swap"]);
  checkKind("port", port, PORT_METHODS);
  const sharing = new Sharing(engine, port);
  return () => sharing.end();
}

/**
 * The engine that another thread of the process shares with {@linkcode shareEngine}.
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

/** In the thread with the engine. */
class Sharing {
  readonly #engine: Engine;
  readonly #port: MessagePortLike;
  readonly #stops = new Map<number, () => void>();
  readonly #stopState: () => void;
  #ended = false;

  constructor(engine: Engine, port: MessagePortLike) {
    this.#engine = engine;
    this.#port = port;
    this.#stopState = engine.onState((state) => this.#post(["state", state]));
    receive<Request>(port, (request) => this.#take(request));
    this.#post(["state", engine.state]);
  }

  end(): void {
    if (this.#ended) return;
    this.#post(["close"]);
    this.#ended = true;
    this.#stopState();
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
    this.#port.close();
  }

  #take(request: Request): void {
    if (this.#ended) return;
    switch (request[0]) {
      case "call":
        return void this.#call(request[1], request[2]);
      case "send":
        return this.#send(request[1], request[2]);
      case "stop":
        this.#stops.get(request[1])?.();
        return void this.#stops.delete(request[1]);
      case "close":
        return this.end();
    }
  }

  async #call(id: number, call: Call): Promise<void> {
    try {
      this.#post(["result", id, await this.#resultOf(id, call)]);
    } catch (error) {
      const { code, limit } = error instanceof NetError
        ? error
        : { code: undefined, limit: undefined };
      const message = error instanceof Error ? error.message : String(error);
      this.#post(["error", id, { message, code, limit }]);
    }
  }

  async #resultOf(id: number, call: Call): Promise<unknown> {
    const engine = this.#engine;
    switch (call[0]) {
      case "listen":
        return this.#keep(
          id,
          await engine.listen(
            call[1],
            (bytes) => this.#post(["event", id, whole(bytes)]),
          ),
        );
      case "watch":
        return this.#keep(
          id,
          await engine.watch(
            call[1],
            (live) => this.#post(["event", id, wholeMessage(live)]),
          ),
        );
      case "registers":
        return await listOf(engine.registers());
      case "append":
        return await engine.append(call[1], call[2], call[3]);
      case "read": {
        const history = await engine.read(call[1], call[2], call[3]);
        return { ...history, messages: history.messages.map(wholeMessage) };
      }
      case "swap":
        return await engine.swap(call[1], call[2], call[3]);
    }
  }

  #keep(id: number, stop: () => void): void {
    // The other thread may have ended meanwhile.
    if (this.#ended) stop();
    else this.#stops.set(id, stop);
  }

  #send(channel: string, bytes: Uint8Array): void {
    try {
      this.#engine.send(channel, bytes);
    } catch (error) {
      // The other thread is about to hear that the engine is away.
      if (this.#engine.state === "down") return;
      console.error("framewire: a message of another thread was lost:", error);
    }
  }

  #post(answer: Answer): void {
    if (!this.#ended) this.#port.postMessage(answer, []);
  }
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

/** Takes the messages of a port, the last of which says that it is closed. */
function receive<Message>(
  port: MessagePortLike,
  take: (message: Message | readonly ["close"]) => void,
): void {
  port.addEventListener("message", (event) => {
    if ("data" in event) take(event.data as Message);
  });
  port.addEventListener("close", () => take(["close"]));
  port.start();
}

/** Bytes with a buffer of their own: a port would copy the whole buffer of a view. */
function whole(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function wholeMessage<T extends { readonly bytes: Uint8Array }>(message: T): T {
  return { ...message, bytes: whole(message.bytes) };
}

async function listOf<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}

function errorOf({ message, code, limit }: PostedError): Error {
  return code === undefined
    ? new Error(message)
    : new NetError(code, message, { limit });
}
