import type { Codec } from "../codec/types.ts";
import { FrameError } from "../codec/errors.ts";
import {
  framed,
  type FramedConnection,
  type FramedOptions,
  halvesOf,
} from "../framed/framed.ts";
import {
  type Address,
  type AddressLike,
  formatAddress,
} from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { listen } from "../net/listen.ts";
import { after } from "../net/timer.ts";
import type { Connection, Listener, Network } from "../net/types.ts";
import { EventQueue, type ServerEvent } from "./event_queue.ts";
import { Watchdog } from "./watchdog.ts";

/** Options of {@linkcode serve}. */
export interface ServeOptions<In, Out = In> extends FramedOptions {
  /**
   * Where to listen; port 0 takes a free one. Without a host name it is the
   * loopback interface only.
   */
  address: AddressLike;
  /** The frame format. */
  codec: Codec<In, Out>;
  /** Closes the server in good order, like `close`. */
  signal?: AbortSignal;
  /**
   * The most connections at a time; those over it are ended at once.
   *
   * @default {10_000}
   */
  maxConnections?: number;
  /**
   * How long a peer may say nothing between frames, in milliseconds. `Infinity`
   * for as long as it likes.
   *
   * @default {300_000}
   */
  idleTimeoutMs?: number;
  /**
   * How long a frame may take from its first byte to its last, in milliseconds:
   * the answer to peers that send a byte now and then to occupy a connection.
   *
   * @default {30_000}
   */
  frameTimeoutMs?: number;
  /**
   * How long a peer may take none of the bytes that are sent to it, in
   * milliseconds.
   *
   * @default {30_000}
   */
  writeTimeoutMs?: number;
  /**
   * Is told of every error that ended a connection, and of connections refused
   * for `maxConnections`, once until there is room again. By default, the errors
   * of the handler go to `console.error`, and those of the peer and the network
   * (`FrameError`, `NetError`) go nowhere.
   */
  onError?: (error: unknown, peer: Address) => void;
  /**
   * What to listen with: a memory network, for tests. By default, the sockets of
   * the runtime.
   */
  network?: Pick<Network, "listen">;
}

/**
 * What to do with a connection. When it returns, the connection is closed; when
 * it throws, too, and `onError` is told.
 *
 * It should receive until the end, with nothing to do for a frame if need be
 * (`connection.forEach(() => undefined)`): as long as nobody reads, nobody is
 * told that the peer has gone, and no time limit counts.
 */
export type ConnectionHandler<In, Out = In> = (
  connection: FramedConnection<In, Out>,
) => Promise<void> | void;

/** Options of {@linkcode Server.close}. */
export interface ServerCloseOptions {
  /**
   * How long connections may take to end before they are aborted, in
   * milliseconds.
   *
   * @default {5_000}
   */
  graceMs?: number;
}

/** A server that is listening; made by {@linkcode serve}. */
export interface Server<In, Out = In> extends AsyncDisposable {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /** The connections there are now, by their ids. */
  readonly connections: ReadonlyMap<number, FramedConnection<In, Out>>;
  /** Settles when the server and all its connections have ended. */
  readonly closed: Promise<void>;
  /**
   * What happens: connections, their messages and their ends, for one loop over
   * all of them. Only where `serve` was given no handler.
   *
   * A connection that is there already when the loop begins is told of then.
   * Where the loop is slow, or has been left, the peers are held back.
   *
   * @throws {TypeError} If there is a handler, or the events have been asked for
   * already.
   */
  events(): AsyncIterable<ServerEvent<In, Out>>;
  /**
   * Sends a message to one connection.
   *
   * @returns `undefined` while there is room, otherwise a promise to wait for,
   * like `Framed.send`.
   * @throws {NetError} `CONNECTION_CLOSED` if there is no such connection.
   */
  send(id: number, message: In): Promise<void> | undefined;
  /**
   * Sends a message to all connections, or to some. It is encoded once, and
   * nobody waits for a slow peer: one that has not taken what was sent to it
   * when there is no more room (`maxSendBuffer`) is cut. Connections whose
   * sending side is closed, or has another format by now, are left out.
   *
   * @param message The message.
   * @param to Which connections, by their ids.
   * @default {all of them}
   */
  broadcast(message: In, to?: Iterable<number>): void;
  /**
   * Stops in good order: accepts nobody any more, lets every handler finish with
   * the frames that have arrived, writes what was sent, and closes. What is not
   * done in time is aborted. Can be called again at any time.
   */
  close(options?: ServerCloseOptions): Promise<void>;
}

/**
 * Serves frames: accepts connections, puts a frame format on them and gives each
 * to a handler. What a peer does, or a handler throws, ends its own connection
 * only.
 *
 * @example
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve(
 *   { address: { port: 0 }, codec: lines() },
 *   async (connection) => {
 *     for await (const line of connection) {
 *       await connection.send(line.toUpperCase());
 *     }
 *   },
 * );
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * assertEquals(await client.receive(), "HELLO");
 * ```
 *
 * @example One loop for all connections
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ address: { port: 0 }, codec: lines() });
 * await using client = await createClient({
 *   address: server.address,
 *   codec: lines(),
 * });
 * await client.send("hello");
 * for await (const event of server.events()) {
 *   if (event.type !== "message") continue;
 *   assertEquals(event.message, "hello");
 *   server.broadcast(`${event.id} says ${event.message}`);
 *   break;
 * }
 * ```
 *
 * @param options Where, what format, and the limits.
 * @param handler What to do with a connection. Without one, there is
 * `Server.events`.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 */
export async function serve<In, Out>(
  options: ServeOptions<In, Out>,
  handler?: ConnectionHandler<In, Out>,
): Promise<Server<In, Out>> {
  const { address, signal, network = { listen } } = options;
  signal?.throwIfAborted();
  const listener = await network.listen(address);
  const server = new FrameServer(listener, options, handler);
  if (signal !== undefined) {
    const close = () => void server.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    void server.closed.then(() => signal.removeEventListener("abort", close));
  }
  return server;
}

class FrameServer<In, Out> implements Server<In, Out> {
  readonly address: Address;
  readonly closed: Promise<void>;

  readonly #options: ServeOptions<In, Out>;
  readonly #handler: ConnectionHandler<In, Out>;
  /** Where there is no handler. */
  #events: EventQueue<ServerEvent<In, Out>> | undefined;
  readonly #listener: Listener;
  readonly #watchdog: Watchdog;
  readonly #connections = new Map<number, FramedConnection<In, Out>>();
  readonly #handling = new Set<Promise<void>>();
  readonly #settleClosed: () => void;
  #closing: Promise<void> | undefined;
  /** Whether connections are being refused, which has been told then. */
  #full = false;

  constructor(
    listener: Listener,
    options: ServeOptions<In, Out>,
    handler: ConnectionHandler<In, Out> | undefined,
  ) {
    const {
      idleTimeoutMs = 300_000,
      frameTimeoutMs = 30_000,
      writeTimeoutMs = 30_000,
    } = options;
    this.address = listener.address;
    this.#listener = listener;
    this.#options = options;
    this.#watchdog = new Watchdog({
      idleTimeoutMs,
      frameTimeoutMs,
      writeTimeoutMs,
    });
    const { promise, resolve } = deferred<void>();
    this.closed = promise;
    this.#settleClosed = resolve;
    this.#handler = handler ?? this.#tellEvents();
    void this.#accept();
  }

  get connections(): ReadonlyMap<number, FramedConnection<In, Out>> {
    return this.#connections;
  }

  events(): AsyncIterable<ServerEvent<In, Out>> {
    if (this.#events !== undefined) return this.#events.start();
    throw new TypeError("Cannot iterate events: there is a handler");
  }

  send(id: number, message: In): Promise<void> | undefined {
    const connection = this.#connections.get(id);
    if (connection !== undefined) return connection.send(message);
    throw new NetError(
      "CONNECTION_CLOSED",
      `Cannot send: there is no connection ${id}`,
    );
  }

  broadcast(
    message: In,
    to: Iterable<number> = this.#connections.keys(),
  ): void {
    const bytes = this.#options.codec.encode(message);
    for (const id of to) {
      const connection = this.#connections.get(id);
      if (connection === undefined) continue;
      const { sender } = halvesOf(connection);
      if (!sender.takesEncoded) continue;
      try {
        // A rejection is told by the end of the connection as well.
        void sender.sendEncoded(bytes);
      } catch (error) {
        connection.abort(error);
      }
    }
  }

  close(options: ServerCloseOptions = {}): Promise<void> {
    return this.#closing ??= this.#close(options.graceMs ?? 5_000);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes the handler that tells of events instead. */
  #tellEvents(): ConnectionHandler<In, Out> {
    const events = new EventQueue<ServerEvent<In, Out>>();
    this.#events = events;
    void this.closed.then(() => events.end());
    return async (connection) => {
      const { id } = connection;
      // Whoever comes and goes before anybody looks has never been there.
      let isOpen = false;
      const open = events.started.then(() => {
        if (!this.#connections.has(id)) return;
        isOpen = true;
        void events.push({ type: "open", id, connection });
      });
      const tell = (message: Out) =>
        events.push({ type: "message", id, message });
      try {
        await connection.forEach((message) =>
          isOpen ? tell(message) : open.then(() => tell(message))
        );
        // What is answered to the last of them is still to be sent.
        if (isOpen) await events.taken();
      } finally {
        void connection.closed.then((info) => {
          if (isOpen) void events.push({ type: "close", id, info });
        });
      }
    };
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) this.#admit(connection);
    } catch (error) {
      this.#report(error, this.address);
    }
    await this.close();
  }

  #admit(connection: Connection): void {
    const { maxConnections = 10_000, codec } = this.#options;
    if (this.#connections.size >= maxConnections) {
      const error = new NetError(
        "CONNECTION_REFUSED",
        `Cannot take more connections: there are ${maxConnections} (maxConnections)`,
      );
      connection.abort(error);
      if (!this.#full) this.#report(error, connection.remoteAddress);
      this.#full = true;
      return;
    }
    this.#full = false;
    const handling = this.#handle(framed(connection, codec, this.#options));
    this.#handling.add(handling);
    void handling.then(() => this.#handling.delete(handling));
  }

  async #handle(connection: FramedConnection<In, Out>): Promise<void> {
    this.#connections.set(connection.id, connection);
    this.#watchdog.watch(connection);
    // Not when the handler has returned: one that never does must hold nothing.
    void connection.closed.then(() => {
      this.#watchdog.unwatch(connection);
      this.#connections.delete(connection.id);
    });
    try {
      await this.#handler(connection);
    } catch (error) {
      this.#report(error, connection.remoteAddress);
    }
    await connection.close();
  }

  async #close(graceMs: number): Promise<void> {
    await this.#listener.close();
    this.#events?.release();
    for (const connection of this.#connections.values()) {
      halvesOf(connection).receiver.stop();
    }
    const grace = deferred<void>();
    const callOff = after(graceMs, grace.resolve);
    await Promise.race([Promise.all(this.#handling), grace.promise]);
    callOff();
    for (const connection of this.#connections.values()) {
      connection.abort(
        new NetError(
          "CONNECTION_CLOSED",
          `The server closed before the connection ended: ${graceMs} ms have passed (graceMs)`,
        ),
      );
    }
    this.#settleClosed();
  }

  #report(error: unknown, peer: Address): void {
    const { onError = reportHandlerError } = this.#options;
    try {
      onError(error, peer);
    } catch (another) {
      // Nobody else can be told, and the other connections must live on.
      console.error("framewire: onError itself failed:", another, "for", error);
    }
  }
}

/** What the peer or the network did is no fault of this program. */
function reportHandlerError(error: unknown, peer: Address): void {
  if (error instanceof FrameError || error instanceof NetError) return;
  console.error(
    `framewire: the handler of ${formatAddress(peer)} failed:`,
    error,
  );
}
