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

/** Events on their way to the one who iterates them. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = [];
  #taken = 0;
  #ended = false;
  #reader: Deferred<void> | undefined;
  #room: Deferred<void> | undefined;

  /** Adds an event; returns a promise to wait for where there are too many. */
  push(event: T): Promise<void> | undefined {
    this.#events.push(event);
    this.#reader?.resolve();
    if (this.#events.length - this.#taken <= HIGH_WATER_MARK) return undefined;
    this.#room ??= deferred();
    return this.#room.promise;
  }

  /** Ends the iteration after the events that are there. */
  end(): void {
    this.#ended = true;
    this.#reader?.resolve();
    this.#room?.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    while (true) {
      while (this.#taken < this.#events.length) {
        yield this.#events[this.#taken++]!;
        if (this.#taken >= HIGH_WATER_MARK) this.#forgetTaken();
      }
      this.#forgetTaken();
      if (this.#ended) return;
      this.#reader = deferred();
      await this.#reader.promise;
    }
  }

  #forgetTaken(): void {
    this.#events.splice(0, this.#taken);
    this.#taken = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
