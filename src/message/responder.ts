import type { JsonValue } from "../codec/views/json.ts";
import { leave } from "../framed/iterator.ts";
import { type Deferred, deferred, isPromise } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { type Ticker, tickerFor, type Timed } from "../net/ticker.ts";
import { TokenBucket } from "../net/token_bucket.ts";
import { nextTask } from "../net/timer.ts";
import { checked, commandOf, type Commands } from "./commands.ts";
import type { Envelope, EnvelopeHeader } from "./envelope.ts";
import { MessageError, violation } from "./errors.ts";
import type { PeerSender } from "./peer_sender.ts";
import type { RequestCounters } from "./request_counters.ts";
import { RequestTable } from "./request_table.ts";
import { Serving } from "./serving.ts";

/** How many items of a stream are sent before the event loop gets a turn. */
const ITEMS_A_TASK = 64;

/** The part of a peer that its answering half uses. */
interface WithContext {
  readonly context: unknown;
}

/** A handler of any command. */
export type AnyHandler<P extends WithContext> = (
  body: unknown,
  context: Serving<P>,
) => unknown;

/** What the answering half of a peer needs. */
export interface ResponderOptions<P extends WithContext> {
  readonly peer: P;
  readonly commands: Commands | undefined;
  readonly maxRequests: number;
  readonly counters: RequestCounters;
  readonly requestsPerSecond: number;
  readonly handlerTimeoutMs: number;
  /** Whether the other side waits for the reply to a request that it has cancelled. */
  readonly answersCancelled: boolean;
  readonly handlerOf: (command: string) => AnyHandler<P> | undefined;
  /** Called when the first request is under way and when the last one has ended. */
  readonly onBusy: () => void;
  readonly onError: (error: unknown, command: string) => void;
}

/** The answering half of a peer: the requests that the other side has made. */
export class Responder<P extends WithContext> implements Timed {
  readonly #sender: PeerSender;
  readonly #options: ResponderOptions<P>;
  /**
   * The requests whose handlers have not finished, cancelled ones included, since
   * their handlers may be at work. A request whose handler returns its reply at once
   * is never in this table.
   */
  readonly #underWay = new RequestTable<Serving<P>>();
  /** Settles when there is room to send more. */
  #full: Promise<void> | undefined;
  #idle: Deferred<void> | undefined;
  /** The highest number of a request. */
  #last = 0;
  #closing = false;
  /** Whether a handler has been called that has not returned yet. */
  #isCalling = false;
  readonly #pace: TokenBucket | undefined;
  /** Counts the time of the handlers, where that is limited. */
  readonly #ticker: Ticker | undefined;

  constructor(sender: PeerSender, options: ResponderOptions<P>) {
    this.#sender = sender;
    this.#options = options;
    const { requestsPerSecond, handlerTimeoutMs } = options;
    if (requestsPerSecond < Infinity) {
      const burst = Math.max(1, requestsPerSecond);
      this.#pace = new TokenBucket(requestsPerSecond, burst);
    }
    if (handlerTimeoutMs < Infinity) this.#ticker = tickerFor(handlerTimeoutMs);
  }

  /** Handles a request; with `credit`, it is a request for a stream. */
  request(
    id: number,
    command: string,
    body: JsonValue,
    credit: number | undefined,
    header: EnvelopeHeader | undefined,
  ): void {
    const { peer, commands, maxRequests, handlerOf, counters } = this.#options;
    if (id > this.#last) this.#last = id;
    if (this.#underWay.get(id) !== undefined) {
      throw violation("the number of a new request", `${id} once more`);
    }
    const handler = handlerOf(command);
    const isKnown = handler !== undefined;
    if (this.#closing) {
      counters.refuse(command, isKnown);
      return this.#refuse(id, "CLOSING", "This side is closing");
    }
    if (this.#underWay.size >= maxRequests) {
      counters.refuse(command, isKnown);
      const reason = `There are ${maxRequests} requests under way already`;
      return this.#refuse(id, "TOO_MANY_REQUESTS", reason);
    }
    if (this.#pace?.take() === false) {
      counters.refuse(command, isKnown);
      const { requestsPerSecond } = this.#options;
      const reason = `There are more than ${requestsPerSecond} a second`;
      return this.#refuse(id, "TOO_MANY_REQUESTS", reason);
    }
    if (handler === undefined) {
      counters.refuse(command, isKnown);
      return this.#refuse(id, "NO_HANDLER", `No handler for "${command}"`);
    }
    const serving = new Serving(
      id,
      command,
      peer,
      credit,
      header,
      counters.begin(),
    );
    // The handler may close the peer before it returns.
    this.#isCalling = true;
    try {
      const schema = commandOf(commands, command)?.input;
      const input = checked(schema, body, "The body of", command);
      const result = handler(input, serving);
      const later = isPromise(result) || isAsyncIterable(result);
      if (later || this.#full !== undefined) {
        this.#underWay.add(serving);
        if (this.#underWay.size === 1) {
          this.#ticker?.add(this);
          this.#options.onBusy();
        }
        void this.#finish(serving, result);
      } else {
        this.#reply(serving, result);
        this.#count(serving, "done");
      }
    } catch (error) {
      this.#fail(serving, error);
      this.#count(serving, "failed");
    }
    this.#isCalling = false;
    if (this.#underWay.size === 0) this.#idle?.resolve();
  }

  /** The highest number of a request that has arrived. */
  get last(): number {
    return this.#last;
  }

  /** How many requests are under way. */
  get size(): number {
    return this.#underWay.size + (this.#isCalling ? 1 : 0);
  }

  credit(id: number, count: number): void {
    this.#underWay.get(id)?.addCredit(count);
  }

  cancel(id: number): void {
    const serving = this.#underWay.get(id);
    if (serving === undefined || serving.aborted) return;
    const reason = "The other side gave the request up";
    serving.abort(new DOMException(reason, "AbortError"));
    if (this.#options.answersCancelled) this.#refuse(id, "CANCELLED", reason);
  }

  /** Refuses further requests. */
  refuseAll(): void {
    this.#closing = true;
  }

  /**
   * Waits until the requests under way are answered, or aborted. After an `abort`, it
   * waits until their handlers have ended.
   */
  async drain(): Promise<void> {
    if (this.size === 0) return;
    this.#idle ??= deferred();
    await this.#idle.promise;
  }

  /** Aborts the requests under way: no reply can be sent any more. */
  abort(reason: unknown): void {
    this.#closing = true;
    // A handler that never ends must not keep the timer going.
    this.#ticker?.delete(this);
    for (const serving of this.#underWay.all()) serving.abort(reason);
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  tick(ms: number): void {
    const { handlerTimeoutMs } = this.#options;
    for (const serving of this.#underWay.all()) {
      if (serving.replied || serving.aborted) continue;
      serving.workedMs += ms;
      if (serving.workedMs > handlerTimeoutMs) this.#giveUp(serving);
    }
  }

  /** Answers in the place of a handler that takes too long. */
  #giveUp(serving: Serving<P>): void {
    const { handlerTimeoutMs, onError, counters } = this.#options;
    const { id, command, since, header } = serving;
    // Now, since the handler may never return.
    serving.timedOut = true;
    counters.end(command, "timedOut", since, header);
    const what =
      `The handler of "${command}" took longer than ${handlerTimeoutMs} ms`;
    const error = new NetError("TIMED_OUT", `${what} (handlerTimeoutMs)`, {
      limit: "handlerTimeoutMs",
    });
    serving.abort(error);
    this.#refuse(id, "HANDLER_TIMED_OUT", what);
    onError(error, command);
  }

  async #finish(serving: Serving<P>, result: unknown): Promise<void> {
    try {
      const value = await result;
      serving.replied = true;
      if (isAsyncIterable(value)) {
        await this.#replyWithItems(serving, value);
      } else {
        while (this.#full !== undefined) await this.#full;
        this.#reply(serving, value);
      }
      this.#count(serving, "done");
    } catch (error) {
      this.#fail(serving, error);
      this.#count(serving, "failed");
    } finally {
      this.#remove(serving.id);
    }
  }

  #count(serving: Serving<P>, outcome: "done" | "failed"): void {
    const { command, aborted, since, header } = serving;
    if (serving.timedOut) return;
    const ended = aborted ? "cancelled" : outcome;
    this.#options.counters.end(command, ended, since, header);
  }

  #remove(id: number): void {
    this.#underWay.take(id);
    if (this.#underWay.size > 0) return;
    this.#ticker?.delete(this);
    this.#idle?.resolve();
    this.#options.onBusy();
  }

  #reply(serving: Serving<P>, value: unknown): void {
    if (serving.aborted) return;
    // With a credit without end, the handler chooses.
    if (serving.credit !== undefined && serving.credit !== Infinity) {
      throw notAStream(serving, "one reply");
    }
    const body = this.#output(serving, value, "The reply to");
    this.#send(serving, ["reply", serving.id, body]);
  }

  async #replyWithItems(
    serving: Serving<P>,
    items: AsyncIterable<unknown>,
  ): Promise<void> {
    const iterator = iteratorOf(items);
    if (serving.credit === undefined) {
      await iterator.return?.();
      throw notAStream(serving, "a stream of replies");
    }
    let ended = false;
    try {
      for (let count = 1; !serving.aborted; count++) {
        const next = await serving.orAborted(iterator.next());
        if (next === undefined) return;
        ended = next.done === true;
        if (ended) return this.#send(serving, ["reply", serving.id, null]);
        if (serving.credit === 0) await serving.room();
        if (serving.aborted) return;
        serving.credit--;
        const item = this.#output(serving, next.value, "An item of");
        this.#send(serving, ["item", serving.id, item]);
        while (this.#full !== undefined) await this.#full;
        // A source that never waits must not block the event loop.
        if (count % ITEMS_A_TASK === 0) await new Promise<void>(nextTask);
      }
    } finally {
      if (!ended) leave(iterator);
    }
  }

  /** The output of a handler, validated by the schema of its command. */
  #output(serving: Serving<P>, value: unknown, part: string): JsonValue {
    const { commands, onError } = this.#options;
    const { command } = serving;
    try {
      checked(commandOf(commands, command)?.output, value, part, command);
    } catch (error) {
      // The other side gets this error as the answer, but the fault is in this program.
      if (error instanceof MessageError) onError(error, command);
      throw error;
    }
    // The codec refuses what is not JSON.
    return value as JsonValue;
  }

  #fail(serving: Serving<P>, error: unknown): void {
    const { id, command, aborted } = serving;
    if (error instanceof MessageError) {
      if (!aborted) this.#answerWithError(serving, error);
      return;
    }
    const stopped = aborted && (error === serving.reason || isAbort(error));
    if (!stopped) this.#options.onError(error, command);
    if (!aborted) {
      this.#refuse(id, "HANDLER_FAILED", `The handler of "${command}" failed`);
    }
  }

  #answerWithError(serving: Serving<P>, error: MessageError): void {
    const { data } = error;
    const code = String(error.code);
    const message = String(error.message);
    try {
      this.#send(serving, ["error", serving.id, code, message, data]);
    } catch (unsendable) {
      // The data is not JSON, or too long. The error is sent without it.
      this.#options.onError(unsendable, serving.command);
      this.#refuse(serving.id, code, message.slice(0, 1_000));
    }
  }

  #refuse(id: number, code: string, message: string): void {
    this.#sender.post(["error", id, code, message, null]);
  }

  /** Sends the output of a handler; throws if the output cannot be sent. */
  #send({ command }: Serving<P>, envelope: Envelope): void {
    const full = this.#sender.sendOrEnd(
      envelope,
      (error) => this.#options.onError(error, command),
    );
    if (full === undefined) return;
    const clear = () => {
      this.#full = undefined;
    };
    this.#full = full.then(clear, clear);
  }
}

function notAStream(serving: Serving<WithContext>, got: string): MessageError {
  const asked = serving.credit === undefined ? "one reply" : "a stream";
  return new MessageError(
    "NOT_A_STREAM",
    `"${serving.command}" was asked for ${asked} and gives ${got}`,
  );
}

/**
 * The iterator of a source. That of a `ReadableStream` would wait for the next
 * chunk before it cancels the stream, so a reader stands in for it.
 */
function iteratorOf(items: AsyncIterable<unknown>): AsyncIterator<unknown> {
  if (!(items instanceof ReadableStream)) return items[Symbol.asyncIterator]();
  const reader = items.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null &&
    Symbol.asyncIterator in value;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
