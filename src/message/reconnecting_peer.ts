import {
  checkKind,
  checkOptions,
  checkTimeLimit,
  checkWait,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import {
  Attempts,
  backoffKinds,
  type BackoffOptions,
} from "../client/attempts.ts";
import { clientKinds, type ClientOptions } from "../client/create_client.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  CLOSE_GRACE_MS,
  MAX_QUEUED,
  MAX_REPEATS,
  MAX_REPEATS_PERCENT,
  REQUEST_TIMEOUT_MS,
} from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { CloseInfo } from "../net/types.ts";
import {
  commandOf,
  type Commands,
  type InputOf,
  type OutputOf,
} from "./commands.ts";
import { type Envelope, envelopes } from "./envelope.ts";
import { wasNotHandled } from "./errors.ts";
import { Latest } from "./latest.ts";
import { closeKinds } from "./limits.ts";
import { OfflineQueue } from "./offline_queue.ts";
import {
  callsOf,
  type EventListener,
  type Handlers,
  Peer,
  peerKinds,
  type PeerOptions,
  type RequestHandler,
} from "./peer.ts";
import type { ReconnectingMessagesOptions } from "./reconnecting_messages_options.ts";
import { RepeatBudget } from "./repeat_budget.ts";
import { Subscriptions } from "./subscriptions.ts";
import {
  isClosing,
  type Line,
  overBudget,
  start,
  type Task,
  withinTimeout,
} from "./task.ts";
import type {
  PeerCloseOptions,
  RepeatableRequestOptions,
  StreamOptions,
} from "./types.ts";

const requestKinds: OptionKinds<RepeatableRequestOptions> = {
  timeoutMs: "checked",
  signal: "signal",
  header: "checked",
  repeatable: "boolean",
};

const streamKinds: OptionKinds<StreamOptions> = {
  signal: "signal",
  header: "checked",
};

/**
 * What a {@linkcode ReconnectingPeer} does: an attempt to connect and to log in is
 * under way (`"connecting"`), there is a connection (`"open"`), the next attempt is
 * waited for (`"waiting"`), or it has ended for good (`"closed"`).
 */
export type ReconnectingState = "connecting" | "open" | "waiting" | "closed";

/**
 * A client of messages that connects again by itself, made by
 * `reconnectingMessages`. Each connection is a {@linkcode Peer} of its own; handlers
 * and listeners are those of all of them.
 *
 * @example
 * ```ts
 * import { reconnectingMessages, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveMessages({ address: { port: 0 } });
 * const client = reconnectingMessages({ address: server.address });
 * const seen: string[] = [];
 * for await (const state of client.states()) {
 *   seen.push(state);
 *   if (state === "open") void client.close();
 * }
 * assertEquals(seen, ["connecting", "open", "closed"]);
 * ```
 *
 * @typeParam C The commands of both sides.
 * @typeParam X The context of the connections.
 */
export class ReconnectingPeer<C extends Commands = Commands, X = unknown>
  implements AsyncDisposable {
  /**
   * Settles once when the client has ended for good, and never rejects. The error is
   * that of the last attempt, or what `login` has thrown, or the reason of `abort`.
   */
  readonly closed: Promise<CloseInfo>;

  readonly #options: ReconnectingMessagesOptions<C, X>;
  readonly #peerOptions: PeerOptions<C, X>;
  readonly #maxRepeats: number;
  readonly #attempts: Attempts<Envelope, Envelope>;
  readonly #handlers: Record<string, unknown>;
  readonly #subscriptions = new Subscriptions<C, X>();
  readonly #state = new Latest<ReconnectingState>("connecting");
  readonly #queue: OfflineQueue<Task<C, X>>;
  readonly #budget: RepeatBudget;
  readonly #stop = new AbortController();
  /** The connections that have not ended, with those that were left. */
  readonly #lines = new Map<FramedConnection<Envelope>, Line<C, X>>();
  /** Where requests are sent, while there is a connection. */
  #current: Line<C, X> | undefined;
  /** How the program has ended the client. */
  #end: CloseInfo | undefined;
  #closing: Promise<void> | undefined;
  /** Resolved, during a close, when no request is under way. */
  #idle: Deferred<void> | undefined;

  /** Use `reconnectingMessages`, which checks the options. */
  constructor(options: ReconnectingMessagesOptions<C, X>) {
    const {
      codec = envelopes(),
      maxQueued = MAX_QUEUED,
      maxRepeats = MAX_REPEATS,
      maxRepeatsPercent = MAX_REPEATS_PERCENT,
      onRetry,
      signal,
    } = options;
    this.#options = options;
    this.#maxRepeats = maxRepeats;
    this.#queue = new OfflineQueue(maxQueued);
    this.#budget = new RepeatBudget(maxRepeatsPercent);
    this.#handlers = Object.assign(Object.create(null), options.handlers);
    this.#peerOptions = {
      ...pickOptions<PeerOptions<C, X>>(options, peerKinds),
      handlers: this.#handlers as Handlers<C, X>,
    };
    this.#attempts = new Attempts<Envelope, Envelope>({
      ...pickOptions<ClientOptions<Envelope> & BackoffOptions>(
        { ...options, codec },
        { ...clientKinds, ...backoffKinds },
      ),
      signal: this.#stop.signal,
      login: (connection) => this.#login(connection),
      onAttempt: () => this.#state.set("connecting"),
      onRetry: (error, delayMs) => {
        this.#state.set("waiting");
        onRetry?.(error, delayMs);
      },
    });
    this.closed = this.#run();
    const onAbort = () => this.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    void this.closed.then(() => signal?.removeEventListener("abort", onAbort));
  }

  /** What the client does now. */
  get state(): ReconnectingState {
    return this.#state.value;
  }

  /**
   * The state now, and each that follows. A loop that is slow gets the newest state
   * and misses those before it. The last one is `"closed"`; then the loop ends.
   */
  states(): AsyncGenerator<ReconnectingState, void, void> {
    return this.#state.values();
  }

  /**
   * Sets the handler of a command, on this connection and those to come.
   *
   * @param command The command.
   * @param handler Handles the requests of the other side.
   * @returns This client.
   */
  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name, X>,
  ): this {
    checkKind("the handler", handler, "function");
    this.#handlers[command] = handler;
    return this;
  }

  /**
   * Adds a listener for the events of a name, on this connection and those to come.
   *
   * @param name The name.
   * @param listener Called with the body of each event.
   * @returns Removes the listener.
   */
  onEvent(name: string, listener: EventListener<C, X>): () => void {
    checkKind("the listener", listener, "function");
    return this.#subscriptions.add(name, listener);
  }

  /**
   * Sends an event, on the next connection where there is none.
   *
   * @param name The name of the event.
   * @param body The details.
   * @returns `undefined` while there is room for more; otherwise a promise that
   * resolves when it was sent and there is room again. It rejects when the event was
   * not sent in 30 seconds, or `maxQueued` others wait.
   * @throws {NetError} If the client is closed, or too much waits to be sent.
   * @throws {FrameError} If the body is not JSON, or too long for a frame.
   */
  emit(name: string, body: JsonValue): Promise<void> | undefined {
    let sent: Promise<void> | undefined;
    const send = (line: Line<C, X>, fail: (error: unknown) => void) =>
      start(
        line.calls,
        undefined,
        fail,
        () => sent = line.peer.emit(name, body),
      );
    const raise = (error: unknown) => {
      throw error;
    };
    if (this.#isEnding) throw this.#closedError(name);
    if (this.#current !== undefined && send(this.#current, raise)) return sent;
    return new Promise<void>((resolve, reject) =>
      this.#queue.add({
        ...withinTimeout(name, REQUEST_TIMEOUT_MS, undefined, reject),
        start(line) {
          const isStarted = send(line, reject);
          if (isStarted) resolve(sent);
          return isStarted;
        },
      })
    );
  }

  /**
   * Sends a request for one reply, on the next connection where there is none.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options Whether it may be sent again, and how it may end early.
   * @returns The reply.
   * @throws {MessageError} If the other side answers with an error, or the body
   * or the reply does not fit its schema.
   * @throws {NetError} `TIMED_OUT` after the time limit, `SEND_BUFFER_FULL` if there is
   * no connection and `maxQueued` others wait, `CONNECTION_CLOSED` if the client is
   * closed. If the connection ended before the reply: the code of its error.
   * @throws {FrameError} If the body is not JSON, or too long for a frame, or if
   * the connection ended because of bad data.
   * @throws {RangeError} If `timeoutMs` is not more than 0.
   */
  request<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: RepeatableRequestOptions = {},
  ): Promise<OutputOf<C[Name]["output"]>> {
    const reply = new Promise<unknown>((resolve, reject) => {
      checkOptions("request", options, requestKinds);
      const { timeoutMs = REQUEST_TIMEOUT_MS, signal, header, repeatable } =
        options;
      checkTimeLimit("timeoutMs", timeoutMs);
      const waiting = withinTimeout(command, timeoutMs, signal, reject);
      const schemas = commandOf(this.#options.commands, command);
      let repeatsLeft = repeatable === true ? this.#maxRepeats : 0;
      const task: Task<C, X> = {
        ...waiting,
        start: (line) =>
          start(line.calls, signal, reject, () => {
            const leftMs = waiting.deadline - performance.now();
            line.calls.open(
              command,
              schemas,
              body,
              Math.max(Math.ceil(leftMs), 1),
              signal,
              header,
              (reply) => {
                this.#settled(line);
                resolve(reply);
              },
              (error) => {
                const isLost = line.calls.ended || isClosing(error);
                if (isClosing(error)) this.#leave(line);
                this.#settled(line);
                // Elsewhere, nothing of it is done twice.
                if (wasNotHandled(error)) return this.#send(task);
                if (!isLost || repeatsLeft-- <= 0 || this.#isEnding) {
                  return reject(error);
                }
                if (!this.#budget.take(performance.now())) {
                  return reject(overBudget(command, error));
                }
                this.#send(task);
              },
            );
            line.open++;
          }),
      };
      this.#budget.countRequest(performance.now());
      this.#send(task);
    });
    return reply as Promise<OutputOf<C[Name]["output"]>>;
  }

  /**
   * Requests a stream of items, as `Peer.stream` does, on the next connection where
   * there is none. It is never requested again: when its connection ends, the loop
   * throws.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options How the stream may end early.
   * @returns The items.
   */
  stream<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: StreamOptions = {},
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    checkOptions("stream", options, streamKinds);
    return this.#items(command, body, options);
  }

  /**
   * Takes another connection, after the same wait as after one that has ended early,
   * or at once if this one has lasted for `stableAfterMs`. What is under way on this
   * one goes on; it is closed when that is done. To log in anew, or to go to another
   * server of the list.
   */
  reconnect(): void {
    if (this.#current !== undefined) this.#leave(this.#current);
  }

  /**
   * Closes in good order: rejects the requests that wait for a connection, waits for
   * the replies to those under way, and closes as `Peer.close` does. Can be called
   * again at any time.
   *
   * @param options How long closing may take.
   * @throws {RangeError} If `graceMs` is negative or not a number.
   */
  async close(options: PeerCloseOptions = {}): Promise<void> {
    checkOptions("close", options, closeKinds);
    const { graceMs = CLOSE_GRACE_MS } = options;
    checkWait("graceMs", graceMs);
    await (this.#closing ??= this.#close(graceMs));
  }

  /** Ends the client and its connection now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The client was aborted");
    this.#finish({ by: "local", error }, error);
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<CloseInfo> {
    // The program adds its handlers and listeners first.
    await undefined;
    try {
      while (!this.#isEnding) await this.#use(await this.#attempts.connect());
    } catch (error) {
      if (!this.#isEnding) this.#finish({ by: "failure", error }, error);
    }
    await Promise.all([...this.#lines.values()].map(({ peer }) => peer.closed));
    this.#state.set("closed", true);
    this.#queue.failAll(({ name }) => this.#closedError(name));
    return this.#end!;
  }

  /** Makes the peer of a new connection. */
  async #login(connection: FramedConnection<Envelope>): Promise<void> {
    const { channel, login } = this.#options;
    const peer = new Peer<C, X>(
      channel?.(connection) ?? connection,
      this.#peerOptions,
    );
    const line: Line<C, X> = {
      peer,
      calls: callsOf(peer as unknown as Peer<never, never>),
      open: 0,
      isLeft: false,
      left: deferred(),
    };
    this.#lines.set(connection, line);
    void peer.goaway.then(() => {
      // It settles at the end of the connection as well.
      if (!line.calls.ended) this.#leave(line);
    });
    this.#subscriptions.attach(peer);
    void peer.closed.then(() => this.#lines.delete(connection));
    try {
      await login?.(peer);
    } catch (error) {
      if (!isClosing(error)) throw error;
      const reason = "The server is closing, and refused the login";
      throw new NetError("CONNECTION_CLOSED", reason, { cause: error });
    }
  }

  /** Uses a connection until it has ended, or is left for another. */
  async #use(connection: FramedConnection<Envelope>): Promise<void> {
    const line = this.#lines.get(connection);
    // It has ended during the login.
    if (line === undefined) return await this.#attempts.wait(undefined);
    const since = performance.now();
    if (!line.isLeft && !this.#isEnding) {
      this.#current = line;
      this.#state.set("open");
      this.#queue.drain((task) => task.start(line));
    }
    const ended = line.peer.closed.then(({ error }) => error);
    const error = await Promise.race([ended, line.left.promise]);
    if (this.#current === line) this.#current = undefined;
    if (this.#isEnding) return;
    const isStable = this.#attempts.ended(performance.now() - since);
    if (line.isLeft && isStable) return;
    await this.#attempts.wait(error);
  }

  /** Whether nothing more is sent. */
  get #isEnding(): boolean {
    return this.#end !== undefined;
  }

  #send(task: Task<C, X>): void {
    if (this.#isEnding) return task.fail(this.#closedError(task.name));
    if (this.#current !== undefined && task.start(this.#current)) return;
    this.#queue.add(task);
  }

  async *#items<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: StreamOptions,
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    const { signal } = options;
    const line = await new Promise<Line<C, X>>((resolve, reject) =>
      this.#send({
        ...withinTimeout(command, REQUEST_TIMEOUT_MS, signal, reject),
        start(line) {
          if (line.calls.ended) return false;
          line.open++;
          resolve(line);
          return true;
        },
      })
    );
    try {
      yield* line.peer.stream(command, body, options);
    } finally {
      this.#settled(line);
    }
  }

  /**
   * Sends nothing new on a connection, and takes another one. The connection is closed
   * when what is under way on it is done.
   */
  #leave(line: Line<C, X>): void {
    if (line.isLeft) return;
    line.isLeft = true;
    if (this.#current === line) this.#current = undefined;
    line.left.resolve(undefined);
    this.#closeIfDone(line);
  }

  /** Counts a request or a stream that has ended. */
  #settled(line: Line<C, X>): void {
    line.open--;
    this.#closeIfDone(line);
    if (this.#idle !== undefined && !this.#isBusy) this.#idle.resolve();
  }

  #closeIfDone(line: Line<C, X>): void {
    if (line.isLeft && line.open === 0) void line.peer.close();
  }

  get #isBusy(): boolean {
    return [...this.#lines.values()].some(({ open }) => open > 0);
  }

  async #close(graceMs: number): Promise<void> {
    const until = performance.now() + graceMs;
    const end: CloseInfo = this.#end ??= { by: "local" };
    this.#queue.failAll(({ name }) => this.#closedError(name));
    this.#idle = deferred();
    const callOff = after(graceMs, this.#idle.resolve);
    if (this.#isBusy) await this.#idle.promise;
    callOff();
    const leftMs = Math.max(until - performance.now(), 0);
    await Promise.all(
      [...this.#lines.values()].map(({ peer }) =>
        peer.close({ graceMs: leftMs })
      ),
    );
    this.#finish(end, this.#closedError("close"));
    await this.closed;
  }

  /** Ends the attempts, and the connections with them. */
  #finish(end: CloseInfo, reason: unknown): void {
    this.#end ??= end;
    this.#stop.abort(reason);
    for (const { peer } of this.#lines.values()) peer.abort(reason);
  }

  /** The error of what was not sent because the client has ended. */
  #closedError(name: string): NetError {
    const { error } = this.#end ?? {};
    const why = error instanceof Error ? `: ${error.message}` : "";
    return new NetError(
      "CONNECTION_CLOSED",
      `"${name}" was not sent: the client is closed${why}`,
      { cause: error },
    );
  }
}
