import type { Framed } from "../../framed/framed.ts";

/**
 * A connection of a load, with the times of its requests that have no reply yet. Replies
 * come in the order of the requests.
 */
export class Lane {
  readonly connection: Framed<unknown>;
  /** How many requests have no reply yet. */
  waiting = 0;
  /** How many of those have waited for too long. */
  timedOut = 0;
  /** Whether the connection has ended. */
  lost = false;

  readonly #due: Float64Array;
  readonly #sent: Float64Array;
  #first = 0;
  #chunks = 0;
  #arrival = 0;

  constructor(connection: Framed<unknown>, inFlight: number) {
    this.connection = connection;
    this.#due = new Float64Array(inFlight);
    this.#sent = new Float64Array(inFlight);
  }

  /** When the frame arrived that is handled now: one look at the clock for a chunk. */
  get arrival(): number {
    const { chunksReceived } = this.connection;
    if (chunksReceived !== this.#chunks) {
      this.#chunks = chunksReceived;
      this.#arrival = performance.now();
    }
    return this.#arrival;
  }

  /** Notes a request. */
  add(due: number, sent: number): void {
    const at = this.#indexOf(this.waiting++);
    this.#due[at] = due;
    this.#sent[at] = sent;
  }

  /** Drops the first request: its reply is there. */
  shift(): void {
    this.#first = this.#indexOf(1);
    this.waiting--;
    if (this.timedOut > 0) this.timedOut--;
  }

  /** When a request was due that waits, counted from the first. */
  due(index: number): number {
    return this.#due[this.#indexOf(index)]!;
  }

  /** When it was sent. */
  sent(index: number): number {
    return this.#sent[this.#indexOf(index)]!;
  }

  /** Ends the connection: in good order, where nothing is under way. */
  async end(): Promise<void> {
    if (this.lost || this.waiting > 0) this.connection.abort();
    else await this.connection.close();
  }

  #indexOf(index: number): number {
    const at = this.#first + index;
    return at < this.#due.length ? at : at - this.#due.length;
  }
}
