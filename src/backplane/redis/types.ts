/** What {@linkcode redisEngine} needs of a client: the `Redis` of `ioredis` has it. */
export interface RedisLike {
  /** Whether it is a client of Redis Cluster, with which the engine does not work. */
  readonly isCluster?: boolean;
  /** Makes a client for the same server; the options given replace those of this one. */
  duplicate(options: RedisConnectionOptions): RedisConnection;
}

/**
 * The options of the connections that the engine makes. No command waits for a
 * connection or is sent a second time, and none is changed on its way.
 */
export interface RedisConnectionOptions {
  /** `true`: `connect` is called. */
  readonly lazyConnect: true;
  /** `null`: the engine makes another connection itself. */
  readonly retryStrategy: null;
  /** `null`: an error reply does not end the connection. */
  readonly reconnectOnError: null;
  /** `false`: a command without a connection fails. */
  readonly enableOfflineQueue: false;
  /** `false`: a command whose connection is lost fails. */
  readonly autoResendUnfulfilledCommands: false;
  /** `false`: the engine knows its subscriptions. */
  readonly autoResubscribe: false;
  /** `true`: a server that still loads its data is not ready. */
  readonly enableReadyCheck: true;
  /** `false`: commands are sent in the order in which they are given. */
  readonly enableAutoPipelining: false;
  /** `""`: the engine has a prefix of its own. */
  readonly keyPrefix: "";
  /** `false`: numbers are numbers. */
  readonly stringNumbers: false;
  /** `"legacy"`: replies have the same shape in both versions of the protocol. */
  readonly replyMapping: "legacy";
  /** How long an end may take before the connection is cut, in milliseconds. */
  readonly disconnectTimeout: number;
}

/** A connection of the engine. */
export interface RedisConnection {
  /** `"end"` where it is over. */
  readonly status: string;
  /** Connects; rejects if that fails. */
  connect(): Promise<void>;
  /** Sends what has been written, and ends. */
  disconnect(): void;
  /** Sends a command. Texts in the reply are bytes. */
  callBuffer(
    command: string,
    args: (string | number | Uint8Array)[],
  ): Promise<unknown>;
  /** Adds a listener for messages of the channels that are subscribed to. */
  on(
    event: "messageBuffer",
    listener: (channel: Uint8Array, message: Uint8Array) => void,
  ): unknown;
  /** Adds a listener for failures of the connection. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Adds a listener for the end of the connection. */
  on(event: "close" | "end", listener: () => void): unknown;
}

/** Options of `redisEngine`. */
export interface RedisEngineOptions {
  /**
   * A client of `ioredis`. Only its options are used: the engine makes two connections
   * like it and closes them. The client need not be connected.
   */
  client: RedisLike;
  /**
   * What the names of keys and channels begin with. Services with another prefix know
   * nothing of each other.
   *
   * @default {"framewire"}
   */
  prefix?: string;
  /**
   * The most bytes of messages that are kept of each topic, with 64 bytes more for each
   * message. The oldest are removed, the newest never.
   *
   * @default {1_048_576}
   */
  maxTopicBytes?: number;
  /**
   * How long a topic is kept after its last message, in milliseconds; at least the two
   * minutes for which ids are known.
   *
   * @default {86_400_000}
   */
  retentionMs?: number;
}
