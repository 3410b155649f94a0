import type { PublishOptions } from "../backplane/types.ts";
import { linkOf } from "../framed/framed_connection.ts";
import type { Link } from "../framed/link.ts";
import { asyncContext } from "../net/adapters/async_context.ts";
import type { Address } from "../net/address.ts";
import { closeGraceMs } from "../net/close_grace.ts";
import { deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import type { CloseInfo, Connection, Listener } from "../net/types.ts";
import { Admission } from "./admission.ts";
import { Broadcaster } from "./broadcast.ts";
import { eventHandler } from "./event_handler.ts";
import { EventQueue, type ServerEvent } from "./event_queue.ts";
import { Rates } from "./rates.ts";
import { ServerConnection } from "./server_connection.ts";
import type { ServerCounters } from "./server_counters.ts";
import type { ServerSettings } from "./settings.ts";
import type { ServerStats } from "./stats.ts";
import { tell } from "./tell.ts";
import { Topics } from "./topics.ts";
import { TotalBuffer } from "./total_buffer.ts";
import type {
  ConnectionHandler,
  Server,
  ServerCloseOptions,
  ServerState,
} from "./types.ts";

/** What a protocol over frames does in its own way. */
export interface Protocol<In, Out> {
  /**
   * Tells a connection that the server closes: its handler is to finish, within the
   * grace period. It does not throw. By default, frames are read until none are in
   * flight: see `Framed.stop`.
   */
  stop?(connection: ServerConnection<In, Out>, graceMs: number): void;
  /**
   * Names the reason of an error by which its handler has refused a peer; `undefined`
   * for other errors.
   */
  refusal?(error: unknown): string | undefined;
}

/** The server that `serve` makes. */
export class FrameServer<In, Out> implements Server<In, Out> {
  readonly address: Address;
  readonly closed: Promise<void>;

  readonly #settings: ServerSettings<In, Out>;
  readonly #admission: Admission;
  readonly #rates: Rates;
  readonly #totalBuffer: TotalBuffer;
  readonly #broadcaster: Broadcaster<In>;
  readonly #topics: Topics<In>;
  readonly #counters: ServerCounters<In, Out>;
  readonly #handler: ConnectionHandler<In, Out>;
  readonly #protocol: Protocol<In, Out>;
  /** The events of a server without a handler. */
  #events: EventQueue<ServerEvent<In, Out>> | undefined;
  readonly #listener: Listener;
  readonly #connections = new Map<number, ServerConnection<In, Out>>();
  /** Those that have ended, and whose handlers have not. */
  readonly #left = new Set<ServerConnection<In, Out>>();
  /** Which connection's handler it is that makes a call. */
  readonly #caller = asyncContext<ServerConnection<In, Out>>();
  /** Those whose handlers have called `close`, and may wait for it. */
  readonly #closers = new Set<ServerConnection<In, Out>>();
  /** Resolves when only the handlers of those are left. */
  readonly #othersEnded = deferred<void>();
  /** Resolves when the server is closing and no handler is left. */
  readonly #allEnded = deferred<void>();
  readonly #settleClosed: () => void;
  #closing: Promise<void> | undefined;
  #isClosed = false;

  constructor(
    listener: Listener,
    settings: ServerSettings<In, Out>,
    counters: ServerCounters<In, Out>,
    handler: ConnectionHandler<In, Out> | undefined,
    protocol: Protocol<In, Out>,
  ) {
    this.address = listener.address;
    this.#listener = listener;
    this.#settings = settings;
    this.#admission = new Admission(
      settings,
      (error, peer, isFirst) => {
        counters.refuse(error, peer);
        if (isFirst) this.#report(error, peer);
      },
    );
    this.#counters = counters;
    this.#broadcaster = new Broadcaster(settings.codec, settings.slowReaders);
    this.#topics = new Topics({
      ...settings,
      broadcaster: this.#broadcaster,
      isOpen: ({ id }) => this.#connections.has(id),
      onError: (error) => this.#report(error, this.address),
    });
    this.#totalBuffer = new TotalBuffer(settings.maxTotalBuffer);
    this.#rates = new Rates(settings.rate, settings.addressRate);
    this.#protocol = protocol;
    const { promise, resolve } = deferred<void>();
    this.closed = promise;
    void this.closed.then(() => this.#rates.end());
    this.#settleClosed = resolve;
    if (handler === undefined) {
      const events = this.#events = new EventQueue();
      void this.closed.then(() => events.end());
      this.#handler = eventHandler(events);
    } else this.#handler = handler;
    void this.#accept();
  }

  get state(): ServerState {
    if (this.#isClosed) return "closed";
    return this.#closing === undefined ? "open" : "closing";
  }

  get drained(): Promise<void> {
    return this.#allEnded.promise;
  }

  get connections(): ReadonlyMap<number, ServerConnection<In, Out>> {
    return this.#connections;
  }

  stats(): ServerStats {
    return this.#counters.stats(this.#handled());
  }

  events(): AsyncIterable<ServerEvent<In, Out>> {
    if (this.#events !== undefined) return this.#events.start();
    throw new TypeError("Cannot iterate events: there is a handler");
  }

  setCertificate(certificates: ServerCertificates): void {
    this.#listener.setCertificate(certificates);
  }

  /** The connections whose handlers have not ended. */
  *#handled(): Generator<ServerConnection<In, Out>> {
    yield* this.#connections.values();
    yield* this.#left;
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
  ): Promise<void> | undefined {
    return this.#broadcaster.send(message, this.#readers(to));
  }

  publish(
    topic: string,
    message: In,
    options?: PublishOptions,
  ): Promise<void> {
    return this.#topics.publish(topic, message, options);
  }

  /** Those of some connections that have not ended. */
  *#readers(ids: Iterable<number>): Generator<ServerConnection<In, Out>> {
    for (const id of ids) {
      const connection = this.#connections.get(id);
      if (connection !== undefined) yield connection;
    }
  }

  close(options: ServerCloseOptions = {}): Promise<void> {
    const graceMs = closeGraceMs(options);
    this.#closing ??= this.#close(graceMs);
    const caller = this.#caller.get();
    const isHandled = caller !== undefined &&
      (this.#connections.has(caller.id) || this.#left.has(caller));
    if (!isHandled) return this.#closing;
    // It cannot return before this is done: it is waited for by `closed` only.
    this.#closers.add(caller);
    this.#tellClosers();
    return Promise.race([this.#othersEnded.promise, this.#closing]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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
    const { codec, link: linkSettings } = this.#settings;
    if (!this.#admission.admit(connection)) return;
    let link: Link<In, Out>;
    try {
      link = linkOf(connection, codec, linkSettings);
    } catch (error) {
      // A codec that throws for one connection must not end the server.
      connection.abort(error);
      this.#admission.leave(connection.remoteAddress);
      this.#counters.refuse(error, connection.remoteAddress);
      return this.#report(error, connection.remoteAddress);
    }
    const frames = new ServerConnection(link, this.#topics);
    link.channel.whenClosed((info) => this.#ended(link, frames, info));
    this.#rates.pace(link);
    this.#totalBuffer.watch(link);
    this.#connections.set(frames.id, frames);
    this.#caller.run(frames, () => {
      this.#counters.open(frames);
      // An async function that waited here would take more memory than these two.
      void this.#handle(frames).then(
        () => this.#finish(frames),
        (error) => {
          this.#reportHandler(error, frames);
          return this.#finish(frames);
        },
      );
    });
  }

  /** Not when the handler returns: one that hangs would occupy a place for ever. */
  #ended(
    link: Link<In, Out>,
    connection: ServerConnection<In, Out>,
    info: CloseInfo,
  ): void {
    this.#admission.leave(connection.remoteAddress);
    this.#rates.leave(connection.remoteAddress);
    this.#totalBuffer.leave(link);
    this.#counters.close(connection, info);
    this.#connections.delete(connection.id);
    this.#topics.leave(connection);
    this.#left.add(connection);
  }

  #tellClosers(): void {
    if (this.#closing === undefined) return;
    const size = this.#connections.size + this.#left.size;
    if (this.#closers.size === size) this.#othersEnded.resolve();
    if (size === 0) this.#allEnded.resolve();
  }

  /** Calls the handler, which is not always an async function. */
  #handle(connection: ServerConnection<In, Out>): Promise<void> {
    try {
      return Promise.resolve(this.#handler(connection));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The handler of a connection has ended. */
  async #finish(connection: ServerConnection<In, Out>): Promise<void> {
    await connection.close();
    this.#counters.end(connection);
    this.#left.delete(connection);
    this.#closers.delete(connection);
    this.#tellClosers();
  }

  async #close(graceMs: number): Promise<void> {
    await this.#listener.close();
    this.#events?.release();
    for (const connection of this.#connections.values()) {
      if (this.#protocol.stop === undefined) connection.stop();
      else this.#protocol.stop(connection, graceMs);
    }
    const grace = deferred<void>();
    const callOff = after(graceMs, grace.resolve);
    this.#tellClosers();
    await Promise.race([this.#allEnded.promise, grace.promise]);
    callOff();
    for (const connection of this.#connections.values()) {
      connection.abort(
        new NetError(
          "CONNECTION_CLOSED",
          `The server closed before the connection ended: ${graceMs} ms have passed (graceMs)`,
          { limit: "graceMs" },
        ),
      );
    }
    this.#isClosed = true;
    this.#settleClosed();
  }

  #report(error: unknown, peer: Address): void {
    tell(this.#settings, error, peer);
  }

  #reportHandler(error: unknown, connection: ServerConnection<In, Out>): void {
    const { remoteAddress } = connection;
    const refusal = this.#protocol.refusal?.(error);
    const isOfPeer = refusal !== undefined || connection.failedWith(error);
    if (refusal !== undefined) {
      this.#counters.refuse(error, remoteAddress, refusal);
    } else if (!isOfPeer) this.#counters.fail(connection);
    // By default, errors of the peer and the network are not reported.
    if (this.#settings.onError === undefined && isOfPeer) return;
    this.#report(error, remoteAddress);
  }
}
