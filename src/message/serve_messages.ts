import { checkCountOrInfinity, checkKind, pickOptions } from "../checks.ts";
import { FrameError } from "../codec/errors.ts";
import { HEARTBEAT_MS, MAX_UNREADY } from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { Observer } from "../framed/observe.ts";
import type { Address } from "../net/address.ts";
import { NetError } from "../net/errors.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import { serveProtocol } from "../server/serve.ts";
import { serveKinds } from "../server/settings.ts";
import { Unready } from "../server/unready.ts";
import type {
  ServeOptions,
  Server,
  ServerCloseOptions,
  ServerLifecycle,
  ServerState,
} from "../server/types.ts";
import type { Commands } from "./commands.ts";
import { type Speech, speechOf } from "./dialects/dialect_options.ts";
import type { Envelope } from "./envelope.ts";
import { MessageError } from "./errors.ts";
import { checkPeerOptions } from "./limits.ts";
import { RequestCounters } from "./request_counters.ts";
import {
  messageServerKinds,
  type MessageServerOptions,
} from "./serve_messages_options.ts";
import { whereToListen } from "./where_to_listen.ts";
import type { MessageServerStats } from "./types.ts";
import {
  coreOf,
  type Handlers,
  Peer,
  peerKinds,
  type PeerOptions,
  prepare,
  type RequestHandler,
} from "./peer.ts";

/**
 * Prepares a connection before its first message: adds handlers and listeners,
 * sends requests, or finds out who the client is. What it returns is the `context`
 * that handlers and listeners get. The requests and events of the client wait
 * until it is done; replies do not. When it throws, the connection ends.
 *
 * It is called for the nodes that use a `service` as well: the `remoteAddress` of such a
 * connection has the transport `"node"`.
 */
export type PeerSetup<C extends Commands, X = unknown> = (
  peer: Peer<C>,
  connection: FramedConnection<Envelope>,
) => Promise<X> | X;

/** A server that answers requests; made by {@linkcode serveMessages}. */
export interface MessageServer<C extends Commands, X = unknown>
  extends ServerLifecycle, AsyncDisposable {
  /**
   * The address that the server listens at, with the actual port; that of its node
   * where it has no socket.
   */
  readonly address: Address;
  /** The peers of the open connections. */
  readonly peers: ReadonlySet<Peer<C, X>>;
  /**
   * What the server has done so far, as plain data: that of `Server.stats`, and the
   * requests by command with their outcomes and latencies. Latencies are measured
   * from the first call on, or from the beginning where there is an `observe`.
   */
  stats(): MessageServerStats;
  /**
   * Sets the handler of a command, for all connections that have none of their
   * own.
   *
   * @param command The command.
   * @param handler Handles the requests of the clients.
   * @returns This server.
   */
  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name, X>,
  ): this;
  /**
   * Takes other certificates for the connections to come; see
   * `Listener.setCertificate`.
   *
   * @throws {TypeError} If they cannot be used, or the server has no TLS.
   */
  setCertificate(certificates: ServerCertificates): void;
  /**
   * Stops in good order: gives up the name of its service, accepts no connections,
   * tells the clients to go elsewhere (`Peer.goaway`), refuses further requests with
   * `CLOSING`, answers those under way, and closes. What is not done after `graceMs`
   * is aborted. Can be called again at any time.
   *
   * @throws {RangeError} If `graceMs` is negative or not a number.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}

/**
 * Serves requests: accepts connections and handles the commands of the clients,
 * many at a time on each connection.
 *
 * @example
 * ```ts
 * import {
 *   connectMessages,
 *   serveMessages,
 *   typed,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const commands = {
 *   greet: { input: typed<string>(), output: typed<string>() },
 * };
 * await using server = await serveMessages({ address: { port: 0 }, commands });
 * server.on("greet", (name) => `Hello ${name}`);
 *
 * await using client = await connectMessages({
 *   address: server.address,
 *   commands,
 * });
 * assertEquals(await client.request("greet", "Michael"), "Hello Michael");
 * ```
 *
 * @example Who the client is, for every handler
 * ```ts
 * import { connectMessages, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveMessages(
 *   { address: { port: 0 } },
 *   async (peer) => ({ user: String(await peer.request("token", null)) }),
 * );
 * server.on("whoami", (_, { context }) => context.user);
 *
 * await using client = await connectMessages({
 *   address: server.address,
 *   handlers: { token: () => "Michael" },
 * });
 * assertEquals(await client.request("whoami", null), "Michael");
 * ```
 *
 * @example A service of the nodes of a backplane, which has no socket
 * ```ts
 * import { memoryBackplane } from "@framewire/framewire/backplane";
 * import { connectService, serveMessages } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * await using backplane = await memoryBackplane();
 * await using server = await serveMessages({ backplane, service: "greeter" });
 * server.on("greet", (name) => `Hello ${name}`);
 *
 * await using client = connectService({ backplane, service: "greeter" });
 * assertEquals(await client.request("greet", "Michael"), "Hello Michael");
 * ```
 *
 * @param options The address, the commands, the handlers and the limits. Handlers
 * among the options that use the context need its type:
 * `serveMessages<typeof commands, Context>(...)`.
 * @param setup Prepares each connection; its result is the context.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {TypeError} If the address is none, a handler is no function, there is
 * no such option, one of `backplane` and `service` is missing, or this node serves
 * the name already.
 * @throws {RangeError} If a limit is out of its range. The message names it.
 */
export async function serveMessages<
  C extends Commands = Commands,
  X = unknown,
>(
  options: MessageServerOptions<C, X>,
  setup?: PeerSetup<C, X>,
): Promise<MessageServer<C, X>> {
  checkPeerOptions("serveMessages", options, messageServerKinds);
  if (setup !== undefined) checkKind("the setup", setup, "function");
  checkCountOrInfinity("maxUnready", options.maxUnready ?? MAX_UNREADY);
  const { onConnectionError } = options;
  const speech = speechOf(options);
  const peers = new PeerServer<C, X>(options, speech, setup);
  const { onError: _, ...serveOptions } = options;
  const allOptions = {
    ...serveOptions,
    ...whereToListen(options),
    codec: speech.codec,
    ...(onConnectionError && { onError: onConnectionError }),
  };
  peers.server = await serveProtocol(
    pickOptions<ServeOptions<Envelope>>(allOptions, serveKinds),
    (connection) => peers.handle(connection),
    { stop: (connection, graceMs) => peers.stop(connection, graceMs) },
  );
  return peers;
}

class PeerServer<C extends Commands, X> implements MessageServer<C, X> {
  /** The server of the connections, once it is listening. */
  server!: Server<Envelope>;

  readonly #options: MessageServerOptions<C, X>;
  readonly #speech: Speech;
  readonly #peerOptions: PeerOptions<C, X>;
  readonly #setup: PeerSetup<C, X> | undefined;
  readonly #handlers: Record<string, unknown>;
  readonly #peers = new Set<Peer<C, X>>();
  /** The requests of all peers together; each peer tells the observer itself. */
  readonly #counters = {
    served: new RequestCounters("served", new Observer(undefined)),
    made: new RequestCounters("made", new Observer(undefined)),
  };
  readonly #unready: Unready<FramedConnection<Envelope>>;
  readonly #peerOf = new WeakMap<FramedConnection<Envelope>, Peer<C, X>>();
  /** The peers with handlers that have not ended. */
  readonly #atWork = new Set<Peer<C, X>>();
  #drained: Promise<void> | undefined;

  constructor(
    options: MessageServerOptions<C, X>,
    speech: Speech,
    setup: PeerSetup<C, X> | undefined,
  ) {
    const { idleTimeoutMs = Infinity, heartbeatMs } = options;
    this.#unready = new Unready(
      "maxUnready",
      options.maxUnready ?? MAX_UNREADY,
    );
    this.#options = options;
    this.#speech = speech;
    this.#setup = setup;
    this.#handlers = Object.assign(Object.create(null), options.handlers);
    this.#peerOptions = {
      ...pickOptions<PeerOptions<C, X>>(options, peerKinds),
      heartbeatMs: heartbeatMs ?? Math.min(HEARTBEAT_MS, idleTimeoutMs / 3),
      handlers: this.#handlers as Handlers<C, X>,
    };
  }

  get address(): Address {
    return this.server.address;
  }

  get peers(): ReadonlySet<Peer<C, X>> {
    return this.#peers;
  }

  get state(): ServerState {
    return this.server.state;
  }

  get closed(): Promise<void> {
    return this.server.closed;
  }

  stats(): MessageServerStats {
    return {
      ...this.server.stats(),
      served: this.#counters.served.stats(),
      made: this.#counters.made.stats(),
    };
  }

  get drained(): Promise<void> {
    return this.#drained ??= this.#drain();
  }

  setCertificate(certificates: ServerCertificates): void {
    this.server.setCertificate(certificates);
  }

  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name, X>,
  ): this {
    checkKind("the handler", handler, "function");
    this.#handlers[command] = handler;
    return this;
  }

  close(options?: ServerCloseOptions): Promise<void> {
    return this.server.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Handles a connection until its end; throws the error that ended it. */
  async handle(connection: FramedConnection<Envelope>): Promise<void> {
    const { onConnectionError } = this.#options;
    const peer = new Peer<C, X>(
      this.#speech.open(connection),
      this.#peerOptions,
    );
    const core = coreOf(peer);
    core.served.above = this.#counters.served;
    core.made.above = this.#counters.made;
    this.#peers.add(peer);
    this.#peerOf.set(connection, peer);
    this.#atWork.add(peer);
    void peer.closed.then(() => this.#peers.delete(peer));
    void core.handlersEnded().then(() => this.#atWork.delete(peer));
    try {
      await this.#prepare(peer, connection);
    } catch (error) {
      peer.abort(error);
      // The program has thrown this error, whatever its type. A server without
      // `onConnectionError` may take a network error for one of the client.
      if (onConnectionError !== undefined) throw error;
      // Each of a crowd of strangers would be reported.
      if (error instanceof NetError && error.limit === "maxUnready") return;
      console.error("framewire: the setup of a connection failed:", error);
      return;
    }
    const { error } = await peer.closed;
    if (error === undefined) return;
    if (onConnectionError !== undefined || !isOfPeer(error)) throw error;
  }

  async #prepare(
    peer: Peer<C, X>,
    connection: FramedConnection<Envelope>,
  ): Promise<void> {
    const setup = this.#setup;
    if (setup === undefined) return;
    this.#unready.arrive(connection);
    await prepare(peer, () => setup(peer, connection));
    this.#unready.leave(connection);
  }

  /** Tells a client that the server closes. */
  stop(connection: FramedConnection<Envelope>, graceMs: number): void {
    void this.#peerOf.get(connection)?.close({ graceMs });
  }

  async #drain(): Promise<void> {
    await this.server.drained;
    // A handler may be at work for a client that has gone.
    await Promise.all(
      [...this.#atWork].map((peer) => coreOf(peer).handlersEnded()),
    );
  }
}

/** Whether the other side caused an error that ended a connection. */
function isOfPeer(error: unknown): boolean {
  // A `MessageError` ends a pipelined connection; the handler has reported it.
  return error instanceof FrameError || error instanceof NetError ||
    error instanceof MessageError;
}
