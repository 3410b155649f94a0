import { EVENTS_HIGH_WATER_MARK } from "../defaults.ts";
import { BoundedQueue } from "../net/bounded_queue.ts";
import type { CloseInfo } from "../net/types.ts";
import type { ServerConnection } from "./server_connection.ts";

/** An event of a server. Events are queued in the order in which they occur. */
export type ServerEvent<In, Out = In> =
  | {
    /** A client has connected. */
    readonly type: "open";
    /** The id of the connection. */
    readonly id: number;
    /** The connection. */
    readonly connection: ServerConnection<In, Out>;
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

/** An event, and the bytes that its message had. */
interface Sized<T> {
  readonly event: T;
  readonly bytes: number;
}

/**
 * The queue between the connections of a server and the loop over its events. Before
 * the loop begins and after it was left, no event is kept, and the connections are
 * not read.
 */
export class EventQueue<T> {
  readonly #queue = new BoundedQueue<Sized<T>>({
    highWaterMark: EVENTS_HIGH_WATER_MARK,
    sizeOf: ({ bytes }) => bytes,
    resume: () => this.#runHeld(),
  });
  #state: "idle" | "iterated" | "left" = "idle";
  readonly #onStart = new Set<() => void>();
  /** Who waits for room. */
  readonly #held = new Set<() => void>();
  /** How many events have been added, and how many the loop has dealt with. */
  #added = 0;
  #dealtWith = 0;
  readonly #waiting: {
    readonly count: number;
    readonly resolve: () => void;
  }[] = [];

  /**
   * Calls a function when the loop begins, or at once if it has begun. Returns a
   * function that cancels.
   */
  whenStarted(run: () => void): () => void {
    if (this.#state !== "idle") run();
    else this.#onStart.add(run);
    return () => void this.#onStart.delete(run);
  }

  /** Begins the iteration. There can be only one. */
  start(): AsyncGenerator<T, void, void> {
    if (this.#state !== "idle") {
      throw new TypeError("Cannot iterate events: they are iterated already");
    }
    this.#state = "iterated";
    this.#runStarted();
    return this.#iterate();
  }

  /** Adds an event; returns whether there is room for another. */
  push(event: T, bytes = 0): boolean {
    if (this.#state === "iterated") {
      this.#added++;
      if (this.#queue.push({ event, bytes })) return true;
    }
    return this.#queue.ended;
  }

  /**
   * Calls a function when there is room, which is never where the loop has been
   * left: the peers are held back. Returns what calls it off.
   */
  whenRoom(run: () => void): () => void {
    this.#held.add(run);
    return () => void this.#held.delete(run);
  }

  /** Waits until the loop has handled all events that are in the queue now. */
  async dealtWith(): Promise<void> {
    const count = this.#added;
    if (this.#state !== "iterated" || this.#dealtWith >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  /** Resumes the connections for the close of the server, if there is no loop. */
  release(): void {
    if (this.#state === "iterated") return;
    this.#state = "left";
    this.#runStarted();
    this.end();
  }

  /** Ends the iteration after the events that are in the queue. */
  end(): void {
    this.#queue.end();
    this.#runHeld();
  }

  async *#iterate(): AsyncGenerator<T, void, void> {
    try {
      for (
        let sized = await this.#queue.next();
        sized !== undefined;
        sized = await this.#queue.next()
      ) {
        yield sized.event;
        this.#dealtWith++;
        this.#wake();
      }
    } finally {
      this.#state = "left";
      this.#dealtWith = Infinity;
      this.#queue.clear();
      this.#wake();
    }
  }

  #runStarted(): void {
    for (const run of this.#onStart) run();
    this.#onStart.clear();
  }

  #runHeld(): void {
    for (const run of this.#held) run();
    this.#held.clear();
  }

  #wake(): void {
    while (
      this.#waiting.length > 0 && this.#waiting[0]!.count <= this.#dealtWith
    ) this.#waiting.shift()!.resolve();
  }
}
