import { checkKind } from "../checks.ts";
import type { MessagePortLike } from "../net/adapters/message_port.ts";
import { NetError } from "../net/errors.ts";
import type { Engine } from "./engine.ts";
import {
  type Answer,
  type Call,
  PORT_METHODS,
  receive,
  type Request,
  whole,
  wholeMessage,
} from "./port_messages.ts";

/**
 * Shares an engine with another thread of the process, which makes a node of its own
 * with `portEngine`: so the workers of a process share a `MemorySystem`, or one
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

async function listOf<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of all) list.push(one);
  return list;
}
