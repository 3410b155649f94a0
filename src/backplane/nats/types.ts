/** The headers of a message of NATS. */
export interface NatsHeadersLike {
  /** The status of a message of the server itself, such as 100; 0 for others. */
  readonly code: number;
  /** The value of a header; an empty text where there is none. */
  get(name: string): string;
}

/** A message that came from NATS. */
export interface NatsMessageLike {
  /** The subject that it was sent to. */
  readonly subject: string;
  /** Where to answer. */
  readonly reply?: string;
  /** What was sent. */
  readonly data: Uint8Array;
  /** Its headers, if it has some. */
  readonly headers?: NatsHeadersLike;
}

/**
 * What {@linkcode natsEngine} uses of a connection to NATS: the `NatsConnection` of
 * `@nats-io/transport-node` 3, and of the other transports of the same client.
 */
export interface NatsConnectionLike {
  /** What the server said of itself. */
  readonly info?: { readonly max_payload: number };
  /** Whether the connection has ended, and is not made again. */
  isClosed(): boolean;
  /** Sends a message. */
  publish(
    subject: string,
    payload?: Uint8Array,
    options?: { reply?: string },
  ): void;
  /** Sends a message and waits for the answer. */
  request(
    subject: string,
    payload?: Uint8Array,
    options?: { timeout: number },
  ): Promise<NatsMessageLike>;
  /** Takes the messages of a subject. */
  subscribe(
    subject: string,
    options?: {
      callback?: (error: Error | null, message: NatsMessageLike) => void;
    },
  ): { unsubscribe(): void };
  /** Settles when the server has taken all that was sent before. */
  flush(): Promise<void>;
  /** Tells when the connection is lost and made again. */
  status(): AsyncIterable<{ readonly type: string }>;
}

/** What {@linkcode natsEngine} uses of `jetstream(connection)` of `@nats-io/jetstream` 3. */
export interface JetStreamLike {
  /** Before the subjects of the requests to JetStream, such as `$JS.API`. */
  readonly apiPrefix: string;
  /** Adds a message to the stream of a subject. */
  publish(
    subject: string,
    payload?: Uint8Array,
    options?: {
      msgID?: string;
      timeout?: number;
      expect?: { lastSubjectSequence?: number };
    },
  ): Promise<{ readonly seq: number }>;
}

/** Options of {@linkcode natsEngine}. */
export interface NatsEngineOptions {
  /**
   * The connection of this node, with `maxReconnectAttempts: -1`: once it is closed, the
   * engine is away for good. The program closes it, after the engine.
   */
  connection: NatsConnectionLike;
  /** JetStream over the same connection. */
  jetstream: JetStreamLike;
  /**
   * What the subjects and the streams of this service begin with: letters, digits, `-`
   * and `_`. All nodes of a service need the same.
   *
   * @default {"framewire"}
   */
  prefix?: string;
  /**
   * How many messages are kept of each topic. The oldest are removed. Like all that
   * follow, it counts where the streams are made: by the first node.
   *
   * @default {1_000}
   */
  maxTopicMessages?: number;
  /**
   * For how long a message of a topic is kept, in milliseconds: a second or more;
   * `Infinity` for no limit.
   *
   * @default {86_400_000}
   */
  maxAgeMs?: number;
  /**
   * How many bytes are kept of all topics together; `Infinity` for no limit but that of
   * the server. The oldest messages are removed.
   *
   * @default {1_073_741_824}
   */
  maxBytes?: number;
  /**
   * On how many servers of a cluster of NATS the streams are kept, from 1 to 5.
   *
   * @default {1}
   */
  replicas?: number;
}
