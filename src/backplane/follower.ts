import { BACKPLANE_BEAT_MS } from "../defaults.ts";
import { after } from "../net/timer.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicMessage,
} from "./engine.ts";
import { callListener } from "./listeners.ts";
import type {
  SubscribeOptions,
  TopicListener,
  TopicSubscription,
} from "./types.ts";

/** How many messages wait at most while those before them are read. */
const MAX_WAITING = 10_000;

/** Where nothing has been read yet. */
const NOWHERE: Position = { epoch: "", offset: 0n };

/**
 * Reads a topic: gives each message once and in order, reads those that it has missed
 * from what the engine keeps, and tells of those that are lost.
 */
export class Follower implements TopicSubscription {
  readonly #engine: Engine;
  readonly #topic: string;
  readonly #onMessage: TopicListener;
  readonly #onGap: ((from: Position) => void) | undefined;
  #position: Position = NOWHERE;
  /** What has arrived while the messages before it are being read. */
  #waiting: LiveMessage[] | undefined;
  #stopWatching: () => void = () => undefined;
  readonly #stopListening: () => void;
  #callOffRetry: () => void = () => undefined;
  #stopped = false;

  constructor(
    engine: Engine,
    topic: string,
    onMessage: TopicListener,
    onGap: SubscribeOptions["onGap"],
  ) {
    this.#engine = engine;
    this.#topic = topic;
    this.#onMessage = onMessage;
    this.#onGap = onGap;
    this.#stopListening = engine.onState((state) => this.#onState(state));
  }

  get position(): Position {
    return this.#position;
  }

  /** Begins after a position, or at the end of the topic. */
  async start(from: Position | undefined): Promise<void> {
    this.#waiting = [];
    try {
      const stop = await this.#engine.watch(
        this.#topic,
        (message) => this.#take(message),
      );
      this.#stopWatching = stop;
      if (from === undefined) {
        const { end } = await this.#engine.read(this.#topic, undefined, 0);
        this.#position = end;
      } else {
        this.#position = from;
        await this.#read();
      }
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
    this.#goOn();
  }

  unsubscribe(): void {
    this.#stopped = true;
    this.#stopWatching();
    this.#stopListening();
    this.#callOffRetry();
  }

  #onState(state: BackplaneState): void {
    // Messages may have been missed, and none may come that would show it.
    if (state === "up" && this.#position !== NOWHERE) this.#catchUp();
  }

  #take(message: LiveMessage): void {
    if (this.#stopped) return;
    if (this.#waiting !== undefined) {
      // Those beyond are found to be missing, and read.
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(message);
      return;
    }
    if (this.#isNext(message)) return this.#give(message);
    if (this.#isOld(message)) return;
    this.#catchUp();
  }

  #isNext({ offset, previous }: LiveMessage): boolean {
    if (offset <= this.#position.offset) return false;
    // Without one before it, all those before it have expired.
    return previous === undefined || previous <= this.#position.offset;
  }

  /** Whether a message was given already, and is not the first of a new epoch. */
  #isOld({ offset, previous }: LiveMessage): boolean {
    return offset <= this.#position.offset && previous !== 0n;
  }

  #give({ offset, bytes }: TopicMessage): void {
    const position = this.#position = { epoch: this.#position.epoch, offset };
    callListener(this.#onMessage, { offset, bytes }, position);
  }

  #catchUp(): void {
    if (this.#waiting !== undefined) return;
    this.#waiting = [];
    void this.#readAndGoOn();
  }

  async #readAndGoOn(): Promise<void> {
    try {
      await this.#read();
    } catch {
      // The engine is away. It is tried again now and then, and when the engine is up.
      this.#waiting = undefined;
      this.#callOffRetry();
      if (this.#stopped) return;
      this.#callOffRetry = after(BACKPLANE_BEAT_MS, () => {
        if (this.#engine.state === "up") this.#catchUp();
      });
      return;
    }
    this.#goOn();
  }

  /** Gives what was published after the position. */
  async #read(): Promise<void> {
    const from = this.#position;
    const { messages, recovered, end } = await this.#engine.read(
      this.#topic,
      from,
      Infinity,
    );
    if (this.#stopped) return;
    if (!recovered) this.#tellGap(from);
    // An engine that has lost the end of a topic may give its offsets again.
    const goesOn = end.epoch === from.epoch &&
      (recovered || end.offset >= from.offset);
    if (!goesOn) this.#position = { epoch: end.epoch, offset: 0n };
    for (const message of messages) {
      // By the call before.
      if (this.#stopped) return;
      if (message.offset > this.#position.offset) this.#give(message);
    }
    if (!this.#stopped && end.offset > this.#position.offset) {
      this.#position = end;
    }
  }

  /** Gives what has arrived meanwhile. */
  #goOn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    // Where one is missing, it is read, and the others wait again.
    for (const message of waiting) this.#take(message);
  }

  #tellGap(from: Position): void {
    if (this.#onGap !== undefined) callListener(this.#onGap, from);
  }
}
