import type { JsonValue } from "../codec/views/json.ts";
import {
  HEARTBEAT_MS,
  HEARTBEAT_TIMEOUT_MS,
  MAX_REQUESTS,
  REQUEST_HANDLER_TIMEOUT_MS,
  REQUESTS_PER_SECOND,
} from "../defaults.ts";
import { Heartbeat } from "../framed/heartbeat.ts";
import { type Observe, Observer } from "../framed/observe.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { report } from "../net/report.ts";
import { after } from "../net/timer.ts";
import type { CloseInfo } from "../net/types.ts";
import { Calls } from "./calls.ts";
import { checked, commandOf, type Commands } from "./commands.ts";
import type { Stray } from "./dialects/dialect.ts";
import { type Envelope, GOAWAY } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";
import { violation } from "./errors.ts";
import { Inbox } from "./inbox.ts";
import { Listeners } from "./listeners.ts";
import { PeerSender } from "./peer_sender.ts";
import { RequestCounters } from "./request_counters.ts";
import { type AnyHandler, Responder } from "./responder.ts";
import type { PeerLimits, StrayReplies } from "./types.ts";

/** The part of a peer that `PeerCore` uses. */
interface WithContext {
  readonly context: unknown;
}

/** The second argument of a listener. */
interface AnyEventContext<P> {
  readonly peer: P;
  readonly context: unknown;
}

/** The options of a peer, without the types of its commands. */
export interface PeerCoreOptions extends PeerLimits {
  readonly commands?: Commands | undefined;
  readonly handlers?: Readonly<Record<string, unknown>> | undefined;
  readonly onError?: ((error: unknown, name: string) => void) | undefined;
  readonly onStray?: ((kind: Stray, reply: unknown) => void) | undefined;
  readonly observe?: Observe | undefined;
}

/**
 * The inside of a peer, without the types of its commands: reads the channel and
 * hands each envelope to the part that it is for.
 */
export class PeerCore<P extends WithContext> {
  readonly closed: Promise<CloseInfo>;
  /** Settles when the other side handles no more requests. */
  readonly goaway: Deferred<void> = deferred();
  readonly sender: PeerSender;
  readonly calls: Calls;
  readonly served: RequestCounters;
  readonly made: RequestCounters;
  readonly strays: StrayReplies = { late: 0, duplicate: 0, foreign: 0 };
  readonly listeners: Listeners<AnyEventContext<P>>;
  /** The handlers that were set after the peer was made. */
  readonly handlers: Map<string, AnyHandler<P>> = new Map();

  readonly #channel: EnvelopeChannel;
  readonly #options: PeerCoreOptions;
  readonly #givenHandlers: Readonly<Record<string, unknown>>;
  readonly #onError: (error: unknown, name: string) => void;
  readonly #responder: Responder<P>;
  readonly #inbox: Inbox<Envelope>;
  readonly #heartbeat: Heartbeat;
  #isPreparing = false;
  /** How many envelopes have arrived. */
  #received = 0;
  #wasBusy = false;
  #closing: Promise<void> | undefined;

  constructor(channel: EnvelopeChannel, options: PeerCoreOptions, peer: P) {
    const {
      commands,
      handlers = {},
      maxRequests = MAX_REQUESTS,
      requestsPerSecond = REQUESTS_PER_SECOND,
      handlerTimeoutMs = REQUEST_HANDLER_TIMEOUT_MS,
      heartbeatMs = HEARTBEAT_MS,
      heartbeatTimeoutMs = HEARTBEAT_TIMEOUT_MS,
      onError = reportToConsole,
    } = options;
    this.#channel = channel;
    this.#options = options;
    this.#givenHandlers = handlers;
    this.#onError = onError;
    const sender = this.sender = new PeerSender(channel);
    const onBusy = () => this.#tellBusy();
    const tellError = (error: unknown, name: string) =>
      this.#report(error, name);
    const observer = new Observer(
      options.observe,
      (error) => tellError(error, "observe"),
    );
    this.served = new RequestCounters("served", observer);
    this.made = new RequestCounters("made", observer);
    this.calls = new Calls(sender, {
      counters: this.made,
      received: () => this.#received,
      onBusy,
      onRequest: () => this.#inbox.release(),
      onStray: (kind, reply) => this.#stray(kind, reply),
    });
    this.#responder = new Responder(sender, {
      peer,
      commands,
      maxRequests,
      counters: this.served,
      requestsPerSecond,
      handlerTimeoutMs,
      answersCancelled: channel.answersCancelled === true,
      handlerOf: (command) => this.#handlerOf(command),
      onBusy,
      onError: tellError,
    });
    const eventContext = {
      peer,
      get context() {
        return peer.context;
      },
    };
    this.listeners = new Listeners({
      most: maxRequests,
      context: eventContext,
      onRoom: () => this.#inbox.resume(),
      onError: tellError,
    });
    this.#inbox = new Inbox<Envelope>({
      isFull: () => this.#isPreparing || this.listeners.isFull,
      awaitsReply: () => this.calls.size > 0,
      handle: (envelope) => this.#handle(envelope),
      fail: (error) => channel.abort(error),
    });
    this.#heartbeat = new Heartbeat({
      everyMs: channel.withoutPings === true ? Infinity : heartbeatMs,
      timeoutMs: heartbeatTimeoutMs,
      limit: "heartbeatTimeoutMs",
      sent: () => sender.count,
      received: () => this.#received + (channel.chunksReceived ?? 0),
      isHolding: () => this.#inbox.isHolding || channel.heldBack === true,
      ping: () => sender.post(["ping"]),
      abort: (error) => channel.abort(error),
    });
    this.closed = this.#run();
  }

  /** Whether requests are under way, of this side or of the other. */
  get busy(): boolean {
    return this.calls.size > 0 || this.#responder.size > 0;
  }

  /** Keeps requests and events until `setUp` is done. */
  async prepare(setUp: () => Promise<void> | void): Promise<void> {
    this.#isPreparing = true;
    await setUp();
    this.#isPreparing = false;
    this.#inbox.resume();
  }

  async #run(): Promise<CloseInfo> {
    // In a microtask: the program adds its handlers and listeners first.
    await undefined;
    void this.#channel.closed.then(() => {
      // Otherwise the reader would wait for ever, and the handlers would not abort.
      if (this.#inbox.isHolding) this.#acceptNoMore();
    });
    try {
      await this.#channel.forEach((envelope) => this.#receive(envelope));
      this.#end(undefined);
    } catch (error) {
      this.#channel.abort(error);
      this.#end(error);
    }
    this.#heartbeat.stop();
    await this.#channel.close();
    return await this.#channel.closed;
  }

  #receive(envelope: Envelope): Promise<void> | undefined {
    this.#received++;
    switch (envelope[0]) {
      case "reply":
        this.calls.reply(envelope[1], envelope[2]);
        return undefined;
      case "item":
        this.calls.item(envelope[1], envelope[2]);
        return undefined;
      case "error":
        this.calls.error(
          envelope[1],
          envelope[2],
          envelope[3],
          envelope[4],
        );
        return undefined;
      case "ping":
        this.sender.post(["pong"]);
        return undefined;
      case "pong":
        return undefined;
      case "event":
        // Not through the inbox: it must not wait until there is room.
        if (envelope[1] === GOAWAY) return this.#goAway(envelope[2]);
        return this.#inbox.receive(envelope);
      default:
        return this.#inbox.receive(envelope);
    }
  }

  /** The other side says that it closes. */
  #goAway(last: JsonValue): undefined {
    if (typeof last !== "number" || !Number.isSafeInteger(last) || last < 0) {
      throw violation("the number of a request", JSON.stringify(last));
    }
    this.calls.refuseAfter(last);
    this.goaway.resolve();
  }

  /** Handles a message that may have waited in the inbox. */
  #handle(envelope: Envelope): void {
    switch (envelope[0]) {
      case "request":
        return this.#responder.request(
          envelope[1],
          envelope[2],
          envelope[3],
          undefined,
          envelope[4],
        );
      case "stream":
        return this.#responder.request(
          envelope[1],
          envelope[2],
          envelope[3],
          envelope[4],
          envelope[5],
        );
      case "cancel":
        return this.#responder.cancel(envelope[1]);
      case "credit":
        return this.#responder.credit(envelope[1], envelope[2]);
      case "event":
        // The peer closes before `setUp` is done, so there is no context.
        if (this.#isPreparing) return;
        return this.#notify(envelope[1], envelope[2]);
    }
  }

  #notify(name: string, body: JsonValue): void {
    const schema = commandOf(this.#options.commands, name)?.input;
    try {
      const event = checked(schema, body, "The body of", name);
      this.listeners.notify(name, event as JsonValue);
    } catch (error) {
      this.#report(error, name);
    }
  }

  /** See `Peer.close`. */
  close(graceMs: number): Promise<void> {
    return this.#closing ??= this.#close(graceMs);
  }

  async #close(graceMs: number): Promise<void> {
    const callOff = after(graceMs, () => {
      this.#channel.abort(
        new NetError(
          "CONNECTION_CLOSED",
          `The peer was closed before all was answered and sent: ${graceMs} ms have passed (graceMs)`,
          { limit: "graceMs" },
        ),
      );
    });
    this.#acceptNoMore();
    if (this.#channel.withoutPings !== true) {
      this.sender.post(["event", GOAWAY, this.#responder.last]);
    }
    await this.#responder.drain();
    this.#end(undefined);
    // Nothing can be sent any more, and `close` has a time limit of its own.
    this.#heartbeat.stop();
    await this.#channel.close();
    await this.closed;
    callOff();
  }

  /** Refuses further requests, those in the inbox included. */
  #acceptNoMore(): void {
    this.#responder.refuseAll();
    this.#inbox.open();
  }

  /** Waits until the connection and all handlers and listeners have ended. */
  async handlersEnded(): Promise<void> {
    await this.closed;
    await this.#responder.drain();
    await this.listeners.drain();
  }

  /** Settles all that is open; the first error counts. */
  #end(error: unknown): void {
    this.sender.end();
    this.goaway.resolve();
    this.calls.fail(error);
    this.#responder.abort(
      error ??
        new NetError("CONNECTION_CLOSED", "The connection has been closed"),
    );
  }

  #tellBusy(): void {
    const { busy } = this;
    if (busy === this.#wasBusy) return;
    this.#wasBusy = busy;
    if ("busy" in this.#channel) this.#channel.busy = busy;
  }

  #stray(kind: Stray, reply: unknown): void {
    this.strays[kind]++;
    const { onStray } = this.#options;
    if (onStray !== undefined) report(undefined, () => onStray(kind, reply));
  }

  #handlerOf(command: string): AnyHandler<P> | undefined {
    const own = this.handlers.get(command);
    if (own !== undefined) return own;
    return Object.hasOwn(this.#givenHandlers, command)
      ? this.#givenHandlers[command] as AnyHandler<P> | undefined
      : undefined;
  }

  #report(error: unknown, name: string): void {
    report(error, () => this.#onError(error, name));
  }
}

function reportToConsole(error: unknown, name: string): void {
  console.error(`framewire: what handles "${name}" failed:`, error);
}
