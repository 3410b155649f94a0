import {
  checkKind,
  checkOptions,
  hasMethods,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import type { ObserveOptions } from "../framed/observe.ts";
import { closeGraceMs } from "../net/close_grace.ts";
import type { CloseInfo } from "../net/types.ts";
import {
  checked,
  commandOf,
  type Commands,
  type EventInput,
  type EventOutput,
  type InputOf,
  type OutputOf,
} from "./commands.ts";
import type { Stray } from "./dialects/dialect.ts";
import type { EnvelopeHeader } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";
import { checkPeerOptions } from "./limits.ts";
import type { AnyListener } from "./listeners.ts";
import { PeerCore } from "./peer_core.ts";
import type { AnyHandler } from "./responder.ts";
import type {
  PeerCloseOptions,
  PeerLimits,
  PeerStats,
  Reply,
  RequestOptions,
  StreamOptions,
} from "./types.ts";

/**
 * Prepares a peer before its first message, for servers: the requests and events
 * of the other side wait until it is done. What `setUp` returns is the context.
 */
export let prepare: <X>(
  peer: Peer<never, X>,
  setUp: () => Promise<X> | X,
) => Promise<void>;

/** The inside of a peer, for servers and clients of this module. */
export let coreOf: <X>(peer: Peer<never, X>) => PeerCore<Peer<never>>;

/** Options of a {@linkcode Peer}. */
export interface PeerOptions<C extends Commands, X = unknown>
  extends PeerLimits, ObserveOptions {
  /**
   * The commands of both sides: the types of all bodies, and the schemas that
   * validate them. Without it, any command can be requested, with any body.
   */
  commands?: C;
  /** The handlers of commands, from the first message on; see `Peer.on`. */
  handlers?: Handlers<C, X>;
  /** The listeners of events, from the first message on; see `Peer.onEvent`. */
  events?: Readonly<Record<string, EventListener<C, X>>>;
  /** What handlers and listeners get as `context`, for example who the other side is. */
  context?: X;
  /**
   * Called with what handlers and listeners throw, unless it is a `MessageError` of
   * a handler, and with the name of the command or event. The error stays on this side.
   * By default, it goes to `console.error`.
   */
  onError?: (error: unknown, name: string) => void;
  /**
   * Called with each reply that belongs to no open request, and what it is: late,
   * duplicate or foreign. `Peer.stats` counts them in any case.
   */
  onStray?: (kind: Stray, reply: unknown) => void;
}

/** The options of `Peer`. */
export const peerKinds: OptionKinds<PeerOptions<Commands>> = {
  commands: "object",
  handlers: "object",
  events: "object",
  context: "checked",
  onError: "function",
  onStray: "function",
  observe: "function",
  maxRequests: "checked",
  requestsPerSecond: "checked",
  handlerTimeoutMs: "checked",
  heartbeatMs: "checked",
  heartbeatTimeoutMs: "checked",
};

const streamKinds: OptionKinds<StreamOptions> = {
  signal: "signal",
  header: "checked",
};

/** The second argument of an event listener. */
export interface EventContext<C extends Commands, X = unknown> {
  /** The peer that has received the event. */
  readonly peer: Peer<C, X>;
  /** The context of the connection. */
  readonly context: X;
}

/** The second argument of a handler. */
export interface RequestContext<C extends Commands, X = unknown>
  extends EventContext<C, X> {
  /**
   * Aborts when the other side has cancelled the request, or the connection has
   * ended, before the reply. After the reply, use `peer.closed`.
   */
  readonly signal: AbortSignal;
  /** The header that the request was sent with. */
  readonly header: EnvelopeHeader | undefined;
}

/**
 * Handles a command: returns the reply, a promise of it, or an async iterable of
 * items if the command is requested as a stream.
 */
export type RequestHandler<
  C extends Commands,
  Name extends keyof C,
  X = unknown,
> = (
  body: OutputOf<C[Name]["input"]>,
  context: RequestContext<C, X>,
) => Reply<C, Name> | Promise<Reply<C, Name>>;

/** Handlers by the names of their commands. */
export type Handlers<C extends Commands, X = unknown> = {
  readonly [Name in keyof C]?: RequestHandler<C, Name, X>;
};

/**
 * Handles an event. If it returns a promise, it is at work until the promise
 * settles; at most `maxRequests` listeners are at work. What it throws goes to
 * `onError`.
 */
export type EventListener<
  C extends Commands = Commands,
  X = unknown,
  Body = JsonValue,
> = (
  body: Body,
  context: EventContext<C, X>,
) => unknown;

/**
 * One end of a connection on which both sides send requests, replies and events.
 * Many requests can be under way at a time and are answered in any order. When
 * the connection ends, every open request rejects with an error of its own, whose
 * `cause` is the error of the connection, and the signal of every handler aborts.
 *
 * A peer whose other side has ended its stream (half-close) answers no more
 * requests and closes.
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
 * @typeParam X The context of the connection.
 */
export class Peer<C extends Commands = Commands, X = unknown>
  implements AsyncDisposable {
  static {
    prepare = (peer, setUp) =>
      peer.#core.prepare(async () => {
        peer.#context = await setUp();
      });
    coreOf = (peer) => peer.#core;
  }

  /** Settles once when the connection has ended, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  /**
   * Settles once when the other side handles no more requests, and never rejects: it
   * has said that it closes, or the connection has ended. Connect elsewhere then.
   * Requests under way are still answered. Those that it has not handled, and those
   * made from now on, reject with `CLOSING`: they can be repeated elsewhere.
   *
   * @example
   * ```ts
   * import {
   *   connectMessages,
   *   MessageError,
   *   serveMessages,
   * } from "@framewire/framewire/message";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const server = await serveMessages({ address: { port: 0 } });
   * server.on("greet", (name) => `Hello ${name}`);
   * const client = await connectMessages({ address: server.address });
   * assertEquals(await client.request("greet", "Ann"), "Hello Ann");
   *
   * await Promise.all([server.close(), client.goaway]);
   * const error = await assertRejects(
   *   () => client.request("greet", "Bob"),
   *   MessageError,
   * );
   * assertEquals(error.code, "CLOSING"); // it was not sent
   * ```
   */
  readonly goaway: Promise<void>;

  readonly #channel: EnvelopeChannel;
  readonly #commands: Commands | undefined;
  readonly #core: PeerCore<Peer<never>>;
  #context: X;

  /**
   * Makes a peer of a connection, which belongs to it from then on. It handles
   * the first message no earlier than in the next microtask, so handlers and
   * listeners that are added at once miss nothing.
   *
   * @param channel The connection, for example a framed one with a codec of envelopes.
   * @param options The commands, the handlers and the limits.
   * @throws {TypeError} If the channel carries no frames, a handler is no function,
   * or there is no such option.
   * @throws {RangeError} If a limit is out of its range. The message names it.
   */
  constructor(channel: EnvelopeChannel, options: PeerOptions<C, X> = {}) {
    if (!hasMethods(channel, ["send", "forEach"])) {
      const instead = "put frames on it: framed(connection, envelopes())";
      throw wrongType("channel", "a connection of frames", channel, instead);
    }
    checkPeerOptions("Peer", options, peerKinds);
    this.#channel = channel;
    this.#commands = options.commands;
    this.#context = options.context as X;
    this.#core = new PeerCore(channel, options, this as unknown as Peer<never>);
    for (const [name, listener] of Object.entries(options.events ?? {})) {
      this.onEvent(name, listener);
    }
    this.closed = this.#core.closed;
    this.goaway = this.#core.goaway.promise;
  }

  /**
   * What handlers and listeners get as `context`. While the `setup` of a server
   * is at work, it is `undefined`.
   */
  get context(): X {
    return this.#context;
  }

  /**
   * Sets the handler of a command, in the place of the one before.
   *
   * @param command The command.
   * @param handler Handles the requests of the other side.
   * @returns This peer.
   */
  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name, X>,
  ): this {
    checkKind("the handler", handler, "function");
    this.#core.handlers.set(command, handler as AnyHandler<Peer<never>>);
    return this;
  }

  /**
   * Adds a listener for the events of a name. An event that nobody listens to is
   * dropped: give `events` in the options if the first ones matter. The body of an event
   * that has the name of a command is that of the command's `input`, and is validated;
   * one that is not valid goes to `onError`.
   *
   * @param name The name.
   * @param listener Called with the body of each event.
   * @returns Removes the listener.
   */
  onEvent<Name extends keyof C & string>(
    name: Name,
    listener: EventListener<C, X, EventOutput<C[Name]>>,
  ): () => void;
  /** Adds a listener for the events of a name that no command has. */
  onEvent(name: string, listener: EventListener<C, X>): () => void;
  onEvent(name: string, listener: EventListener<C, X, never>): () => void {
    return this.#core.listeners.add(
      name,
      listener as AnyListener<EventContext<never>>,
    );
  }

  /**
   * Sends an event. There is no reply, and the other side drops an event that
   * nobody listens to. The body of an event that has the name of a command is that of
   * the command's `input`, and is validated.
   *
   * @param name The name of the event.
   * @param body The details.
   * @returns `undefined` while there is room for more; otherwise a promise that
   * resolves when there is again: `await peer.emit(...)` is always right.
   * @throws {NetError} If the connection has ended, or too much waits to be sent.
   * @throws {FrameError} If the body is not JSON, or too long for a frame.
   * @throws {MessageError} `BODY_INVALID` if the body does not fit its schema.
   */
  emit<Name extends keyof C & string>(
    name: Name,
    body: EventInput<C[Name]>,
  ): Promise<void> | undefined;
  /** Sends an event of a name that no command has. */
  emit(name: string, body: JsonValue): Promise<void> | undefined;
  emit(name: string, body: unknown): Promise<void> | undefined {
    checked(commandOf(this.#commands, name)?.input, body, "The body of", name);
    return this.#core.sender.send(["event", name, body as JsonValue]);
  }

  /**
   * Sends a request for one reply.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options How the request may end early.
   * @returns The reply.
   * @throws {MessageError} If the other side answers with an error, or the body
   * or the reply does not fit its schema. `CLOSING` if the other side is closing: it
   * has not handled the request, which is safe to repeat.
   * @throws {NetError} `TIMED_OUT` after the time limit. If the connection ended
   * before the reply: the code of its error, which is the `cause`.
   * @throws {FrameError} If the body is not JSON, or too long for a frame, or if
   * the connection ended because of bad data.
   * @throws {RangeError} If `timeoutMs` is not more than 0.
   */
  request<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options?: RequestOptions,
  ): Promise<OutputOf<C[Name]["output"]>> {
    const reply = this.#core.calls.request(
      command,
      commandOf(this.#commands, command),
      body,
      options,
    );
    return reply as Promise<OutputOf<C[Name]["output"]>>;
  }

  /**
   * Requests a stream of items. The request is sent when the loop begins. At most
   * 64 items are on their way at a time, so a slow reader is never flooded.
   * Leaving the loop cancels the request.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options How the stream may end early.
   * @returns The items. The loop throws what `request` would reject with, after
   * the items that came before.
   */
  stream<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: StreamOptions = {},
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    checkOptions("stream", options, streamKinds);
    const items = this.#core.calls.stream(
      command,
      commandOf(this.#commands, command),
      body,
      options,
    );
    return items as AsyncGenerator<OutputOf<C[Name]["output"]>, void, void>;
  }

  /**
   * Closes in good order: tells the other side to go elsewhere, refuses its further
   * requests with `CLOSING`, answers those under way, and closes the connection. Requests of
   * this side that are still open then reject. A handler must not await it, since
   * it waits for the handler. Can be called again at any time.
   *
   * @param options How long closing may take.
   * @throws {RangeError} If `graceMs` is negative or not a number.
   */
  async close(options: PeerCloseOptions = {}): Promise<void> {
    const graceMs = closeGraceMs(options);
    await this.#core.close(graceMs);
  }

  /** Whether requests are under way, of this side or of the other. */
  get busy(): boolean {
    return this.#core.busy;
  }

  /**
   * What this peer has done so far, as plain data: the requests by command with their
   * outcomes and latencies, and the numbers of the connection. Latencies are measured
   * from the first call on, or from the beginning where there is an `observe`.
   *
   * @example
   * ```ts
   * import { connectMessages, serveMessages } from "@framewire/framewire/message";
   * import { assertEquals } from "@std/assert";
   *
   * await using server = await serveMessages({ address: { port: 0 } });
   * server.on("greet", (name) => `Hello ${name}`);
   * await using client = await connectMessages({ address: server.address });
   * await client.request("greet", "Michael");
   * await client.request("missing", null).catch(() => undefined);
   *
   * const { made } = client.stats();
   * assertEquals(made.commands["greet"]?.done, 1);
   * assertEquals(made.commands["missing"]?.refused, 1);
   * assertEquals(server.stats().served.commands["(other)"]?.refused, 1);
   * ```
   */
  stats(): PeerStats {
    return {
      ...this.#channel.stats?.(),
      served: this.#core.served.stats(),
      made: this.#core.made.stats(),
      strays: { ...this.#core.strays },
    };
  }

  /** Ends the connection now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    this.#channel.abort(reason);
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
