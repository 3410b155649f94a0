import type { FramedConnection } from "../framed/framed.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import type { CloseInfo } from "../net/types.ts";

/** What happens on a server, in the order in which it happens. */
export type ServerEvent<In, Out = In> =
  | {
    /** Somebody has connected. */
    readonly type: "open";
    /** The id of the connection. */
    readonly id: number;
    /** The connection. */
    readonly connection: FramedConnection<In, Out>;
  }
  | {
    /** A message has come in. */
    readonly type: "message";
    /** The id of its connection. */
    readonly id: number;
    /** The message. */
    readonly message: Out;
  }
  | {
    /** A connection has ended. */
    readonly type: "close";
    /** The id of the connection. */
    readonly id: number;
    /** How it ended. */
    readonly info: CloseInfo;
  };

/** From how many events that nobody has taken on messages wait. */
const HIGH_WATER_MARK = 1_024;

/** Who waits for so many events to have been dealt with. */
interface Waiting {
  readonly count: number;
  readonly resolve: () => void;
}

/**
 * Events on their way to the one who iterates them. Before that, and after the
 * loop has been left, none is kept: who has one to tell of waits.
 */
export class EventQueue<T> {
  readonly #events: T[] = [];
  readonly #started = deferred<void>();
  #asked = false;
  /** Whether the loop has been left. */
  #left = false;
  #ended = false;
  /** How many have been told of, and how many of them have been dealt with. */
  #told = 0;
  #dealtWith = 0;
  /** How many at the front of `#events` have been taken. */
  #taken = 0;
  #reader: Deferred<void> | undefined;
  #room: Deferred<void> | undefined;
  readonly #waiting: Waiting[] = [];

  /** Settles when somebody has begun to iterate, or nobody will. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** Begins the iteration, of which there is one. */
  start(): AsyncGenerator<T, void, void> {
    if (this.#asked) {
      throw new TypeError("Cannot iterate events: they are iterated already");
    }
    this.#asked = true;
    this.#started.resolve();
    return this.#iterate();
  }

  /** Adds an event; returns a promise to wait for where there are too many. */
  push(event: T): Promise<void> | undefined {
    if (!this.#left) {
      this.#told++;
      this.#events.push(event);
      this.#reader?.resolve();
      const waiting = this.#events.length - this.#taken;
      if (waiting <= HIGH_WATER_MARK) return undefined;
    }
    if (this.#ended) return undefined;
    this.#room ??= deferred();
    return this.#room.promise;
  }

  /** Waits until all events there are now have been dealt with. */
  async taken(): Promise<void> {
    const count = this.#told;
    if (this.#left || this.#ended || this.#dealtWith >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  /** Has nobody wait any more, where nobody iterates. */
  release(): void {
    if (this.#asked && !this.#left) return;
    this.#leave();
    this.#ended = true;
    this.#room?.resolve();
    this.#started.resolve();
  }

  /** Ends the iteration after the events that are there. */
  end(): void {
    this.#ended = true;
    this.#reader?.resolve();
    this.#room?.resolve();
  }

  async *#iterate(): AsyncGenerator<T, void, void> {
    try {
      while (true) {
        while (this.#taken < this.#events.length) {
          yield this.#events[this.#taken++]!;
          this.#dealtWith++;
          this.#wake();
          if (this.#taken >= HIGH_WATER_MARK) this.#forgetTaken();
        }
        this.#forgetTaken();
        if (this.#ended) return;
        this.#reader = deferred();
        await this.#reader.promise;
      }
    } finally {
      this.#leave();
    }
  }

  #forgetTaken(): void {
    this.#events.splice(0, this.#taken);
    this.#taken = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }

  #leave(): void {
    this.#left = true;
    this.#events.length = this.#taken = 0;
    this.#dealtWith = Infinity;
    this.#wake();
  }

  #wake(): void {
    let first = this.#waiting[0];
    while (first !== undefined && first.count <= this.#dealtWith) {
      first.resolve();
      this.#waiting.shift();
      first = this.#waiting[0];
    }
  }
}
