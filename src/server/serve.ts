import { FrameError } from "../codec/errors.ts";
import { framed, type FramedConnection, halvesOf } from "../framed/framed.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { listen } from "../net/listen.ts";
import { report } from "../net/report.ts";
import { after } from "../net/timer.ts";
import type { Connection, Listener } from "../net/types.ts";
import { EventQueue, type ServerEvent } from "./event_queue.ts";
import type {
  ConnectionHandler,
  ServeOptions,
  Server,
  ServerCloseOptions,
} from "./types.ts";
import { Watchdog } from "./watchdog.ts";

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
    report(error, () => onError(error, peer));
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
