import type {
  Backplane,
  PublishOptions,
  Subscription,
} from "../backplane/types.ts";
import {
  checkChoice,
  checkCountOrInfinity,
  checkKind,
  checkOptions,
  type OptionKinds,
} from "../checks.ts";
import type { Codec } from "../codec/types.ts";
import { MAX_TOPIC_LENGTH, MAX_TOPICS_PER_CONNECTION } from "../defaults.ts";
import { NetError } from "../net/errors.ts";
import { type Broadcaster, type Reader, sharesEncodings } from "./broadcast.ts";

/** The topics of a server; see `ServeOptions.topics`. */
export interface TopicsOptions<In> {
  /**
   * How what is published gets to the servers. All servers of a topic must use the same:
   *
   * - `"fast"`: at most once. While the engine is away from a server, that server misses
   *   what others publish.
   * - `"kept"`: in one order on all servers. The engine keeps the messages, and a server
   *   reads those that it has missed when the engine is there again.
   *
   * Without a `backplane` there is no difference.
   *
   * @default {"fast"}
   */
  delivery?: "fast" | "kept";
  /**
   * How many topics one connection may be subscribed to, as handlers may pass on what
   * clients ask for.
   *
   * @default {1_000}
   */
  maxPerConnection?: number;
  /**
   * Makes the frame that tells the readers of a topic, on this server, that messages
   * are lost: the engine has removed them before this server could read them. It can
   * only happen with `"kept"`. `onError` is called, too, with `MESSAGES_LOST`.
   *
   * @default {the readers are not told}
   */
  onGap?: (topic: string) => In;
}

const publishKinds: OptionKinds<PublishOptions> = { id: "string" };

const kinds: OptionKinds<TopicsOptions<unknown>> = {
  delivery: "checked",
  maxPerConnection: "checked",
  onGap: "function",
};

/** Refuses options that cannot be. */
export function checkTopics(options: TopicsOptions<unknown>): void {
  checkOptions("topics", options, kinds);
  const { delivery, maxPerConnection } = options;
  if (delivery !== undefined) {
    checkChoice("topics.delivery", delivery, ["fast", "kept"]);
  }
  if (maxPerConnection !== undefined) {
    checkCountOrInfinity("topics.maxPerConnection", maxPerConnection);
  }
}

/** What the topics need of their server. */
interface TopicsServer<In> {
  readonly codec: Codec<In, unknown>;
  readonly backplane?: Backplane;
  readonly topics?: TopicsOptions<In>;
  readonly broadcaster: Broadcaster<In>;
  /** Whether a connection has not ended. */
  readonly isOpen: (reader: Reader<In>) => boolean;
  readonly onError: (error: unknown) => void;
}

/** A topic that connections of this server are subscribed to. */
interface Topic<In> {
  readonly name: string;
  readonly readers: Set<Reader<In>>;
  /** Settles when nothing that is published is missed. */
  opened: Promise<Subscription>;
  /** Of room with all readers, after what was sent last and had to wait. */
  room: Promise<void> | undefined;
}

/** Without a backplane, there is nothing to subscribe to. */
const ALONE: Subscription = { unsubscribe: () => undefined };

/**
 * The topics of a server: who is subscribed to what. The backplane knows a topic once,
 * however many connections read it, and only while there are some.
 */
export class Topics<In> {
  readonly #server: TopicsServer<In>;
  readonly #topics = new Map<string, Topic<In>>();
  readonly #namesOf = new WeakMap<Reader<In>, Set<string>>();

  constructor(server: TopicsServer<In>) {
    this.#server = server;
  }

  /** Sends a frame to all connections of all servers that are subscribed to a topic. */
  async publish(
    name: string,
    frame: In,
    options: PublishOptions = {},
  ): Promise<void> {
    this.#check("publish", name);
    checkOptions("publish", options, publishKinds);
    const { codec, backplane, topics } = this.#server;
    const bytes = codec.encode(frame);
    if (backplane === undefined) this.#deliver(this.#topics.get(name), bytes);
    else if (topics?.delivery === "kept") {
      await backplane.publish(this.#channel(name), bytes, options);
    } else backplane.send(this.#channel(name), bytes);
    await this.#topics.get(name)?.room;
  }

  /** Subscribes a connection. One that has ended is left out. */
  async subscribe(reader: Reader<In>, name: string): Promise<void> {
    this.#check("subscribe", name);
    const { backplane, topics, isOpen } = this.#server;
    if (!isOpen(reader)) return;
    if (backplane?.state === "down") {
      throw new NetError(
        "UNAVAILABLE",
        `Cannot subscribe to "${name}": the engine of the backplane is away`,
      );
    }
    const names = this.#namesOf.get(reader) ?? new Set();
    const max = topics?.maxPerConnection ?? MAX_TOPICS_PER_CONNECTION;
    if (names.size >= max && !names.has(name)) {
      throw new NetError(
        "TOO_MANY_TOPICS",
        `Cannot subscribe to "${name}": the connection is subscribed to ${max} topics (topics.maxPerConnection)`,
        { limit: "topics.maxPerConnection" },
      );
    }
    this.#namesOf.set(reader, names.add(name));
    const topic = this.#topics.get(name) ?? this.#open(name);
    topic.readers.add(reader);
    await topic.opened;
  }

  /** Ends the subscription of a connection. */
  unsubscribe(reader: Reader<In>, name: string): void {
    if (!this.#namesOf.get(reader)?.delete(name)) return;
    const topic = this.#topics.get(name)!;
    topic.readers.delete(reader);
    if (topic.readers.size > 0) return;
    this.#topics.delete(name);
    // It may still be opening. Where that fails, those who wait for it are told.
    topic.opened.then(
      (subscription) => subscription.unsubscribe(),
      () => undefined,
    );
  }

  /** Ends all subscriptions of a connection. */
  leave(reader: Reader<In>): void {
    for (const name of this.#namesOf.get(reader) ?? []) {
      this.unsubscribe(reader, name);
    }
  }

  #open(name: string): Topic<In> {
    const topic: Topic<In> = {
      name,
      readers: new Set(),
      opened: Promise.resolve(ALONE),
      room: undefined,
    };
    this.#topics.set(name, topic);
    const { backplane } = this.#server;
    if (backplane === undefined) return topic;
    topic.opened = this.#listen(backplane, topic);
    topic.opened.catch(() => {
      for (const reader of topic.readers) this.unsubscribe(reader, name);
    });
    return topic;
  }

  #listen(backplane: Backplane, topic: Topic<In>): Promise<Subscription> {
    const channel = this.#channel(topic.name);
    if (this.#server.topics?.delivery !== "kept") {
      return backplane.listen(channel, (bytes) => this.#deliver(topic, bytes));
    }
    return backplane.subscribe(
      channel,
      ({ bytes }) => this.#deliver(topic, bytes),
      { onGap: () => this.#tellGap(topic) },
    );
  }

  /** The name that a topic has on the backplane. */
  #channel(name: string): string {
    return `topics:${encodeURIComponent(this.#server.codec.name)}:${name}`;
  }

  #deliver(topic: Topic<In> | undefined, bytes: Uint8Array): void {
    if (topic === undefined) return;
    const { broadcaster } = this.#server;
    const room = broadcaster.sendEncoded(bytes, topic.readers);
    if (room !== undefined) topic.room = room;
  }

  #tellGap(topic: Topic<In>): void {
    const { codec, topics, onError } = this.#server;
    onError(
      new NetError(
        "MESSAGES_LOST",
        `Messages of the topic "${topic.name}" are lost: the backplane removed them before this server could read them`,
      ),
    );
    if (topics?.onGap === undefined) return;
    try {
      this.#deliver(topic, codec.encode(topics.onGap(topic.name)));
    } catch (error) {
      onError(error);
    }
  }

  #check(what: "publish" | "subscribe", name: string): void {
    checkKind("the topic", name, "string");
    if (name.length > MAX_TOPIC_LENGTH) {
      throw new RangeError(
        `Cannot use the topic: expected at most ${MAX_TOPIC_LENGTH} characters, got ${name.length}`,
      );
    }
    const { codec } = this.#server;
    if (sharesEncodings(codec)) return;
    throw new TypeError(
      `Cannot ${what}: the encoders of ${codec.name} have a state, so a frame cannot be encoded once for all connections; use broadcast()`,
    );
  }
}
