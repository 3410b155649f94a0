import { checkCount, checkOptions, type OptionKinds } from "../checks.ts";
import {
  BACKPLANE_MAX_TOPIC_BYTES,
  BACKPLANE_MAX_TOPICS,
} from "../defaults.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
} from "./engine.ts";
import { unavailable } from "./errors.ts";
import { ChannelListeners } from "./listeners.ts";
import { MemoryTopic } from "./memory_topic.ts";
import { StateListeners } from "./state_listeners.ts";

/** Options of {@linkcode MemorySystem}. */
export interface MemorySystemOptions {
  /**
   * The most bytes of messages that are kept of each topic. The oldest are removed.
   *
   * @default {1_048_576}
   */
  maxTopicBytes?: number;
  /**
   * The most topics that are kept. Those are removed to which nothing was published for
   * longest.
   *
   * @default {10_000}
   */
  maxTopics?: number;
}

const kinds: OptionKinds<MemorySystemOptions> = {
  maxTopicBytes: "checked",
  maxTopics: "checked",
};

/**
 * What connects nodes of one process, and the workers of it (`shareEngine`): each node
 * takes an engine of it. It ends with the process, and what it has kept with it.
 *
 * @example Two nodes in one process
 * ```ts
 * import { createBackplane, MemorySystem } from "@framewire/framewire/backplane";
 * import { assertEquals } from "@std/assert";
 *
 * const system = new MemorySystem();
 * await using a = await createBackplane(system.engine());
 * await using b = await createBackplane(system.engine());
 * b.serve("shout", (bytes) => {
 *   const text = new TextDecoder().decode(bytes).toUpperCase();
 *   return new TextEncoder().encode(text);
 * });
 * const reply = await a.request("shout", new TextEncoder().encode("hello"));
 * assertEquals(new TextDecoder().decode(reply), "HELLO");
 * ```
 */
export class MemorySystem {
  readonly #maxTopicBytes: number;
  readonly #maxTopics: number;
  readonly #channels = new ChannelListeners<Uint8Array>();
  readonly #watchers = new ChannelListeners<LiveMessage>();
  /** In the order in which something was last published to them. */
  readonly #topics = new Map<string, MemoryTopic>();
  readonly #registers = new Map<string, string>();

  /**
   * Makes a system with no nodes.
   *
   * @throws {RangeError} If a limit is not a whole number from 1.
   */
  constructor(options: MemorySystemOptions = {}) {
    checkOptions("MemorySystem", options, kinds);
    const {
      maxTopicBytes = BACKPLANE_MAX_TOPIC_BYTES,
      maxTopics = BACKPLANE_MAX_TOPICS,
    } = options;
    checkCount("maxTopicBytes", maxTopicBytes, 1);
    checkCount("maxTopics", maxTopics, 1);
    this.#maxTopicBytes = maxTopicBytes;
    this.#maxTopics = maxTopics;
  }

  /** Makes the engine of one node. */
  engine(): MemoryEngine {
    return new SystemEngine({
      channels: this.#channels,
      watchers: this.#watchers,
      registers: this.#registers,
      topic: (name) => this.#topic(name),
    });
  }

  #topic(name: string): MemoryTopic {
    const topic = this.#topics.get(name) ??
      new MemoryTopic(this.#maxTopicBytes);
    this.#topics.delete(name);
    this.#topics.set(name, topic);
    if (this.#topics.size > this.#maxTopics) {
      const [oldest] = this.#topics.keys();
      this.#topics.delete(oldest!);
    }
    return topic;
  }
}

/** What the engines of a system share. */
interface Shared {
  readonly channels: ChannelListeners<Uint8Array>;
  readonly watchers: ChannelListeners<LiveMessage>;
  readonly registers: Map<string, string>;
  readonly topic: (name: string) => MemoryTopic;
}

/** The engine of one node of a {@linkcode MemorySystem}. */
export interface MemoryEngine extends Engine {
  /**
   * Cuts this node off, as if the system could not be reached, or connects it again:
   * for tests of what a program does then.
   */
  setState(state: BackplaneState): void;
}

class SystemEngine implements MemoryEngine {
  readonly #shared: Shared;
  readonly #listeners = new StateListeners("up");
  readonly #stops = new Set<() => void>();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  get state(): BackplaneState {
    return this.#listeners.state;
  }

  onState(listener: (state: BackplaneState) => void): () => void {
    return this.#listeners.add(listener);
  }

  setState(state: BackplaneState): void {
    this.#listeners.set(state);
  }

  send(channel: string, bytes: Uint8Array): void {
    this.#checkUp();
    this.#shared.channels.tell(channel, bytes);
  }

  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void> {
    return this.#whileUp(() =>
      this.#add(this.#shared.channels, channel, onBytes)
    );
  }

  append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint> {
    return this.#whileUp(() => {
      const { offset, added } = this.#shared.topic(topic).append(bytes, id);
      if (added !== undefined) this.#shared.watchers.tell(topic, added);
      return offset;
    });
  }

  watch(
    topic: string,
    onMessage: (message: LiveMessage) => void,
  ): Promise<() => void> {
    return this.#whileUp(() =>
      this.#add(this.#shared.watchers, topic, onMessage)
    );
  }

  read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory> {
    return this.#whileUp(() => this.#shared.topic(topic).read(since, maxBytes));
  }

  swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined> {
    return this.#whileUp(() => {
      const { registers } = this.#shared;
      if (registers.get(name) !== from) return registers.get(name);
      if (to === undefined) registers.delete(name);
      else registers.set(name, to);
      return to;
    });
  }

  async *registers(): AsyncGenerator<readonly [string, string], void, void> {
    this.#checkUp();
    yield* [...this.#shared.registers];
  }

  close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#listeners.set("down");
    return Promise.resolve();
  }

  #add<T>(
    listeners: ChannelListeners<T>,
    name: string,
    listener: (value: T) => void,
  ): () => void {
    const remove = listeners.add(name, (value) => {
      if (this.state === "up") listener(value);
    });
    const stop = () => {
      this.#stops.delete(stop);
      remove();
    };
    this.#stops.add(stop);
    return stop;
  }

  #checkUp(): void {
    if (this.state === "down") throw unavailable();
  }

  /** Calls a function at once; what it throws becomes a rejection. */
  #whileUp<T>(call: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#checkUp();
      resolve(call());
    });
  }
}
