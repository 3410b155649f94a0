import type { JsonValue } from "../codec/views/json.ts";
import { leave } from "../framed/iterator.ts";
import { type Deferred, deferred, isPromise } from "../net/deferred.ts";
import { nextTask } from "../net/timer.ts";
import { checked, commandOf, type Commands } from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import { MessageError, violation } from "./errors.ts";
import type { PeerSender } from "./peer_sender.ts";
import { Serving } from "./serving.ts";

/** How many items of a stream are sent before others have their turn. */
const ITEMS_A_TASK = 64;

/** A handler of any command. */
export type AnyHandler<P> = (body: unknown, context: Serving<P>) => unknown;

/** What the answering half of a peer needs. */
export interface ResponderOptions<P> {
  readonly peer: P;
  readonly commands: Commands;
  readonly maxRequests: number;
  readonly handlerOf: (command: string) => AnyHandler<P> | undefined;
  readonly onError: (error: unknown, command: string) => void;
}

/** The answering half of a peer: the requests that the other side has made. */
export class Responder<P> {
  readonly #sender: PeerSender;
  readonly #options: ResponderOptions<P>;
  /** Whose handlers have not returned, given up ones too: they do work. */
  readonly #underWay = new Map<number, Serving<P>>();
  /** Settles when there is room to send more. */
  #full: Promise<void> | undefined;
  #idle: Deferred<void> | undefined;
  #closing = false;

  constructor(sender: PeerSender, options: ResponderOptions<P>) {
    this.#sender = sender;
    this.#options = options;
  }

  /** A request: with `credit`, for a stream. */
  request(
    id: number,
    command: string,
    body: JsonValue,
    credit?: number,
  ): void {
    const { peer, commands, maxRequests, handlerOf } = this.#options;
    if (this.#underWay.has(id)) {
      throw violation("the number of a new request", `${id} once more`);
    }
    if (this.#closing) {
      return this.#refuse(id, "CLOSING", "This side is closing");
    }
    if (this.#underWay.size >= maxRequests) {
      const reason = `There are ${maxRequests} requests under way already`;
      return this.#refuse(id, "TOO_MANY_REQUESTS", reason);
    }
    const handler = handlerOf(command);
    if (handler === undefined) {
      return this.#refuse(id, "NO_HANDLER", `No handler for "${command}"`);
    }
    const serving = new Serving(id, command, peer, credit);
    // Before the handler begins, which may close the peer.
    this.#underWay.set(id, serving);
    let done = true;
    try {
      const schema = commandOf(commands, command)?.input;
      const input = checked(schema, body, `The body of "${command}"`);
      const result = handler(input, serving);
      const later = isPromise(result) || isAsyncIterable(result);
      if (!later && this.#full === undefined) {
        this.#reply(serving, result);
      } else {
        done = false;
        void this.#finish(serving, result);
      }
    } catch (error) {
      this.#fail(serving, error);
    }
    if (done) this.#remove(id);
  }

  /** How many requests are under way. */
  get size(): number {
    return this.#underWay.size;
  }

  credit(id: number, count: number): void {
    this.#underWay.get(id)?.addCredit(count);
  }

  cancel(id: number): void {
    this.#underWay.get(id)?.abort(
      new DOMException("The other side gave the request up", "AbortError"),
    );
  }

  /** Refuses further requests, and waits until those under way are answered. */
  async drain(): Promise<void> {
    this.#closing = true;
    if (this.#underWay.size === 0) return;
    this.#idle ??= deferred();
    await this.#idle.promise;
  }

  /** Nobody waits for replies any more. */
  abort(reason: unknown): void {
    this.#closing = true;
    for (const serving of this.#underWay.values()) serving.abort(reason);
    this.#idle?.resolve();
  }

  async #finish(serving: Serving<P>, result: unknown): Promise<void> {
    try {
      const value = await result;
      if (isAsyncIterable(value)) {
        await this.#replyWithItems(serving, value);
      } else {
        while (this.#full !== undefined) await this.#full;
        this.#reply(serving, value);
      }
    } catch (error) {
      this.#fail(serving, error);
    } finally {
      this.#remove(serving.id);
    }
  }

  #remove(id: number): void {
    this.#underWay.delete(id);
    if (this.#underWay.size === 0) this.#idle?.resolve();
  }

  #reply(serving: Serving<P>, value: unknown): void {
    if (serving.aborted) return;
    if (serving.credit !== undefined) throw notAStream(serving, "one reply");
    const what = `The reply to "${serving.command}"`;
    this.#send(["reply", serving.id, this.#output(serving, value, what)]);
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
        if (ended) return this.#send(["reply", serving.id, null]);
        if (serving.credit === 0) await serving.room();
        if (serving.aborted) return;
        serving.credit--;
        const what = `An item of "${serving.command}"`;
        const item = this.#output(serving, next.value, what);
        this.#send(["item", serving.id, item]);
        while (this.#full !== undefined) await this.#full;
        // One that never waits must not keep all others waiting.
        if (count % ITEMS_A_TASK === 0) await new Promise<void>(nextTask);
      }
    } finally {
      if (!ended) leave(iterator);
    }
  }

  /** What a handler made, if it is what its command says. */
  #output(serving: Serving<P>, value: unknown, what: string): JsonValue {
    const { commands, onError } = this.#options;
    const { command } = serving;
    try {
      checked(commandOf(commands, command)?.output, value, what);
    } catch (error) {
      // It is answered like any other error, and yet the fault is ours.
      if (error instanceof MessageError) onError(error, command);
      throw error;
    }
    // What is not JSON is refused where it is encoded.
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
      this.#send(["error", serving.id, code, message, data]);
    } catch (unsendable) {
      // Its data is no JSON, or too long: that much of it can be told.
      this.#options.onError(unsendable, serving.command);
      this.#refuse(serving.id, code, message.slice(0, 1_000));
    }
  }

  #refuse(id: number, code: string, message: string): void {
    this.#sender.post(["error", id, code, message, null]);
  }

  /** Sends what a handler made; throws what is its fault. */
  #send(envelope: Envelope): void {
    const full = this.#sender.sendOrEnd(envelope);
    if (full === undefined) return;
    const clear = () => {
      this.#full = undefined;
    };
    this.#full = full.then(clear, clear);
  }
}

function notAStream(serving: Serving<unknown>, got: string): MessageError {
  const asked = serving.credit === undefined ? "one reply" : "a stream";
  return new MessageError(
    "NOT_A_STREAM",
    `"${serving.command}" was asked for ${asked}, and gives ${got}`,
  );
}

/** A stream's own iterator would wait for its next chunk before it ends it. */
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
