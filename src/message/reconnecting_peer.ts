import {
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  MAX_REPEATS,
  MAX_REPEATS_PERCENT,
  REQUEST_TIMEOUT_MS,
} from "../defaults.ts";
import { closeGraceMs } from "../net/close_grace.ts";
import type { CloseInfo } from "../net/types.ts";
import {
  commandOf,
  type Commands,
  type EventInput,
  type EventOutput,
  type InputOf,
  type OutputOf,
} from "./commands.ts";
import { wasNotHandled } from "./errors.ts";
import { Lines, type ReconnectingState } from "./lines.ts";
import {
  type EventListener,
  type Handlers,
  peerKinds,
  type PeerOptions,
  type RequestHandler,
} from "./peer.ts";
import type { ReconnectingMessagesOptions } from "./reconnecting_messages_options.ts";
import { RepeatBudget } from "./repeat_budget.ts";
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
  readonly #lines: Lines<C, X>;
  readonly #handlers: Record<string, unknown>;
  readonly #maxRepeats: number;
  readonly #budget: RepeatBudget;
  #closing: Promise<void> | undefined;

  /** Use `reconnectingMessages`, which checks the options. */
  constructor(options: ReconnectingMessagesOptions<C, X>) {
    const {
      maxRepeats = MAX_REPEATS,
      maxRepeatsPercent = MAX_REPEATS_PERCENT,
    } = options;
    this.#options = options;
    this.#maxRepeats = maxRepeats;
    this.#budget = new RepeatBudget(maxRepeatsPercent);
    this.#handlers = Object.assign(Object.create(null), options.handlers);
    this.#lines = new Lines(options, {
      ...pickOptions<PeerOptions<C, X>>(options, peerKinds),
      handlers: this.#handlers as Handlers<C, X>,
    });
    this.closed = this.#lines.closed;
  }

  /** What the client does now. */
  get state(): ReconnectingState {
    return this.#lines.state.value;
  }

  /**
   * The state now, and each that follows. A loop that is slow gets the newest state
   * and misses those before it. The last one is `"closed"`; then the loop ends.
   */
  states(): AsyncGenerator<ReconnectingState, void, void> {
    return this.#lines.state.values();
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
  onEvent<Name extends keyof C & string>(
    name: Name,
    listener: EventListener<C, X, EventOutput<C[Name]>>,
  ): () => void;
  /** Adds a listener for the events of a name that no command has. */
  onEvent(name: string, listener: EventListener<C, X>): () => void;
  onEvent(name: string, listener: EventListener<C, X, never>): () => void {
    checkKind("the listener", listener, "function");
    return this.#lines.subscriptions.add(
      name,
      listener as EventListener<C, X>,
    );
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
  emit<Name extends keyof C & string>(
    name: Name,
    body: EventInput<C[Name]>,
  ): Promise<void> | undefined;
  /** Sends an event of a name that no command has. */
  emit(name: string, body: JsonValue): Promise<void> | undefined;
  emit(name: string, body: unknown): Promise<void> | undefined {
    const lines = this.#lines;
    let sent: Promise<void> | undefined;
    const send = (line: Line<C, X>, fail: (error: unknown) => void) =>
      start(
        line.calls,
        undefined,
        fail,
        () => sent = line.peer.emit(name, body as JsonValue),
      );
    const raise = (error: unknown) => {
      throw error;
    };
    if (lines.isEnding) throw lines.closedError(name);
    if (lines.current !== undefined && send(lines.current, raise)) return sent;
    return new Promise<void>((resolve, reject) =>
      lines.send({
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
    const lines = this.#lines;
    const reply = new Promise<unknown>((resolve, reject) => {
      checkOptions("request", options, requestKinds);
      const { timeoutMs = REQUEST_TIMEOUT_MS, signal, repeatable } = options;
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
              { ...options, timeoutMs: Math.max(Math.ceil(leftMs), 1) },
              (reply) => {
                lines.settled(line);
                resolve(reply);
              },
              (error) => {
                const isLost = line.calls.ended || isClosing(error);
                if (isClosing(error)) lines.leave(line);
                lines.settled(line);
                // Elsewhere, nothing of it is done twice.
                if (wasNotHandled(error)) return lines.send(task);
                if (!isLost || repeatsLeft-- <= 0 || lines.isEnding) {
                  return reject(error);
                }
                if (!this.#budget.take(performance.now())) {
                  return reject(overBudget(command, error));
                }
                lines.send(task);
              },
            );
            line.open++;
          }),
      };
      this.#budget.countRequest(performance.now());
      lines.send(task);
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
    const { current } = this.#lines;
    if (current !== undefined) this.#lines.leave(current);
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
    const graceMs = closeGraceMs(options);
    await (this.#closing ??= this.#lines.close(graceMs));
  }

  /** Ends the client and its connection now; what was not sent yet is dropped. */
  abort(reason?: unknown): void {
    this.#lines.abort(reason);
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#items<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: StreamOptions,
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    const { signal } = options;
    const line = await new Promise<Line<C, X>>((resolve, reject) =>
      this.#lines.send({
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
      this.#lines.settled(line);
    }
  }
}
