import { pickOptions } from "../checks.ts";
import {
  Attempts,
  backoffKinds,
  type BackoffOptions,
} from "../client/attempts.ts";
import { clientKinds, type ClientOptions } from "../client/create_client.ts";
import { MAX_QUEUED } from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { CloseInfo } from "../net/types.ts";
import type { Commands } from "./commands.ts";
import { type Speech, speechOf } from "./dialects/dialect_options.ts";
import type { Envelope } from "./envelope.ts";
import { Latest } from "./latest.ts";
import { OfflineQueue } from "./offline_queue.ts";
import { coreOf, Peer, type PeerOptions } from "./peer.ts";
import type { ReconnectingMessagesOptions } from "./reconnecting_messages_options.ts";
import { Subscriptions } from "./subscriptions.ts";
import { isClosing, type Line, type Task } from "./task.ts";

/**
 * What a `ReconnectingPeer` does: an attempt to connect and to log in is under way
 * (`"connecting"`), there is a connection (`"open"`), the next attempt is waited for
 * (`"waiting"`), or it has ended for good (`"closed"`).
 */
export type ReconnectingState = "connecting" | "open" | "waiting" | "closed";

/**
 * The connections of a client that connects again, one after the other: it sends what
 * is to be sent on the newest, or keeps it until there is one.
 */
export class Lines<C extends Commands, X> {
  /** Settles once when the client has ended for good, and never rejects. */
  readonly closed: Promise<CloseInfo>;
  readonly state: Latest<ReconnectingState> = new Latest<ReconnectingState>(
    "connecting",
  );
  readonly subscriptions: Subscriptions<C, X> = new Subscriptions<C, X>();

  readonly #options: ReconnectingMessagesOptions<C, X>;
  readonly #peerOptions: PeerOptions<C, X>;
  readonly #speech: Speech;
  readonly #attempts: Attempts<Envelope, Envelope>;
  readonly #queue: OfflineQueue<Task<C, X>>;
  readonly #stop = new AbortController();
  /** The connections that have not ended, with those that were left. */
  readonly #lines = new Map<FramedConnection<Envelope>, Line<C, X>>();
  #current: Line<C, X> | undefined;
  /** How the program has ended the client. */
  #end: CloseInfo | undefined;
  /** Resolved, during a close, when no request is under way. */
  #idle: Deferred<void> | undefined;

  constructor(
    options: ReconnectingMessagesOptions<C, X>,
    peerOptions: PeerOptions<C, X>,
  ) {
    const {
      maxQueued = MAX_QUEUED,
      onRetry,
      signal,
    } = options;
    this.#options = options;
    this.#peerOptions = peerOptions;
    this.#queue = new OfflineQueue(maxQueued);
    this.#speech = speechOf(options);
    const { codec } = this.#speech;
    this.#attempts = new Attempts<Envelope, Envelope>({
      ...pickOptions<ClientOptions<Envelope> & BackoffOptions>(
        { ...options, codec },
        { ...clientKinds, ...backoffKinds },
      ),
      signal: this.#stop.signal,
      login: (connection) => this.#login(connection),
      onAttempt: () => this.state.set("connecting"),
      onRetry: (error, delayMs) => {
        this.state.set("waiting");
        onRetry?.(error, delayMs);
      },
    });
    this.closed = this.#run();
    const onAbort = () => this.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    void this.closed.then(() => signal?.removeEventListener("abort", onAbort));
  }

  /** Where requests are sent, while there is a connection. */
  get current(): Line<C, X> | undefined {
    return this.#current;
  }

  /** Whether nothing more is sent. */
  get isEnding(): boolean {
    return this.#end !== undefined;
  }

  /** Sends something, on the next connection where there is none. */
  send(task: Task<C, X>): void {
    if (this.isEnding) return task.fail(this.closedError(task.name));
    if (this.#current !== undefined && task.start(this.#current)) return;
    this.#queue.add(task);
  }

  /**
   * Sends nothing new on a connection, and takes another one. The connection is closed
   * when what is under way on it is done.
   */
  leave(line: Line<C, X>): void {
    if (line.isLeft) return;
    line.isLeft = true;
    if (this.#current === line) this.#current = undefined;
    line.left.resolve(undefined);
    this.#closeIfDone(line);
  }

  /** Counts a request or a stream that has ended. */
  settled(line: Line<C, X>): void {
    line.open--;
    this.#closeIfDone(line);
    if (this.#idle !== undefined && !this.#isBusy) this.#idle.resolve();
  }

  #closeIfDone(line: Line<C, X>): void {
    if (line.isLeft && line.open === 0) void line.peer.close();
  }

  /** Ends in good order, in so many milliseconds. */
  async close(graceMs: number): Promise<void> {
    const until = performance.now() + graceMs;
    const end: CloseInfo = this.#end ??= { by: "local" };
    this.#queue.failAll(({ name }) => this.closedError(name));
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
    this.#finish(end, this.closedError("close"));
    await this.closed;
  }

  /** Ends now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The client was aborted");
    this.#finish({ by: "local", error }, error);
  }

  /** The error of what was not sent because the client has ended. */
  closedError(name: string): NetError {
    const { error } = this.#end ?? {};
    const why = error instanceof Error ? `: ${error.message}` : "";
    return new NetError(
      "CONNECTION_CLOSED",
      `"${name}" was not sent: the client is closed${why}`,
      { cause: error },
    );
  }

  async #run(): Promise<CloseInfo> {
    // The program adds its handlers and listeners first.
    await undefined;
    try {
      while (!this.isEnding) await this.#use(await this.#attempts.connect());
    } catch (error) {
      if (!this.isEnding) this.#finish({ by: "failure", error }, error);
    }
    await Promise.all([...this.#lines.values()].map(({ peer }) => peer.closed));
    this.state.set("closed", true);
    this.#queue.failAll(({ name }) => this.closedError(name));
    return this.#end!;
  }

  /** Makes the peer of a new connection. */
  async #login(connection: FramedConnection<Envelope>): Promise<void> {
    const { login } = this.#options;
    const peer = new Peer<C, X>(
      this.#speech.open(connection),
      this.#peerOptions,
    );
    const line: Line<C, X> = {
      peer,
      calls: coreOf(peer).calls,
      open: 0,
      isLeft: false,
      left: deferred(),
    };
    this.#lines.set(connection, line);
    void peer.goaway.then(() => {
      // It settles at the end of the connection as well.
      if (!line.calls.ended) this.leave(line);
    });
    this.subscriptions.attach(peer);
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
    if (!line.isLeft && !this.isEnding) {
      this.#current = line;
      this.state.set("open");
      this.#queue.drain((task) => task.start(line));
    }
    const ended = line.peer.closed.then(({ error }) => error);
    const error = await Promise.race([ended, line.left.promise]);
    if (this.#current === line) this.#current = undefined;
    if (this.isEnding) return;
    const isStable = this.#attempts.ended(performance.now() - since);
    if (line.isLeft && isStable) return;
    await this.#attempts.wait(error);
  }

  get #isBusy(): boolean {
    return [...this.#lines.values()].some(({ open }) => open > 0);
  }

  /** Ends the attempts, and the connections with them. */
  #finish(end: CloseInfo, reason: unknown): void {
    this.#end ??= end;
    this.#stop.abort(reason);
    for (const { peer } of this.#lines.values()) peer.abort(reason);
  }
}
