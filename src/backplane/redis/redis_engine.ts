import {
  checkCount,
  checkKind,
  checkOptions,
  type OptionKinds,
} from "../../checks.ts";
import {
  BACKPLANE_ID_MS,
  BACKPLANE_MAX_TOPIC_BYTES,
  REDIS_MAX_MESSAGE_LENGTH,
  REDIS_RETENTION_MS,
  REDIS_RETRY_MS,
} from "../../defaults.ts";
import { NetError } from "../../net/errors.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
} from "../engine.ts";
import { unavailable } from "../errors.ts";
import { ChannelListeners } from "../listeners.ts";
import { StateListeners } from "../state_listeners.ts";
import { bytesOf } from "../bytes.ts";
import { bufferOf, textOf } from "./bytes.ts";
import { RedisConnections } from "./redis_connections.ts";
import type { RedisEngineOptions } from "./types.ts";
import { APPEND, READ, SWAP } from "./scripts.ts";

const kinds: OptionKinds<RedisEngineOptions> = {
  client: ["duplicate"],
  prefix: "string",
  maxTopicBytes: "checked",
  retentionMs: "checked",
};

type Settings = Required<RedisEngineOptions>;

/**
 * Makes an engine of a server of Redis 7 or later, for one node.
 *
 * The engine is down as soon as one of its connections is lost, and 1.5 seconds after a
 * server has stopped to answer. It then connects again, several times a second. Redis
 * cuts a node that does not read what it subscribes to (`client-output-buffer-limit
 * pubsub`): that node is down for a moment, too. A message has at most 1 MiB.
 *
 * The user of Redis needs the commands `INFO`, `PING`, `SCRIPT LOAD`, `EVAL`, `EVALSHA`,
 * `PUBLISH`, `SUBSCRIBE`, `UNSUBSCRIBE`, and those of hashes and of expiry, for the keys
 * and channels that begin with the prefix.
 *
 * What Redis promises is less than it seems. By default, a server that is killed loses
 * what was written in the last second (with `appendonly yes`), or since the last snapshot
 * (without). A replica that becomes the master lacks what had not reached it. The
 * messages that were lost so had been acknowledged, and the next ones get their offsets:
 * a node that had read the old ones takes those for repeats, unless it has seen the end
 * of the topic in between. A name that was claimed can be free again. With
 * `appendfsync always` and one server, what was acknowledged is there after a restart.
 *
 * Redis must not evict keys (`maxmemory-policy noeviction`): names would be lost, and
 * topics, which then begin anew. Redis Cluster is not supported. Channels do not depend
 * on the database (`db`), keys do: services in two databases of a server need two
 * prefixes.
 *
 * @throws {NetError} `UNAVAILABLE` if the server cannot be reached, is too old or is a
 * replica; the `cause` says which.
 * @throws {TypeError} If an option is of the wrong type.
 * @throws {RangeError} If an option is out of its range.
 *
 * @example
 * ```ts ignore
 * import { createBackplane } from "@framewire/framewire/backplane";
 * import { redisEngine } from "@framewire/framewire/backplane/redis";
 * import { Redis } from "ioredis";
 *
 * const client = new Redis("redis://127.0.0.1:6379", { lazyConnect: true });
 * await using node = await createBackplane(await redisEngine({ client }));
 * await node.publish("news", new TextEncoder().encode("hello"));
 * ```
 */
export async function redisEngine(
  options: RedisEngineOptions,
): Promise<Engine> {
  checkOptions("redisEngine", options, kinds);
  const {
    client,
    prefix = "framewire",
    maxTopicBytes = BACKPLANE_MAX_TOPIC_BYTES,
    retentionMs = REDIS_RETENTION_MS,
  } = options;
  checkKind("client", client, ["duplicate"]);
  if (client.isCluster) {
    throw new TypeError("Cannot use client: Redis Cluster is not supported");
  }
  checkCount("maxTopicBytes", maxTopicBytes, 1);
  checkCount("retentionMs", retentionMs, BACKPLANE_ID_MS);
  const engine = new RedisEngine({
    client,
    prefix,
    maxTopicBytes,
    retentionMs,
  });
  try {
    await engine.connect();
  } catch (error) {
    const cause = error instanceof NetError ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NetError("UNAVAILABLE", `Cannot connect to Redis: ${why}`, {
      cause,
    });
  }
  return engine;
}

class RedisEngine implements Engine {
  readonly #settings: Settings;
  readonly #states = new StateListeners("down");
  readonly #listeners = new ChannelListeners<Uint8Array>();
  /** How many listen at each channel. */
  readonly #counts = new Map<string, number>();
  /** Those that are used, are being made, or were lost last. */
  #connections: RedisConnections | undefined;
  #reconnecting: Promise<void> | undefined;
  #isClosed = false;
  /** Ends the wait for the next attempt to connect. */
  #wake: () => void = () => {};

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get state(): BackplaneState {
    return this.#states.state;
  }

  onState(listener: (state: BackplaneState) => void): () => void {
    return this.#states.add(listener);
  }

  send(channel: string, bytes: Uint8Array): void {
    const connections = this.#checkUp();
    checkLength(bytes);
    connections.call("publish", this.#channel(channel), bufferOf(bytes))
      // What was sent later may arrive, so this one must not be lost unnoticed.
      .catch((error: unknown) => connections.lose(error));
  }

  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void> {
    return this.#subscribe(this.#channel(channel), onBytes);
  }

  async append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint> {
    const { prefix, maxTopicBytes, retentionMs } = this.#settings;
    const key = this.#topic(topic);
    const offset = await this.#whileUp((connections) => {
      checkLength(bytes);
      return connections.run(
        APPEND,
        key,
        // The length says where the topic ends.
        id === undefined ? key : `${prefix}:id:${topic.length}:${topic}:${id}`,
        bufferOf(bytes),
        crypto.randomUUID(),
        key,
        maxTopicBytes,
        retentionMs,
        id === undefined ? 0 : BACKPLANE_ID_MS,
      );
    });
    return BigInt(textOf(offset));
  }

  watch(
    topic: string,
    onMessage: (message: LiveMessage) => void,
  ): Promise<() => void> {
    return this.#subscribe(this.#topic(topic), (published) => {
      const end = published.indexOf(COLON);
      const offset = BigInt(textOf(published.subarray(0, end)));
      const bytes = published.subarray(end + 1);
      // The offsets have no gaps.
      onMessage({ bytes, offset, previous: offset - 1n });
    });
  }

  async read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory> {
    const reply = await this.#whileUp((connections) =>
      connections.run(
        READ,
        this.#topic(topic),
        crypto.randomUUID(),
        this.#settings.retentionMs,
        since?.epoch ?? "",
        String(since?.offset ?? 0n),
        Math.min(maxBytes, Number.MAX_SAFE_INTEGER),
      )
    );
    const [epoch, last, recovered, newestFirst] = reply as [
      Uint8Array,
      Uint8Array,
      number,
      Uint8Array[],
    ];
    const end = { epoch: textOf(epoch), offset: BigInt(textOf(last)) };
    const messages = newestFirst.map((bytes, i) => ({
      bytes: bytesOf(bytes),
      offset: end.offset - BigInt(i),
    }));
    messages.reverse();
    return { messages, recovered: recovered === 1, end };
  }

  async swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined> {
    const value = await this.#whileUp((connections) =>
      connections.run(
        SWAP,
        this.#registers,
        name,
        from === undefined ? 0 : 1,
        from ?? "",
        to === undefined ? 0 : 1,
        to ?? "",
      )
    );
    return value === null ? undefined : textOf(value);
  }

  async *registers(): AsyncGenerator<readonly [string, string], void, void> {
    // Redis can give one twice.
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const reply = await this.#whileUp((connections) =>
        connections.call("hscan", this.#registers, cursor, "count", SCAN_COUNT)
      );
      const [next, pairs] = reply as [Uint8Array, Uint8Array[]];
      for (let i = 0; i < pairs.length; i += 2) {
        const name = textOf(pairs[i]);
        if (seen.has(name)) continue;
        seen.add(name);
        yield [name, textOf(pairs[i + 1])];
      }
      cursor = textOf(next);
    } while (cursor !== "0");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#connections?.close();
    await this.#reconnecting;
  }

  /** Makes the connections, with what is listened at. */
  async connect(): Promise<void> {
    const connections = new RedisConnections(this.#settings.client, {
      message: (channel, bytes) => {
        this.#listeners.tell(textOf(channel), bytesOf(bytes));
      },
      lost: () => this.#onLost(),
    });
    this.#connections = connections;
    try {
      await connections.open([APPEND, READ, SWAP]);
      await connections.subscribe([...this.#counts.keys()]);
      connections.check();
    } catch (error) {
      await connections.close();
      throw error;
    }
    this.#states.set("up");
  }

  #onLost(): void {
    if (this.state === "down") return;
    this.#reconnecting = this.#reconnect();
    this.#states.set("down");
  }

  async #reconnect(): Promise<void> {
    let isUp = false;
    while (!isUp && !this.#isClosed) {
      await this.#connections?.close();
      await this.#wait();
      if (this.#isClosed) return;
      isUp = await this.connect().then(() => true, () => false);
    }
  }

  /** Waits before the next attempt; not all nodes for the same time. */
  #wait(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, REDIS_RETRY_MS * (0.5 + Math.random()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #subscribe(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void> {
    const connections = this.#checkUp();
    const remove = this.#listeners.add(channel, onBytes);
    this.#counts.set(channel, (this.#counts.get(channel) ?? 0) + 1);
    let isStopped = false;
    const stop = () => {
      if (isStopped) return;
      isStopped = true;
      remove();
      const left = this.#counts.get(channel)! - 1;
      if (left > 0) return void this.#counts.set(channel, left);
      this.#counts.delete(channel);
      this.#connections?.unsubscribe(channel);
    };
    try {
      // The subscription of another listener may be under way still.
      await connections.subscribe([channel]);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  #checkUp(): RedisConnections {
    if (this.state === "down" || this.#connections === undefined) {
      throw unavailable();
    }
    return this.#connections;
  }

  /** Sends what needs a reply. */
  async #whileUp(
    call: (connections: RedisConnections) => Promise<unknown>,
  ): Promise<unknown> {
    return await call(this.#checkUp());
  }

  #channel(name: string): string {
    return `${this.#settings.prefix}:channel:${name}`;
  }

  /** The key of a topic, and the channel that has its new messages. */
  #topic(name: string): string {
    return `${this.#settings.prefix}:topic:${name}`;
  }

  get #registers(): string {
    return `${this.#settings.prefix}:registers`;
  }
}

/** What stands between the offset and the bytes of a message that is published. */
const COLON = 0x3a;

/** How many registers are read at once, about. */
const SCAN_COUNT = 500;

function checkLength(bytes: Uint8Array): void {
  if (bytes.length <= REDIS_MAX_MESSAGE_LENGTH) return;
  throw new NetError(
    "MESSAGE_TOO_LARGE",
    `Cannot send ${bytes.length} bytes over Redis: at most ${REDIS_MAX_MESSAGE_LENGTH} are allowed`,
  );
}
