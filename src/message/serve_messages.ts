import type { FramedConnection } from "../framed/framed.ts";
import type { Address } from "../net/address.ts";
import { serve } from "../server/serve.ts";
import type {
  ServeOptions,
  Server,
  ServerCloseOptions,
} from "../server/types.ts";
import type { Commands } from "./commands.ts";
import { type Envelope, envelopes } from "./envelope.ts";
import type { EnvelopeChannelOptions } from "./envelope_channel.ts";
import {
  type Handlers,
  Peer,
  type PeerOptions,
  type RequestHandler,
} from "./peer.ts";

/** Options of {@linkcode serveMessages}. */
export interface MessageServerOptions<C extends Commands>
  extends
    Omit<ServeOptions<Envelope>, "codec" | "onError">,
    EnvelopeChannelOptions,
    PeerOptions<C> {
  /**
   * Is told of every error that ended a connection, as the `onError` of `serve`
   * is; `onError` here is for the errors of handlers.
   */
  onConnectionError?: (error: unknown, peer: Address) => void;
}

/**
 * What is done with a connection before its first message: handlers of its own,
 * events to listen to. What it adds after it has first waited for something may
 * come too late for a message. When it throws, the connection ends.
 */
export type PeerSetup<C extends Commands> = (
  peer: Peer<C>,
  connection: FramedConnection<Envelope>,
) => Promise<void> | void;

/** A server that answers requests; made by {@linkcode serveMessages}. */
export interface MessageServer<C extends Commands> extends AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** The other ends of the connections there are now. */
  readonly peers: ReadonlySet<Peer<C>>;
  /** Settles when the server and all its connections have ended. */
  readonly closed: Promise<void>;
  /**
   * Sets what does a command, for all connections that have no handler of their
   * own for it.
   *
   * @param command The command.
   * @param handler What does it.
   * @returns This server.
   */
  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name>,
  ): this;
  /**
   * Stops in good order: takes nobody any more, refuses further requests with
   * `CLOSING`, answers those under way, and closes. What is not done in time is
   * aborted. Can be called again at any time.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}

/**
 * Serves requests: accepts connections and does the commands that are asked for,
 * many at a time on each.
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
 * @param options Where, which commands, and the limits.
 * @param setup What is done with each connection first.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 */
export async function serveMessages<C extends Commands = Commands>(
  options: MessageServerOptions<C>,
  setup: PeerSetup<C> = () => undefined,
): Promise<MessageServer<C>> {
  const { signal, codec = envelopes(), channel, onConnectionError } = options;
  signal?.throwIfAborted();
  const handlers: Record<string, unknown> = Object.assign(
    Object.create(null),
    options.handlers,
  );
  const peers = new Set<Peer<C>>();
  const state = { closing: false };
  const { signal: _, onError: __, ...serveOptions } = options;
  const server = await serve<Envelope, Envelope>({
    ...serveOptions,
    codec,
    ...(onConnectionError && { onError: onConnectionError }),
  }, async (connection) => {
    // Nobody is taken any more, though the listener is still needed: closing it
    // would close the connections, too.
    if (state.closing) return;
    const peer = new Peer<C>(channel?.(connection) ?? connection, {
      ...options,
      handlers: handlers as Handlers<C>,
    });
    peers.add(peer);
    void peer.closed.then(() => peers.delete(peer));
    await setup(peer, connection);
    const { error } = await peer.closed;
    if (error !== undefined) throw error;
  });
  const messages = new PeerServer<C>(server, peers, handlers, state);
  if (signal !== undefined) {
    const close = () => void messages.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    void server.closed.then(() => signal.removeEventListener("abort", close));
  }
  return messages;
}

class PeerServer<C extends Commands> implements MessageServer<C> {
  readonly peers: ReadonlySet<Peer<C>>;
  readonly #server: Server<Envelope>;
  readonly #handlers: Record<string, unknown>;
  readonly #state: { closing: boolean };
  #closing: Promise<void> | undefined;

  constructor(
    server: Server<Envelope>,
    peers: ReadonlySet<Peer<C>>,
    handlers: Record<string, unknown>,
    state: { closing: boolean },
  ) {
    this.#server = server;
    this.peers = peers;
    this.#handlers = handlers;
    this.#state = state;
  }

  get address(): Address {
    return this.#server.address;
  }

  get closed(): Promise<void> {
    return this.#server.closed;
  }

  on<Name extends keyof C & string>(
    command: Name,
    handler: RequestHandler<C, Name>,
  ): this {
    this.#handlers[command] = handler;
    return this;
  }

  close(options: ServerCloseOptions = {}): Promise<void> {
    return this.#closing ??= this.#close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(options: ServerCloseOptions): Promise<void> {
    this.#state.closing = true;
    // First: closing the connections would end the requests under way.
    await Promise.all([...this.peers].map((peer) => peer.close(options)));
    await this.#server.close(options);
  }
}
