import {
  checkBytes,
  checkKind,
  checkOptions,
  checkTimeLimit,
  hasMethods,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import {
  BACKPLANE_HISTORY_BYTES,
  BACKPLANE_REQUEST_TIMEOUT_MS,
} from "../defaults.ts";
import { NetError } from "../net/errors.ts";
import { Claims } from "./claims.ts";
import type { BackplaneState, Engine, TopicHistory } from "./engine.ts";
import { unavailable } from "./errors.ts";
import { Follower } from "./follower.ts";
import { callListener, Listeners } from "./listeners.ts";
import { MemorySystem } from "./memory_system.ts";
import { Membership } from "./membership.ts";
import { NodeRequests } from "./node_requests.ts";
import type {
  Backplane,
  BackplaneHandler,
  BackplaneRequestOptions,
  Claim,
  HistoryOptions,
  Holder,
  PublishOptions,
  SubscribeOptions,
  Subscription,
  TopicListener,
  TopicSubscription,
} from "./types.ts";

const publishKinds: OptionKinds<PublishOptions> = { id: "string" };
const subscribeKinds: OptionKinds<SubscribeOptions> = {
  from: "object",
  onGap: "function",
};
const historyKinds: OptionKinds<HistoryOptions> = {
  since: "object",
  maxBytes: "checked",
};
const requestKinds: OptionKinds<BackplaneRequestOptions> = {
  to: "string",
  signal: "signal",
  timeoutMs: "checked",
};

/**
 * Makes this process, or a part of it, a node of a backplane.
 *
 * @example
 * ```ts
 * import { createBackplane, MemorySystem } from "@framewire/framewire/backplane";
 * import { assertEquals } from "@std/assert";
 *
 * const system = new MemorySystem();
 * await using a = await createBackplane(system.engine());
 * await using b = await createBackplane(system.engine());
 *
 * const texts: string[] = [];
 * await b.subscribe("news", ({ offset, bytes }) => {
 *   texts.push(`${offset}: ${new TextDecoder().decode(bytes)}`);
 * });
 * await a.publish("news", new TextEncoder().encode("hello"));
 * assertEquals(texts, ["1: hello"]);
 * ```
 *
 * @param engine The engine, for this node alone. It is closed with the backplane.
 * @returns The backplane, when the engine and the other nodes have answered.
 * @throws {NetError} `UNAVAILABLE` if the engine is away.
 * @throws {TypeError} If the engine is none.
 */
export async function createBackplane(engine: Engine): Promise<Backplane> {
  if (!hasMethods(engine, ["send", "listen", "append", "swap"])) {
    const instead = "such as new MemorySystem().engine()";
    throw wrongType("engine", "an engine", engine, instead);
  }
  const node = new Node(engine);
  try {
    await node.start();
  } catch (error) {
    await node.close();
    throw error;
  }
  return node;
}

/**
 * The backplane of a service that has one process: a node of a system of its own.
 *
 * @returns The backplane.
 */
export function memoryBackplane(): Promise<Backplane> {
  return createBackplane(new MemorySystem().engine());
}

class Node implements Backplane {
  readonly nodeId: string = crypto.randomUUID();

  readonly #engine: Engine;
  readonly #membership: Membership;
  readonly #nodeListeners = new Listeners<[string, boolean]>();
  readonly #claims: Claims;
  readonly #requests: NodeRequests;
  readonly #stopListening: () => void;
  #closing: Promise<void> | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    const { nodeId } = this;
    this.#membership = new Membership(engine, nodeId, {
      onNode: (id, isAlive) => this.#onNode(id, isAlive),
      onReturn: () => this.#whileUp(() => this.#claims.verify()),
      onComplete: () => this.#whileUp(() => this.#claims.sweep()),
    });
    this.#claims = new Claims(engine, nodeId, this.#membership);
    this.#requests = new NodeRequests(engine, nodeId);
    this.#stopListening = engine.onState((state) => {
      if (state === "up") this.#membership.resume();
      else this.#requests.fail();
    });
  }

  async start(): Promise<void> {
    this.#checkUp();
    await this.#requests.start();
    await this.#membership.start();
    this.#checkUp();
  }

  get state(): BackplaneState {
    return this.#engine.state;
  }

  get nodes(): ReadonlySet<string> {
    return this.#membership.ids;
  }

  onState(listener: (state: BackplaneState) => void): () => void {
    checkKind("the listener", listener, "function");
    return this.#engine.onState(listener);
  }

  onNode(listener: (nodeId: string, isAlive: boolean) => void): () => void {
    checkKind("the listener", listener, "function");
    return this.#nodeListeners.add(listener);
  }

  send(channel: string, bytes: Uint8Array): void {
    this.#engine.send(`channel:${channel}`, bytes);
  }

  async listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<Subscription> {
    checkKind("the listener", onBytes, "function");
    const name = `channel:${channel}`;
    const unsubscribe = await this.#engine.listen(
      name,
      (bytes) => callListener(onBytes, bytes),
    );
    return { unsubscribe };
  }

  async publish(
    topic: string,
    bytes: Uint8Array,
    options: PublishOptions = {},
  ): Promise<{ readonly offset: bigint }> {
    checkOptions("publish", options, publishKinds);
    return { offset: await this.#engine.append(topic, bytes, options.id) };
  }

  async subscribe(
    topic: string,
    onMessage: TopicListener,
    options: SubscribeOptions = {},
  ): Promise<TopicSubscription> {
    checkKind("the listener", onMessage, "function");
    checkOptions("subscribe", options, subscribeKinds);
    const { from, onGap } = options;
    const follower = new Follower(this.#engine, topic, onMessage, onGap);
    await follower.start(from);
    return follower;
  }

  async history(
    topic: string,
    options: HistoryOptions = {},
  ): Promise<TopicHistory> {
    checkOptions("history", options, historyKinds);
    const { since, maxBytes = BACKPLANE_HISTORY_BYTES } = options;
    checkBytes("maxBytes", maxBytes);
    return await this.#engine.read(topic, since, maxBytes);
  }

  async claim(name: string, note: string = ""): Promise<Claim | undefined> {
    return await this.#claims.claim(name, note);
  }

  async holder(name: string): Promise<Holder | undefined> {
    return await this.#claims.holder(name);
  }

  serve(subject: string, handler: BackplaneHandler): Subscription {
    checkKind("the handler", handler, "function");
    const remove = this.#requests.handle(subject, handler);
    this.#membership.addSubject(subject);
    let isServing = true;
    return {
      unsubscribe: () => {
        // It may be served by another handler by now.
        if (!isServing) return;
        isServing = false;
        remove();
        this.#membership.removeSubject(subject);
      },
    };
  }

  serving(subject: string): readonly string[] {
    return this.#membership.serving(subject);
  }

  async request(
    subject: string,
    bytes: Uint8Array,
    options: BackplaneRequestOptions = {},
  ): Promise<Uint8Array> {
    checkOptions("request", options, requestKinds);
    const { timeoutMs = BACKPLANE_REQUEST_TIMEOUT_MS, signal } = options;
    checkTimeLimit("timeoutMs", timeoutMs);
    this.#checkUp();
    const serving = this.serving(subject);
    const { to = serving[Math.floor(Math.random() * serving.length)] } =
      options;
    if (to === undefined || !serving.includes(to)) {
      const who = options.to === undefined ? "No node" : `Not ${options.to}`;
      throw new NetError("NO_HANDLER", `${who} serves "${subject}"`);
    }
    return await this.#requests.request(to, subject, bytes, timeoutMs, signal);
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#stopListening();
    await this.#whileUp(() => this.#claims.releaseAll());
    this.#membership.end();
    this.#requests.end();
    await this.#engine.close();
  }

  #onNode(nodeId: string, isAlive: boolean): void {
    this.#nodeListeners.tell(nodeId, isAlive);
    if (isAlive) return;
    this.#requests.removeNode(nodeId);
    void this.#whileUp(() => this.#claims.sweep());
  }

  #checkUp(): void {
    if (this.state === "down") throw unavailable();
  }

  /** Does what is done again when the engine is up again, should it go away. */
  async #whileUp(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.#engine.state === "up") {
        console.error(
          "framewire: the backplane could not look after its names:",
          error,
        );
      }
    }
  }
}
