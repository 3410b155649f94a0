import type {
  BackplaneState,
  Position,
  TopicHistory,
  TopicMessage,
} from "./engine.ts";

/** What listens, until it is told to stop. */
export interface Subscription {
  /** Stops at once. Can be called again. */
  unsubscribe(): void;
}

/** What reads a topic; made by {@linkcode Backplane.subscribe}. */
export interface TopicSubscription extends Subscription {
  /** After the last message that was given to the program. */
  readonly position: Position;
}

/** Takes the messages of a topic, with the position after each. */
export type TopicListener = (
  message: TopicMessage,
  position: Position,
) => void;

/** Options of {@linkcode Backplane.subscribe}. */
export interface SubscribeOptions {
  /**
   * After which position to begin. By default, with what is published from now on.
   */
  from?: Position;
  /**
   * Called when messages are lost for ever: the engine has removed them before this
   * node could read them. The next message is the first that there is.
   *
   * @param from The position before those that were lost.
   */
  onGap?: (from: Position) => void;
}

/** Options of {@linkcode Backplane.publish}. */
export interface PublishOptions {
  /**
   * What tells this message from all others of the topic. One that is published again
   * with the same id within two minutes is not added again.
   */
  id?: string;
}

/** Options of {@linkcode Backplane.history}. */
export interface HistoryOptions {
  /** Only what was published after this position. By default, all that there is. */
  since?: Position;
  /**
   * The most bytes of messages to read; where there are more, the last ones.
   *
   * @default {1_048_576}
   */
  maxBytes?: number;
}

/** A name that this node alone has; made by {@linkcode Backplane.claim}. */
export interface Claim {
  /** The name. */
  readonly name: string;
  /**
   * Aborts when the name was lost: this node seemed dead to another one, which took
   * the name. It does not abort when the name is released.
   */
  readonly lost: AbortSignal;
  /**
   * Gives the name back.
   *
   * @throws {NetError} `UNAVAILABLE` while the engine is away. The name is given back
   * when the engine is there again.
   */
  release(): Promise<void>;
}

/** Who has a name; from {@linkcode Backplane.holder}. */
export interface Holder {
  /** The node. */
  readonly nodeId: string;
  /** What the node has said about it. */
  readonly note: string;
}

/** Options of {@linkcode Backplane.request}. */
export interface BackplaneRequestOptions {
  /** The node that is asked. By default, chance picks one of those that serve. */
  to?: string;
  /** Cancels the request: the signal of the handler aborts. */
  signal?: AbortSignal;
  /**
   * How long the reply may take, in milliseconds. More than 0; `Infinity` for no limit.
   *
   * @default {5_000}
   */
  timeoutMs?: number;
}

/** What a handler of {@linkcode Backplane.serve} gets besides the bytes. */
export interface ServeContext {
  /** The node that asks. */
  readonly from: string;
  /** Aborts when the reply is not wanted any more. */
  readonly signal: AbortSignal;
}

/** Answers requests; see {@linkcode Backplane.serve}. */
export type BackplaneHandler = (
  bytes: Uint8Array,
  context: ServeContext,
) => Promise<Uint8Array> | Uint8Array;

/**
 * What connects the processes of one service, its nodes: channels that lose messages
 * where they must, topics that keep them, names that one node of all has, and requests
 * from node to node.
 *
 * | | promise |
 * | --- | --- |
 * | `send`, `listen` | at most once; those of one node in the order in which it sent them |
 * | `publish`, `subscribe` | at least once with duplicates removed, in one order on all nodes; gaps are told |
 *
 * What needs the engine is refused at once with `UNAVAILABLE` while the engine is away.
 * Nothing is queued. A call that was under way rejects, too: it may have been done.
 */
export interface Backplane extends AsyncDisposable {
  /** The id of this node: another one in each process, and after each start. */
  readonly nodeId: string;
  /** Whether the engine can be reached. */
  readonly state: BackplaneState;
  /**
   * Adds a listener for the state.
   *
   * @returns Removes the listener.
   */
  onState(listener: (state: BackplaneState) => void): () => void;
  /**
   * The nodes that are alive, this one included. One that was killed is gone from it
   * within 5 seconds, and one that was closed at once.
   */
  readonly nodes: ReadonlySet<string>;
  /**
   * Adds a listener for nodes that come and go. A node that seemed dead, since it stood
   * still for instance, can come back.
   *
   * @returns Removes the listener.
   */
  onNode(listener: (nodeId: string, isAlive: boolean) => void): () => void;
  /**
   * Sends to all that listen at a channel, on this node as well.
   *
   * @throws {NetError} `UNAVAILABLE` while the engine is away; `MESSAGE_TOO_LARGE` if
   * the engine takes no message so long.
   */
  send(channel: string, bytes: Uint8Array): void;
  /** Listens at a channel. The bytes must not be changed: others may have them. */
  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<Subscription>;
  /**
   * Adds a message to a topic; settles when the engine has it.
   *
   * @throws {NetError} `UNAVAILABLE` while the engine is away, or if it went away before
   * it answered: the message may have been added. `MESSAGE_TOO_LARGE`.
   */
  publish(
    topic: string,
    bytes: Uint8Array,
    options?: PublishOptions,
  ): Promise<{ readonly offset: bigint }>;
  /**
   * Reads a topic, from now on or from a position on. Messages may come before the
   * promise resolves.
   */
  subscribe(
    topic: string,
    onMessage: TopicListener,
    options?: SubscribeOptions,
  ): Promise<TopicSubscription>;
  /** What there is of a topic. */
  history(topic: string, options?: HistoryOptions): Promise<TopicHistory>;
  /**
   * Takes a name that one node of all can have, as long as it is alive.
   *
   * @param name The name.
   * @param note What others can read with `holder`.
   * @returns `undefined` if another node has it, or this one.
   */
  claim(name: string, note?: string): Promise<Claim | undefined>;
  /** Who has a name; `undefined` if nobody has it. */
  holder(name: string): Promise<Holder | undefined>;
  /**
   * Answers requests. Other nodes know of it a moment later.
   *
   * @throws {TypeError} If this node serves the subject already.
   */
  serve(subject: string, handler: BackplaneHandler): Subscription;
  /** The nodes that serve a subject, as far as this node knows. */
  serving(subject: string): readonly string[];
  /**
   * Sends a request to a node, and waits for the reply.
   *
   * @throws {NetError} `NO_HANDLER` at once if no node serves the subject. `TIMED_OUT`.
   * `HANDLER_FAILED` if the handler threw. `CONNECTION_RESET` if the node was closed or
   * has died before it answered. `UNAVAILABLE` if the engine is away or goes away.
   */
  request(
    subject: string,
    bytes: Uint8Array,
    options?: BackplaneRequestOptions,
  ): Promise<Uint8Array>;
  /** Leaves: gives all names back, and tells the other nodes. */
  close(): Promise<void>;
}
