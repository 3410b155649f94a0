import type { Codec } from "../../codec/types.ts";
import { framed } from "../../framed/framed_connection.ts";
import { after } from "../../net/timer.ts";
import { Histogram } from "./histogram.ts";
import { Lane } from "./lane.ts";
import {
  type ErrorCounts,
  errorKindOf,
  type Measured,
  noErrors,
} from "./measured.ts";
import { loadCodec } from "./load_codec.ts";
import type { LoadPlan } from "./load_plan.ts";
import { OpenLoop } from "./open_loop.ts";
import { preciseTimer } from "./precise_timer.ts";

/** What has passed up to a time. */
interface Counts {
  readonly time: number;
  readonly replies: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/**
 * Puts a load on a server of framed requests and replies, and measures it. It is used
 * once. No promise and no write is made for a request of its own.
 */
export class Load {
  /** How many replies have come. */
  replies = 0;
  /** The latencies so far, from when the requests were sent. */
  readonly uncorrected: Histogram = new Histogram();
  /** The errors so far. */
  readonly errors: ErrorCounts = noErrors();

  readonly #plan: LoadPlan;
  readonly #corrected: Histogram | undefined;
  readonly #lanes: Lane[] = [];
  readonly #codec: Codec<unknown>;
  #open: OpenLoop | undefined;
  /** The requests that are due from then on count, up to the second time. */
  #from = Infinity;
  #until = Infinity;
  /** How many requests count. */
  #requests = 0;
  /** How many requests have no reply yet. */
  #waiting = 0;
  /** Whether the load ends before its time. */
  #interrupted = false;
  #draining = false;
  #over = false;
  #firstError: unknown;
  #wake: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;

  /** Makes a load that has not begun. */
  constructor(plan: LoadPlan) {
    const { codec, request, rate } = plan;
    this.#plan = plan;
    this.#corrected = rate === undefined ? undefined : new Histogram();
    this.#codec = loadCodec(codec, request);
  }

  /**
   * Sends the requests, and waits for their replies.
   *
   * @throws What the first connection failed with, if none could be made.
   */
  async run(): Promise<Measured> {
    const { signal, warmUpMs, durationMs, timeoutMs } = this.#plan;
    const interrupt = () => {
      this.#interrupted = true;
      this.#wake?.();
    };
    signal.addEventListener("abort", interrupt);
    try {
      await this.#connect();
      this.#begin();
      await this.#pause(warmUpMs);
      const before = this.#counts();
      await this.#pause(durationMs);
      const after = this.#counts();
      this.#draining = true;
      if (!this.#isDone) await this.#pause(timeoutMs);
      return this.#end(before, after);
    } finally {
      this.#over = true;
      signal.removeEventListener("abort", interrupt);
      this.#open?.stop();
      this.#cancelWatch?.();
      await Promise.all(this.#lanes.map((lane) => lane.end()));
    }
  }

  async #connect(): Promise<void> {
    const { connections, connect, inFlight, signal } = this.#plan;
    await Promise.all(Array.from({ length: connections }, async () => {
      try {
        const connection = framed(await connect(), this.#codec, {
          // What waits is limited by the number of requests in flight.
          maxSendBuffer: Infinity,
        });
        this.#lanes.push(new Lane(connection, inFlight));
      } catch (error) {
        if (signal.aborted) return;
        this.errors[errorKindOf(error)]++;
        this.#firstError ??= error;
      }
    }));
    if (this.#lanes.length === 0 && !signal.aborted) throw this.#firstError;
    this.#interrupted = signal.aborted;
  }

  #begin(): void {
    const { inFlight, rate, warmUpMs, durationMs, timeoutMs } = this.#plan;
    const { timer = preciseTimer } = this.#plan;
    const start = performance.now();
    this.#from = start + warmUpMs;
    this.#until = this.#from + durationMs;
    for (const lane of this.#lanes) {
      lane.connection.forEach(() => this.#onReply(lane)).then(
        () => this.#lose(lane, undefined),
        (error: unknown) => this.#lose(lane, error),
      );
    }
    if (this.#interrupted) return;
    this.#watch(timeoutMs);
    if (rate === undefined) {
      for (const lane of this.#lanes) {
        for (let i = 0; i < inFlight; i++) this.#send(lane, start, start);
      }
    } else {
      this.#open = new OpenLoop(
        this.#lanes,
        inFlight,
        start,
        rate,
        warmUpMs + durationMs,
        timer,
        (lane, due, now) => this.#send(lane, due, now),
      );
      this.#open.run(start);
    }
  }

  #send(lane: Lane, due: number, now: number): void {
    if (lane.lost) return;
    lane.add(due, now);
    this.#waiting++;
    if (due >= this.#from) this.#requests++;
    try {
      void lane.connection.send(this.#plan.request.value);
    } catch (error) {
      this.#lose(lane, error);
    }
  }

  #onReply(lane: Lane): void {
    const now = lane.arrival;
    if (lane.waiting === 0) {
      this.errors.unasked++;
      return;
    }
    const due = lane.due(0);
    if (due >= this.#from) {
      this.uncorrected.record((now - lane.sent(0)) * 1_000);
      this.#corrected?.record((now - due) * 1_000);
    }
    lane.shift();
    this.replies++;
    this.#waiting--;
    if (this.#open !== undefined) this.#open.freed(lane, now);
    else if (now < this.#until && !this.#interrupted) {
      this.#send(lane, now, now);
    }
    if (this.#draining && this.#isDone) this.#wake?.();
  }

  /** A connection has ended, with the requests that wait on it. */
  #lose(lane: Lane, error: unknown): void {
    if (lane.lost || this.#over) return;
    lane.lost = true;
    const { waiting } = lane;
    this.errors[errorKindOf(error)] += waiting === 0
      ? 1
      : waiting - lane.timedOut;
    this.#firstError ??= error;
    this.#waiting -= waiting;
    lane.connection.abort();
    const ends = this.#draining && this.#isDone;
    if (ends || this.#lanes.every(({ lost }) => lost)) this.#wake?.();
  }

  /** Counts the requests whose replies are late, now and again. */
  #watch(timeoutMs: number): void {
    const latest = performance.now() - timeoutMs;
    for (const lane of this.#lanes) {
      if (lane.lost) continue;
      while (
        lane.timedOut < lane.waiting && lane.sent(lane.timedOut) <= latest
      ) {
        lane.timedOut++;
        this.errors.timedOut++;
      }
    }
    const everyMs = Math.max(timeoutMs / 10, 10);
    this.#cancelWatch = after(everyMs, () => this.#watch(timeoutMs));
  }

  /** Whether all requests have been sent, and have their replies. */
  get #isDone(): boolean {
    return this.#waiting === 0 && (this.#open?.done ?? true);
  }

  /** Waits until something wakes it, or the time has passed. */
  #pause(ms: number): Promise<void> {
    const nothingLeft = this.#lanes.every(({ lost }) => lost);
    if (this.#interrupted || nothingLeft) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #counts(): Counts {
    let bytesSent = 0;
    let bytesReceived = 0;
    for (const { connection } of this.#lanes) {
      const stats = connection.stats();
      bytesSent += stats.bytesSent;
      bytesReceived += stats.bytesReceived;
    }
    const { replies } = this;
    return { time: performance.now(), replies, bytesSent, bytesReceived };
  }

  /** Counts what has no reply, with the time that it has waited. */
  #end(before: Counts, after: Counts): Measured {
    const { inFlight, rate, request } = this.#plan;
    const now = performance.now();
    for (const lane of this.#lanes) {
      if (lane.lost) continue;
      for (let i = 0; i < lane.waiting; i++) {
        const due = lane.due(i);
        if (due < this.#from) continue;
        this.uncorrected.record((now - lane.sent(i)) * 1_000);
        this.#corrected?.record((now - due) * 1_000);
      }
      if (this.#interrupted) continue;
      this.errors.unanswered += lane.waiting - lane.timedOut;
    }
    for (const due of this.#open?.unsent(now) ?? []) {
      if (due < this.#from) continue;
      this.#requests++;
      this.#corrected?.record((now - due) * 1_000);
      if (!this.#interrupted) this.errors.unsent++;
    }
    const left = this.#lanes.filter(({ lost }) => !lost).length;
    return {
      connections: { opened: this.#lanes.length, left },
      inFlight,
      rate,
      requestBytes: request.bytes.length,
      seconds: (after.time - before.time) / 1_000,
      requests: this.#requests,
      replies: after.replies - before.replies,
      bytesSent: after.bytesSent - before.bytesSent,
      bytesReceived: after.bytesReceived - before.bytesReceived,
      corrected: this.#corrected,
      uncorrected: this.uncorrected,
      errors: this.errors,
      firstError: this.#firstError,
      interrupted: this.#interrupted,
    };
  }
}
