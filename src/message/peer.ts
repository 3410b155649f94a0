import type { JsonValue } from "../codec/views/json.ts";
import { isPromise } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { report } from "../net/report.ts";
import { after } from "../net/timer.ts";
import type { CloseInfo } from "../net/types.ts";
import { Calls } from "./calls.ts";
import {
  commandOf,
  type Commands,
  type InputOf,
  type OutputOf,
} from "./commands.ts";
import type { Envelope } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";
import { PeerSender } from "./peer_sender.ts";
import { type AnyHandler, Responder } from "./responder.ts";
import type {
  EventListener,
  PeerCloseOptions,
  Reply,
  RequestOptions,
  StreamOptions,
} from "./types.ts";

/** Options of a {@linkcode Peer}. */
export interface PeerOptions<C extends Commands> {
  /**
   * The commands of both sides: the types of all bodies, and what validates
   * them. Without it, any command can be asked for, with any body.
   */
  commands?: C;
  /**
   * Handlers that are there from the first message on; others are added with
   * `on`.
   */
  handlers?: Handlers<C>;
  /**
   * How many requests of the other side may be under way at a time, which is
   * also how many replies may wait for one that reads none; further requests are
   * answered with `TOO_MANY_REQUESTS`.
   *
   * @default {1_000}
   */
  maxRequests?: number;
  /**
   * Is told what handlers and listeners throw that is no `MessageError`, with
   * the name of the command or event; it stays on this side. By default it goes
   * to `console.error`.
   */
  onError?: (error: unknown, name: string) => void;
}

/** What a handler is given beside the body. */
export interface RequestContext<C extends Commands> {
  /**
   * Until the reply: aborts when the other side has cancelled the request, and
   * when the connection ends. After it, there is `peer.closed`.
   */
  readonly signal: AbortSignal;
  /** Who asks: to ask back, or to tell of events. */
  readonly peer: Peer<C>;
}

/**
 * What does a command: replies with a value, or a promise of it, or with the
 * items of an async iterable.
 */
export type RequestHandler<C extends Commands, Name extends keyof C> = (
  body: OutputOf<C[Name]["input"]>,
  context: RequestContext<C>,
) => Reply<C, Name> | Promise<Reply<C, Name>>;

/** Handlers by the names of their commands. */
export type Handlers<C extends Commands> = {
  readonly [Name in keyof C]?: RequestHandler<C, Name>;
};

/**
 * One end of a connection on which both sides ask and answer. Many requests can
 * be under way at a time; they are answered in any order. When the connection
 * ends, every request that is open rejects and every handler's signal aborts.
 *
 * A peer that has said its last (end of stream) is gone: what it has asked for is
 * not answered any more.
 *
 * @example Over any two byte streams
 * ```ts
 * import { framed } from "@framewire/framewire";
 * import { envelopes, Peer, typed } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const commands = {
 *   sum: { input: typed<number[]>(), output: typed<number>() },
 * };
 * const there = new TransformStream<Uint8Array, Uint8Array>();
 * const back = new TransformStream<Uint8Array, Uint8Array>();
 * const here = { readable: back.readable, writable: there.writable };
 * const other = { readable: there.readable, writable: back.writable };
 *
 * await using asking = new Peer(framed(here, envelopes()), { commands });
 * await using answering = new Peer(framed(other, envelopes()), { commands });
 * answering.on("sum", (numbers) => numbers.reduce((a, b) => a + b, 0));
 * assertEquals(await asking.request("sum", [1, 2, 3]), 6);
 * ```
 *
 * @typeParam C The commands of both sides.
 */
export class Peer<C extends Commands = Commands> implements AsyncDisposable {
  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;

  readonly #channel: EnvelopeChannel;
  readonly #options: PeerOptions<C>;
  readonly #sender: PeerSender;
  readonly #calls: Calls;
  readonly #responder: Responder<Peer<C>>;
  readonly #handlers = new Map<string, AnyHandler<Peer<C>>>();
  readonly #listeners = new Map<string, Set<EventListener>>();
  #closing: Promise<void> | undefined;

  /**
   * Makes a peer of a connection, which belongs to it from then on. What has
   * arrived is looked at from the next microtask on: handlers added at once miss
   * nothing.
   *
   * @param channel The connection: framed bytes with a codec of envelopes, say.
   * @param options The commands, and the limits.
   */
  constructor(channel: EnvelopeChannel, options: PeerOptions<C> = {}) {
    const { commands = {}, maxRequests = 1_000 } = options;
    this.#channel = channel;
    this.#options = options;
    this.#sender = new PeerSender(channel);
    this.#calls = new Calls(this.#sender);
    this.#responder = new Responder<Peer<C>>(this.#sender, {
      peer: this,
      commands,
      maxRequests,
      handlerOf: (command) => this.#handlerOf(command),
      onError: (error, command) => this.#report(error, command),
    });
    this.closed = this.#run();
  }

  /**
   * Sets what does a command of the other side, in the place of what did it
   * before.
   *
   * @param command The command.
   * @param handler What does it.
   * @returns This peer.
   */
  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name>,
  ): this {
    this.#handlers.set(command, handler as AnyHandler<Peer<C>>);
    return this;
  }

  /**
   * Listens to the events of a name, beside those who do already.
   *
   * @param name The name.
   * @param listener Is called with the body of each.
   * @returns Ends the listening.
   */
  onEvent(name: string, listener: EventListener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * Tells the other side of an event. There is no reply, and where nobody
   * listens it is dropped.
   *
   * @param name The name of the event.
   * @param body What there is to say of it.
   * @returns `undefined` while there is room for more; otherwise a promise that
   * resolves when there is again: `await peer.emit(...)` is always right.
   * @throws {NetError} If the connection has ended, or too much waits to be sent.
   * @throws {FrameError} If it is too long for the frames.
   */
  emit(name: string, body: JsonValue): Promise<void> | undefined {
    return this.#sender.send(["event", name, body]);
  }

  /**
   * Asks the other side to do something and reply once.
   *
   * @param command The command.
   * @param body What it is given.
   * @param options How the request may end early.
   * @returns The reply.
   * @throws {MessageError} If the other side answers with an error, or the body
   * or the reply is not of its schema.
   * @throws {NetError} `TIMED_OUT` after the time limit; another code if the
   * connection ended before the reply, or cannot send.
   * @throws {FrameError} If the body is too long for the frames.
   */
  request<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: RequestOptions = {},
  ): Promise<OutputOf<C[Name]["output"]>> {
    const { signal, timeoutMs = 30_000 } = options;
    const reply = this.#calls.request(command, this.#commandOf(command), body, {
      signal,
      timeoutMs,
    });
    return reply as Promise<OutputOf<C[Name]["output"]>>;
  }

  /**
   * Asks the other side for a stream of replies. It is asked when the loop
   * begins; at most 64 items are on their way, so that a slow reader is never
   * flooded; leaving the loop cancels the rest.
   *
   * @param command The command.
   * @param body What it is given.
   * @param options How the stream may end early.
   * @returns The items. The loop throws what `request` would reject with, after
   * the items that came before.
   */
  stream<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: StreamOptions = {},
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    const items = this.#calls.stream(
      command,
      this.#commandOf(command),
      body,
      options.signal,
    );
    return items as AsyncGenerator<OutputOf<C[Name]["output"]>, void, void>;
  }

  /**
   * Closes in good order: refuses further requests of the other side with
   * `CLOSING`, answers those under way, and closes the connection. Requests of
   * this side that are open then reject. A handler must not wait for it, since it
   * waits for the handler. Can be called again at any time.
   *
   * @param options How long that may take.
   */
  close(options: PeerCloseOptions = {}): Promise<void> {
    return this.#closing ??= this.#close(options.graceMs ?? 5_000);
  }

  /** Whether requests are under way, of this side or of the other. */
  get busy(): boolean {
    return this.#calls.size > 0 || this.#responder.size > 0;
  }

  /** Ends the connection now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    this.#channel.abort(reason);
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<CloseInfo> {
    // Handlers and listeners are added first.
    await undefined;
    try {
      await this.#channel.forEach((envelope) => this.#receive(envelope));
      this.#end(endedError());
    } catch (error) {
      this.#channel.abort(error);
      this.#end(error);
    }
    await this.#channel.close();
    return await this.#channel.closed;
  }

  #receive(envelope: Envelope): void {
    switch (envelope[0]) {
      case "request":
        return this.#responder.request(envelope[1], envelope[2], envelope[3]);
      case "stream":
        return this.#responder.request(
          envelope[1],
          envelope[2],
          envelope[3],
          envelope[4],
        );
      case "cancel":
        return this.#responder.cancel(envelope[1]);
      case "credit":
        return this.#responder.credit(envelope[1], envelope[2]);
      case "reply":
        return this.#calls.reply(envelope[1], envelope[2]);
      case "item":
        return this.#calls.item(envelope[1], envelope[2]);
      case "error":
        return this.#calls.error(
          envelope[1],
          envelope[2],
          envelope[3],
          envelope[4],
        );
      case "event":
        return this.#notify(envelope[1], envelope[2]);
    }
  }

  #notify(name: string, body: JsonValue): void {
    // Those that are there now: a listener may add others.
    for (const listener of [...this.#listeners.get(name) ?? []]) {
      const report = (error: unknown) => this.#report(error, name);
      try {
        const result = listener(body);
        if (isPromise(result)) result.then(undefined, report);
      } catch (error) {
        report(error);
      }
    }
  }

  async #close(graceMs: number): Promise<void> {
    const callOff = after(graceMs, () => {
      this.#channel.abort(
        new NetError(
          "CONNECTION_CLOSED",
          `The peer was closed before all was answered and sent: ${graceMs} ms have passed (graceMs)`,
        ),
      );
    });
    await this.#responder.drain();
    this.#end(endedError());
    await this.#channel.close();
    await this.closed;
    callOff();
  }

  /** Settles all that is open; the first error counts. */
  #end(error: unknown): void {
    this.#calls.fail(error);
    this.#responder.abort(error);
  }

  #handlerOf(command: string): AnyHandler<Peer<C>> | undefined {
    const own = this.#handlers.get(command);
    if (own !== undefined) return own;
    const handlers: Record<string, unknown> = this.#options.handlers ?? {};
    return Object.hasOwn(handlers, command)
      ? handlers[command] as AnyHandler<Peer<C>> | undefined
      : undefined;
  }

  #commandOf(name: string): Commands[string] | undefined {
    return commandOf(this.#options.commands ?? {}, name);
  }

  #report(error: unknown, name: string): void {
    const { onError = reportToConsole } = this.#options;
    report(error, () => onError(error, name));
  }
}

function endedError(): NetError {
  return new NetError(
    "CONNECTION_CLOSED",
    "The connection ended before the reply",
  );
}

function reportToConsole(error: unknown, name: string): void {
  console.error(`framewire: what handles "${name}" failed:`, error);
}
