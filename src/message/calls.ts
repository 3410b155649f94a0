import {
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  MAX_REMEMBERED_IDS,
  REQUEST_TIMEOUT_MS,
  STREAM_CREDIT,
} from "../defaults.ts";
import type { RequestOutcome } from "../framed/observe.ts";
import { endOfTurn } from "../net/adapters/end_of_turn.ts";
import { BoundedQueue } from "../net/bounded_queue.ts";
import { NetError } from "../net/errors.ts";
import { Alarm } from "./alarm.ts";
import { type Call, requestOf } from "./call.ts";
import { checked, type Command } from "./commands.ts";
import { FOREIGN, type Stray } from "./dialects/dialect.ts";
import { isHeader } from "./envelope.ts";
import { lostError, MessageError, notHandled, violation } from "./errors.ts";
import type { PeerSender } from "./peer_sender.ts";
import type { RequestCounters } from "./request_counters.ts";
import { RequestTable } from "./request_table.ts";
import type { RequestOptions, StreamOptions } from "./types.ts";

const requestKinds: OptionKinds<RequestOptions> = {
  timeoutMs: "checked",
  signal: "signal",
  header: "checked",
};

const NO_OPTIONS: RequestOptions = {};

/** The codes of errors with which the other side refuses a request. */
const REFUSALS: ReadonlySet<string> = new Set([
  "NO_HANDLER",
  "TOO_MANY_REQUESTS",
  "CLOSING",
]);

/** What the requesting half of a peer needs. */
export interface CallsOptions {
  readonly counters: RequestCounters;
  /** A count that grows with every envelope that arrives. */
  readonly received: () => number;
  /** Called when the first request opens and when the last open one has ended. */
  readonly onBusy: () => void;
  /** Called when this side begins to wait for another reply. */
  readonly onRequest: () => void;
  /** Called with a reply that belongs to no open request. */
  readonly onStray: (kind: Stray, reply: unknown) => void;
}

/** The requesting half of a peer: the requests that this side has made. */
export class Calls {
  readonly #sender: PeerSender;
  readonly #options: CallsOptions;
  readonly #open = new RequestTable<Call>();
  /** The calls of this turn of the event loop, whose deadlines are not set yet. */
  #unset: Call[] = [];
  readonly #alarm: Alarm;
  #lastId = 0;
  /** The requests that were given up and are not answered, from the oldest on. */
  readonly #givenUp = new Set<number>();
  /** Whether the other side has said that it handles no more requests. */
  #refused = false;
  #ended = false;
  #failure: unknown;

  constructor(sender: PeerSender, options: CallsOptions) {
    this.#sender = sender;
    this.#options = options;
    this.#alarm = new Alarm(options.received, () => this.#giveUpLate());
  }

  /** Whether the connection has ended: all open requests are rejected. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How many requests are open. */
  get size(): number {
    return this.#open.size;
  }

  request(
    name: string,
    command: Command | undefined,
    body: unknown,
    options: RequestOptions | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (options !== undefined) checkOptions("request", options, requestKinds);
      this.open(name, command, body, options ?? NO_OPTIONS, resolve, reject);
    });
  }

  /**
   * Sends a request for one reply. What this throws was not sent. Afterwards, one of
   * the functions is called, once; `reject` with `ended` being true if the connection
   * has ended before the reply.
   */
  open(
    name: string,
    command: Command | undefined,
    body: unknown,
    options: RequestOptions,
    resolve: (body: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    const { timeoutMs = REQUEST_TIMEOUT_MS, signal, header } = options;
    checkTimeLimit("timeoutMs", timeoutMs);
    const call = this.#begin(body, {
      id: this.#lastId + 1,
      name,
      command,
      items: undefined,
      credit: 0,
      timeoutMs,
      deadline: Infinity,
      signal,
      header,
      onAbort: undefined,
      since: 0,
      resolve,
      reject,
    });
    if (timeoutMs === Infinity) return;
    // The clock is read once for all requests of a turn, when they are written.
    if (this.#unset.push(call) > 1) return;
    endOfTurn(() => this.#setDeadlines());
  }

  stream(
    name: string,
    command: Command | undefined,
    body: unknown,
    { signal, header }: StreamOptions,
  ): AsyncGenerator<unknown, void, void> {
    // The credit bounds this queue, in items.
    const items = new BoundedQueue<JsonValue>({
      highWaterMark: Infinity,
      sizeOf: () => 0,
    });
    let call: Call | undefined;
    const begin = () =>
      call = this.#begin(body, {
        id: this.#lastId + 1,
        name,
        command,
        items,
        credit: STREAM_CREDIT,
        timeoutMs: Infinity,
        deadline: Infinity,
        signal,
        header,
        onAbort: undefined,
        since: 0,
        resolve: () => items.end(),
        reject: (error) => items.fail(error),
      });
    const leave = () => {
      if (call && this.#close(call.id) !== undefined) {
        this.#count(call, "cancelled");
        this.#cancel(call.id);
      }
      items.end();
    };
    const received = this.#received(begin, leave);
    return {
      next: () => received.next(),
      // Cancelled at once: the generator would see the signal only at the next item.
      return: () => {
        leave();
        return received.return();
      },
      throw: (error) => {
        leave();
        return received.throw(error);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
      async [Symbol.asyncDispose]() {
        await this.return();
      },
    };
  }

  async *#received(
    begin: () => Call,
    leave: () => void,
  ): AsyncGenerator<unknown, void, void> {
    const call = begin();
    const items = call.items!;
    let taken = 0;
    try {
      for (
        let item = await items.next();
        item !== undefined;
        item = await items.next()
      ) {
        yield checked(call.command?.output, item, "An item of", call.name);
        if (++taken < STREAM_CREDIT / 2) continue;
        if (this.#open.get(call.id) !== undefined) {
          call.credit += taken;
          this.#sender.post(["credit", call.id, taken]);
        }
        taken = 0;
      }
    } finally {
      leave();
    }
  }

  reply(id: number, body: JsonValue): void {
    const call = this.#close(id);
    if (call === undefined) return this.#stray(id, body);
    const schema = call.command?.output;
    let reply: unknown = body;
    try {
      if (schema !== undefined && call.items === undefined) {
        reply = checked(schema, body, "The reply to", call.name);
      }
    } catch (error) {
      this.#count(call, "failed");
      return call.reject(error);
    }
    this.#count(call, "done");
    call.resolve(reply);
  }

  item(id: number, body: JsonValue): void {
    const call = this.#open.get(id);
    // The items of a stream that was left are still on their way.
    if (call === undefined && this.#givenUp.has(id)) return;
    if (call === undefined) return this.#stray(id, body);
    if (call.items === undefined) {
      throw violation("a reply", "an item of a stream");
    }
    if (call.credit-- === 0) {
      throw violation("no more items than there is credit for", "another item");
    }
    call.items.push(body);
  }

  error(id: number, code: string, message: string, data: JsonValue): void {
    const call = this.#close(id);
    if (call === undefined) {
      return this.#stray(id, new MessageError(code, message, data));
    }
    this.#count(call, REFUSALS.has(code) ? "refused" : "failed");
    call.reject(new MessageError(code, message, data));
  }

  /**
   * The other side closes: it handles no request after the one with the number `last`.
   * It answers those before.
   */
  refuseAfter(last: number): void {
    this.#refused = true;
    for (const call of this.#open.all()) {
      if (call.id <= last) continue;
      this.#close(call.id);
      this.#count(call, "refused");
      call.reject(notHandled(call.name));
    }
  }

  /** Ends all open requests, each with an error of its own, and refuses others. */
  fail(cause: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = cause;
    this.#alarm.clear();
    for (const { id, name } of this.#open.all()) {
      const call = this.#close(id);
      if (call === undefined) continue;
      this.#count(call, "failed");
      call.reject(lostError(name, cause));
    }
  }

  /** Sends the request of a call and opens it. */
  #begin(body: unknown, call: Call): Call {
    const { id, name, command, signal, header } = call;
    if (this.#refused) throw notHandled(name);
    if (this.#ended) throw lostError(name, this.#failure);
    if (header !== undefined && !isHeader(header)) {
      throw wrongType("header", "an object of texts", header);
    }
    signal?.throwIfAborted();
    checked(command?.input, body, "The body of", name);
    // The codec refuses what is not JSON.
    const json = body as JsonValue;
    this.#sender.sendNow(requestOf(call, json));
    // Counted after the send: a request that could not be sent uses no number.
    this.#lastId = id;
    call.since = this.#options.counters.begin();
    this.#open.add(call);
    if (signal !== undefined) {
      call.onAbort = () => this.#giveUp(id, signal.reason, "cancelled");
      signal.addEventListener("abort", call.onAbort);
    }
    if (this.#open.size === 1) this.#options.onBusy();
    this.#options.onRequest();
    return call;
  }

  /** Removes a call from the open ones; the caller of this method settles it. */
  #close(id: number): Call | undefined {
    const call = this.#open.take(id);
    if (call === undefined) return undefined;
    if (call.onAbort !== undefined) {
      call.signal?.removeEventListener("abort", call.onAbort);
    }
    if (this.#open.size === 0) this.#options.onBusy();
    return call;
  }

  /** Tells of a reply without an open call. */
  #stray(id: number, reply: unknown): void {
    if (id === FOREIGN) return this.#options.onStray("foreign", reply);
    if (id > this.#lastId) throw violation("the number of a request", `${id}`);
    const isLate = this.#givenUp.delete(id);
    this.#options.onStray(isLate ? "late" : "duplicate", reply);
  }

  #count({ name, since, header }: Call, outcome: RequestOutcome): void {
    this.#options.counters.end(name, outcome, since, header);
  }

  #giveUp(id: number, error: unknown, outcome: RequestOutcome): void {
    const call = this.#close(id);
    if (call === undefined) return;
    this.#count(call, outcome);
    call.reject(error);
    this.#cancel(id);
  }

  #setDeadlines(): void {
    const calls = this.#unset;
    this.#unset = [];
    if (this.#ended) return;
    const now = performance.now();
    let earliest = Infinity;
    for (const call of calls) {
      call.deadline = now + call.timeoutMs;
      earliest = Math.min(earliest, call.deadline);
    }
    this.#alarm.set(earliest);
  }

  /** Rejects the requests past their deadlines, and sets the alarm for the next. */
  #giveUpLate(): void {
    const now = performance.now();
    let next = Infinity;
    for (const { id, name, deadline, timeoutMs } of this.#open.all()) {
      if (deadline > now) {
        next = Math.min(next, deadline);
        continue;
      }
      this.#giveUp(
        id,
        new NetError(
          "TIMED_OUT",
          `The request "${name}" was not answered in ${timeoutMs} ms (timeoutMs)`,
          { limit: "timeoutMs" },
        ),
        "timedOut",
      );
    }
    this.#alarm.set(next);
  }

  #cancel(id: number): void {
    this.#givenUp.add(id);
    if (this.#givenUp.size > MAX_REMEMBERED_IDS) {
      const [oldest] = this.#givenUp;
      this.#givenUp.delete(oldest!);
    }
    this.#sender.post(["cancel", id]);
  }
}
