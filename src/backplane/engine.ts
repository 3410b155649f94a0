/** Whether an engine can be reached. */
export type BackplaneState = "up" | "down";

/** A place in a topic: after one of its messages, or before the first. */
export interface Position {
  /**
   * Which numbering of the topic it is of. Where the engine has lost a topic and begins
   * anew, the epoch is another one.
   */
  readonly epoch: string;
  /** The offset of the message before; 0 where there is none. */
  readonly offset: bigint;
}

/** A message of a topic. */
export interface TopicMessage {
  /** What was published. Must not be changed: others may have it. */
  readonly bytes: Uint8Array;
  /** Its number: more than that of the message before. */
  readonly offset: bigint;
}

/** A message of a topic that has just been added. */
export interface LiveMessage extends TopicMessage {
  /** The offset of the message before it in the topic; `undefined` where it is not known. */
  readonly previous: bigint | undefined;
}

/** What there is of a topic. */
export interface TopicHistory {
  /** The messages, the oldest first. */
  readonly messages: readonly TopicMessage[];
  /**
   * Whether they are all that was published after the position that was asked for.
   * Where the engine cannot tell, `false`.
   */
  readonly recovered: boolean;
  /** The end of the topic: after its last message. */
  readonly end: Position;
}

/**
 * What a backplane needs of the system that connects its nodes. A node is the only user
 * of its engine object; the system has many. Give one to `createBackplane`.
 *
 * While the engine is `"down"`, all but `close` throws or rejects at once with a
 * `NetError` of the code `UNAVAILABLE`, and so does what is under way when it goes down.
 * What listens and watches goes on when the engine is up again. A message that is too
 * long for the system is refused with `MESSAGE_TOO_LARGE`. The connections between nodes
 * (`connectService`) need messages of 65,541 bytes.
 */
export interface Engine {
  /** Whether the system can be reached. */
  readonly state: BackplaneState;
  /**
   * Adds a listener for the state.
   *
   * @returns Removes the listener.
   */
  onState(listener: (state: BackplaneState) => void): () => void;
  /**
   * Sends to all that listen at a channel, the sender included: at most once, and in the
   * order in which it was sent. Does not keep the bytes after it has returned, but
   * listeners of this process may.
   */
  send(channel: string, bytes: Uint8Array): void;
  /**
   * Listens at a channel. When it resolves, nothing that is sent later is missed.
   *
   * @returns Stops listening.
   */
  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void>;
  /**
   * Adds a message at the end of a topic. Settles when the system has it.
   *
   * @param id A message with the same id, within two minutes, is not added again.
   * @returns The offset, from 1 on; for one that is there already, its offset.
   */
  append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint>;
  /**
   * Calls a function with each message that is added to a topic. Messages may be missing,
   * when the engine was down for instance, and may come twice. Those that one node adds,
   * each when the one before is there, come in this order. Two that are added at once may
   * come the other way round. The backplane notices all of this by `previous`, and reads
   * what is missing: so the rarer the better.
   *
   * @returns Stops watching.
   */
  watch(
    topic: string,
    onMessage: (message: LiveMessage) => void,
  ): Promise<() => void>;
  /**
   * Reads what there is of a topic: all, or what was added after a position.
   *
   * @param maxBytes The most bytes of messages; where there are more, the last ones.
   */
  read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory>;
  /**
   * Gives a register another value if it has a certain one, in one step.
   *
   * @param name The name of the register.
   * @param from The value that it must have; `undefined` for none.
   * @param to The value that it gets; `undefined` for none.
   * @returns The value that it has now.
   */
  swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined>;
  /** The registers that have a value, with their values. */
  registers(): AsyncIterable<readonly [name: string, value: string]>;
  /** Ends what listens and watches, and what this object has opened. */
  close(): Promise<void>;
}
