import {
  checkCount,
  checkKind,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import type { Backplane } from "../backplane/types.ts";
import {
  MAX_REPEATS,
  MAX_REPEATS_PERCENT,
  REQUEST_TIMEOUT_MS,
  SERVICE_HEARTBEAT_MS,
} from "../defaults.ts";
import { Observer } from "../framed/observe.ts";
import { closeGraceMs } from "../net/close_grace.ts";
import type { PeerRequestStats } from "../server/stats.ts";
import type { Commands, InputOf, OutputOf } from "./commands.ts";
import type { DialectOptions } from "./dialects/dialect_options.ts";
import { checkPeerOptions, dialectKinds } from "./limits.ts";
import { coreOf, peerKinds, type PeerOptions } from "./peer.ts";
import { RepeatBudget } from "./repeat_budget.ts";
import { RequestCounters } from "./request_counters.ts";
import { ServiceAttempts } from "./service_attempts.ts";
import { Sessions } from "./service_sessions.ts";
import { overBudget } from "./task.ts";
import type {
  PeerCloseOptions,
  RepeatableRequestOptions,
  StreamOptions,
} from "./types.ts";

/** Options of {@linkcode connectService}. */
export interface ServiceClientOptions<C extends Commands, X = unknown>
  extends DialectOptions, PeerOptions<C, X> {
  /** What connects this node to those that serve. It belongs to the program. */
  backplane: Backplane;
  /** The name that the nodes serve: the `service` of `serveMessages`. */
  service: string;
  /**
   * After how long a silence of a node it is asked whether it is alive, in milliseconds;
   * see `PeerLimits.heartbeatMs`. It is also how long it takes at most until a message
   * is missed that the backplane has lost, where no other follows it.
   *
   * @default {5_000}
   */
  heartbeatMs?: number;
  /**
   * How often one request may be sent again, if it is `repeatable`. A whole number
   * from 0.
   *
   * @default {3}
   */
  maxRepeats?: number;
  /**
   * How many requests may be sent again, in percent of those of the last ten seconds,
   * though always ten; see `ReconnectingMessagesOptions.maxRepeatsPercent`. A whole
   * number from 0, for no repetition at all, to 100.
   *
   * @default {20}
   */
  maxRepeatsPercent?: number;
}

/** Which node of a service gets a request. */
export interface ServiceKeyOptions {
  /**
   * Requests with the same key go to the same node, as long as it serves. When it
   * leaves, its keys are spread over the others; all other keys stay where they are.
   * When a node comes, it takes its share of the keys of all others.
   *
   * @default {none: the node with the least requests of this client under way}
   */
  key?: string;
}

/** Options of {@linkcode ServiceClient.request}. */
export interface ServiceRequestOptions
  extends RepeatableRequestOptions, ServiceKeyOptions {}

/** Options of {@linkcode ServiceClient.stream}. */
export interface ServiceStreamOptions
  extends StreamOptions, ServiceKeyOptions {}

const kinds: OptionKinds<ServiceClientOptions<Commands>> = {
  backplane: ["request", "serving", "listen", "onNode"],
  service: "string",
  ...dialectKinds,
  ...peerKinds,
  maxRepeats: "checked",
  maxRepeatsPercent: "checked",
};

const requestKinds: OptionKinds<ServiceRequestOptions> = {
  timeoutMs: "checked",
  signal: "signal",
  header: "checked",
  key: "string",
  repeatable: "boolean",
};

const streamKinds: OptionKinds<ServiceStreamOptions> = {
  signal: "signal",
  header: "checked",
  key: "string",
};

/**
 * Makes a client of a service of a backplane: see `serveMessages`. It spreads its
 * requests over the nodes that serve the name, this one included. The first request to
 * a node opens a connection over the backplane, which later ones share.
 *
 * Nothing is handled twice unless it was marked. A request that a node certainly has
 * not handled, since it closes or could not be reached, goes to another node at once.
 * One that was sent when its connection broke rejects, as the node may have handled it;
 * with `repeatable: true` it is sent again, at most `maxRepeats` times, and only as far
 * as `maxRepeatsPercent` allows.
 *
 * A message of the connection that the backplane loses breaks the connection, and so
 * does the death of the node, which is noticed within 5 seconds. While the engine of
 * the backplane is away, everything rejects with `UNAVAILABLE` at once. A body may be as
 * long as the codec allows: long messages go in pieces of 64 KiB. What waits to be
 * sent to a node that does not take it is bounded as for a socket.
 *
 * @example Two nodes that serve, and one that asks
 * ```ts
 * import { createBackplane, MemorySystem } from "@framewire/framewire/backplane";
 * import { connectService, serveMessages, typed } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const commands = {
 *   double: { input: typed<number>(), output: typed<number>() },
 * };
 * const service = "math";
 * const handlers = { double: (n: number) => 2 * n };
 * const system = new MemorySystem();
 * await using a = await createBackplane(system.engine());
 * await using b = await createBackplane(system.engine());
 * await using c = await createBackplane(system.engine());
 * await using onA = await serveMessages({ backplane: a, service, commands, handlers });
 * await using onB = await serveMessages({ backplane: b, service, commands, handlers });
 *
 * await using client = connectService({ backplane: c, service, commands });
 * const replies = await Promise.all([
 *   client.request("double", 1),
 *   client.request("double", 2),
 *   client.request("double", 3, { key: "account 7" }),
 * ]);
 * assertEquals(replies, [2, 4, 6]);
 * assertEquals([onA.peers.size, onB.peers.size], [1, 1]);
 * ```
 *
 * @param options The backplane, the name, the commands, the handlers and the limits.
 * @returns The client.
 * @throws {TypeError} If the backplane or the name is none, a handler is no function, or
 * there is no such option.
 * @throws {RangeError} If a limit is out of its range. The message names it.
 */
export function connectService<
  C extends Commands = Commands,
  X = unknown,
>(options: ServiceClientOptions<C, X>): ServiceClient<C, X> {
  checkPeerOptions("connectService", options, kinds);
  const { backplane, service, maxRepeats = 0, maxRepeatsPercent = 0 } = options;
  checkKind("backplane", backplane, kinds.backplane);
  checkKind("service", service, "string");
  checkCount("maxRepeats", maxRepeats, 0);
  checkCount("maxRepeatsPercent", maxRepeatsPercent, 0, 100);
  return new ServiceClient(options);
}

/**
 * A client of the nodes that serve a name; made by {@linkcode connectService}.
 *
 * @typeParam C The commands of both sides.
 * @typeParam X The context of the connections.
 */
export class ServiceClient<C extends Commands = Commands, X = unknown>
  implements AsyncDisposable {
  readonly #sessions: Sessions<C, X>;
  readonly #maxRepeats: number;
  readonly #budget: RepeatBudget;
  /** The requests of all peers together; each peer tells the observer itself. */
  readonly #counters = {
    served: new RequestCounters("served", new Observer(undefined)),
    made: new RequestCounters("made", new Observer(undefined)),
  };
  #closing: Promise<void> | undefined;

  /** Use {@linkcode connectService}, which checks the options. */
  constructor(options: ServiceClientOptions<C, X>) {
    const {
      maxRepeats = MAX_REPEATS,
      maxRepeatsPercent = MAX_REPEATS_PERCENT,
      heartbeatMs = SERVICE_HEARTBEAT_MS,
    } = options;
    this.#maxRepeats = maxRepeats;
    this.#budget = new RepeatBudget(maxRepeatsPercent);
    this.#sessions = new Sessions({
      ...options,
      peer: {
        ...pickOptions<PeerOptions<C, X>>(options, peerKinds),
        heartbeatMs,
      },
      onPeer: (peer) => {
        const { served, made } = coreOf(peer);
        served.above = this.#counters.served;
        made.above = this.#counters.made;
      },
    });
  }

  /**
   * Sends a request for one reply to one of the nodes.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options Which node gets it, whether it may be sent again, and how it may end
   * early.
   * @returns The reply.
   * @throws {MessageError} `NO_HANDLER` at once if no node serves the name. If the node
   * answers with an error, or the body or the reply does not fit its schema.
   * @throws {NetError} `UNAVAILABLE` if the engine is away or goes away, `TIMED_OUT`
   * after the time limit, `CONNECTION_CLOSED` if the client is closed. If the connection
   * ended before the reply: the code of its error, such as `CONNECTION_RESET` where
   * the node has died.
   * @throws {FrameError} If the body is not JSON, or too long for a frame.
   * @throws {RangeError} If `timeoutMs` is not more than 0.
   */
  async request<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: ServiceRequestOptions = {},
  ): Promise<OutputOf<C[Name]["output"]>> {
    checkOptions("request", options, requestKinds);
    const { timeoutMs = REQUEST_TIMEOUT_MS, key, repeatable, ...rest } =
      options;
    checkTimeLimit("timeoutMs", timeoutMs);
    const { signal } = rest;
    const deadline = performance.now() + timeoutMs;
    const leftMs = () => Math.max(Math.ceil(deadline - performance.now()), 1);
    const attempts = new ServiceAttempts(this.#sessions, key);
    let repeatsLeft = repeatable === true ? this.#maxRepeats : 0;
    this.#budget.countRequest(performance.now());
    for (;;) {
      const attempt = attempts.next();
      try {
        if (!attempt.isOpen) await attempt.opened(leftMs(), signal);
        return await attempt.peer().request(command, body, {
          ...rest,
          timeoutMs: leftMs(),
        });
      } catch (error) {
        if (signal?.aborted || performance.now() >= deadline) throw error;
        if (attempt.wasNotHandled(error)) attempts.goElsewhere(error);
        else if (!attempt.wasLost(error) || repeatsLeft-- <= 0) throw error;
        else if (!this.#budget.take(performance.now())) {
          throw overBudget(command, error);
        } else attempts.repeat(error);
      } finally {
        attempt.end();
      }
    }
  }

  /**
   * Requests a stream of items of one of the nodes, as `Peer.stream` does. It is never
   * requested again once a node may have begun with it: when its connection ends, the
   * loop throws.
   *
   * @param command The command.
   * @param body The body of the request.
   * @param options Which node gets it, and how the stream may end early.
   * @returns The items. The loop throws what `request` would reject with, after the
   * items that came before.
   */
  stream<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    options: ServiceStreamOptions = {},
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    checkOptions("stream", options, streamKinds);
    return this.#items(command, body, options);
  }

  /**
   * What the client has done so far with all nodes, as plain data; see `Peer.stats`.
   * Latencies are measured from the first call on, or from the beginning where there is
   * an `observe`.
   */
  stats(): PeerRequestStats {
    return {
      served: this.#counters.served.stats(),
      made: this.#counters.made.stats(),
    };
  }

  /**
   * Closes in good order: refuses further requests, waits for the replies to those
   * under way, and closes the connections to the nodes. Can be called again at any time.
   *
   * @param options How long closing may take.
   * @throws {RangeError} If `graceMs` is negative or not a number.
   */
  async close(options: PeerCloseOptions = {}): Promise<void> {
    const graceMs = closeGraceMs(options);
    await (this.#closing ??= this.#sessions.close(graceMs));
  }

  /** Closes, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#items<Name extends keyof C & string>(
    command: Name,
    body: InputOf<C[Name]["input"]>,
    { key, ...options }: ServiceStreamOptions,
  ): AsyncGenerator<OutputOf<C[Name]["output"]>, void, void> {
    const { signal } = options;
    const attempts = new ServiceAttempts(this.#sessions, key);
    for (;;) {
      const attempt = attempts.next();
      try {
        if (!attempt.isOpen) await attempt.opened(REQUEST_TIMEOUT_MS, signal);
        yield* attempt.peer().stream(command, body, options);
        return;
      } catch (error) {
        if (signal?.aborted || !attempt.wasNotHandled(error)) throw error;
        attempts.goElsewhere(error);
      } finally {
        attempt.end();
      }
    }
  }
}
