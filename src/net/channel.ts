import {
  CLOSE_TIMEOUT_MS,
  LINGER_MS,
  RECEIVE_HIGH_WATER_MARK,
} from "../defaults.ts";
import type { Address } from "./address.ts";
import type { ChannelUser } from "./channel_user.ts";
import { deferred } from "./deferred.ts";
import { DetachedTransport } from "./detached_transport.ts";
import { NetError } from "./errors.ts";
import { type Ticker, tickerFor, type Timed } from "./ticker.ts";
import type { TlsInfo } from "./tls_types.ts";
import type { Transport, TransportSink } from "./transport.ts";
import type { CloseInfo } from "./types.ts";

/** What is laid over the transport of a channel, such as TLS. */
export interface Overlay {
  /** Is told what the transport says from now on. */
  readonly below: TransportSink;
  /** The transport that takes its place. */
  readonly above: Promise<Transport>;
}

/**
 * A transport and the rules by which a connection ends. Each way to end has one
 * row:
 *
 * | what happens | the peer is sent | the user is told before `closed` | `closed` |
 * | --- | --- | --- | --- |
 * | the peer's FIN, then `closeWrite` | what was given, FIN | `end` | `remote` |
 * | `closeWrite`, then the peer's FIN | what was given, FIN | `end` | `local` |
 * | `close`, and the peer's FIN | what was given, FIN | `end` | as above |
 * | `close`, and the peer is silent for 2 s | what was given, FIN | `cut` | `local` |
 * | `close`, and the peer goes on sending for `closeTimeoutMs` | what was given, FIN, reset | nothing | `local`, `TIMED_OUT` |
 * | `close`, and the peer takes nothing for `closeTimeoutMs` | reset | nothing | `local`, `TIMED_OUT` |
 * | `abort` | reset | nothing | `local`, the reason |
 * | the peer's reset | nothing | `data` that arrived | `remote`, `CONNECTION_RESET` |
 * | the network broke | nothing | `data` that arrived | `failure`, the error |
 *
 * The channel opens its transport at once, so it notices that the peer has left
 * even where nobody reads. Until there is a user, it keeps the bytes that arrive,
 * and pauses the transport above 64 KiB.
 */
export class Channel implements TransportSink, Timed {
  /** How long a close may go on without progress, in milliseconds. */
  closeTimeoutMs: number = CLOSE_TIMEOUT_MS;

  #transport: Transport;
  #user: ChannelUser | undefined;
  /** What arrived before there was a user. */
  #early: Uint8Array[] | undefined;
  #earlyBytes = 0;
  #paused = false;
  /** Whether the peer's FIN has arrived. */
  #readEnded = false;
  /** Who is told what the transport says while another one is laid over it. */
  #below: TransportSink | undefined;
  /** Settles when the other one has taken its place, and never rejects. */
  #upgrading: Promise<void> | undefined;
  /** Whether the bytes that arrive are discarded. */
  #discards = false;
  #firstToEnd: "local" | "remote" = "local";
  #writeState: "open" | "ending" | "ended" = "open";
  #closingWrite: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #ticker: Ticker | undefined;
  /**
   * During a close: how long the peer has taken no bytes or, after our FIN, how
   * long the channel has waited for the peer's.
   */
  #stuckMs = 0;
  #silentMs = 0;
  #takenBefore = 0;
  /** The error of the format for which the user has given up the connection. */
  #noted: unknown;
  #info: CloseInfo | undefined;
  #closed: Promise<CloseInfo> | undefined;
  #settleClosed: ((info: CloseInfo) => void) | undefined;
  #onClosed: ((info: CloseInfo) => void) | undefined;

  /** Opens a transport, which belongs to the channel from then on. */
  constructor(transport: Transport) {
    this.#transport = transport;
    transport.open(this);
  }

  get localAddress(): Address {
    return this.#transport.localAddress;
  }

  get remoteAddress(): Address {
    return this.#transport.remoteAddress;
  }

  get tls(): TlsInfo | undefined {
    return this.#transport.tls;
  }

  /** Settles once when it has ended, and never rejects. */
  get closed(): Promise<CloseInfo> {
    // Most programs never read `closed`, so the promise is made on demand.
    if (this.#closed === undefined) {
      const { promise, resolve } = deferred<CloseInfo>();
      this.#closed = promise;
      if (this.#info === undefined) this.#settleClosed = resolve;
      else resolve(this.#info);
    }
    return this.#closed;
  }

  /**
   * Calls a function, only one for each channel, in a microtask when it has ended: a
   * server that waited for `closed` would hold twice the memory for each connection.
   */
  whenClosed(run: (info: CloseInfo) => void): void {
    this.#onClosed = run;
    if (this.#info !== undefined) this.#tellClosed(this.#info);
  }

  /** How it ended, once it has. */
  get info(): CloseInfo | undefined {
    return this.#info;
  }

  /** Whether its user holds the peer back. */
  get paused(): boolean {
    return this.#paused;
  }

  /** How many bytes the system has taken. */
  get bytesTaken(): number {
    return this.#transport.bytesTaken;
  }

  /**
   * Sets the user, who gets the bytes kept so far and all that follow.
   *
   * @throws {TypeError} If there is one already.
   */
  use(user: ChannelUser): void {
    if (this.#user !== undefined) {
      throw new TypeError("Cannot use the connection: it is in use already");
    }
    this.#user = user;
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#earlyBytes = 0;
    for (const chunk of early) user.data(chunk);
    // The user has sent nothing yet, so there is no write that could fail.
    if (this.#closingWrite !== undefined) void user.finish();
    const isCut = this.#discards ||
      (this.#info !== undefined && this.#info.error === undefined);
    if (this.#readEnded) user.end();
    else if (isCut) user.cut();
    if (this.#info === undefined) this.resume();
    else user.closed(this.#info);
  }

  /** Removes the user, and returns the connection as a transport for another. */
  detach(): Transport {
    this.#user = undefined;
    return new DetachedTransport(this);
  }

  /**
   * Lays another transport over this one, such as one with TLS. From now on, what
   * arrives is for the other one; nothing may be written until it is there. Where
   * that fails, the connection has failed.
   *
   * @param lay Lays it over the transport. It first writes what was to be written.
   */
  async upgrade(lay: (transport: Transport) => Overlay): Promise<void> {
    const { below, above } = lay(this.#transport);
    this.#below = below;
    // Until the other one reads.
    this.#transport.pause();
    this.#upgrading = above.then(() => undefined, () => undefined);
    try {
      const transport = await above;
      if (this.#info !== undefined) throw this.#info.error;
      this.#transport = transport;
      transport.open({
        data: (chunk) => this.#take(chunk),
        end: () => this.#end(),
        fail: (error) => this.#fail(error),
      });
      if (this.#paused) transport.pause();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  data(chunk: Uint8Array): void {
    if (this.#below !== undefined) this.#below.data(chunk);
    else this.#take(chunk);
  }

  end(): void {
    if (this.#below !== undefined) this.#below.end();
    else this.#end();
  }

  fail(error: unknown): void {
    if (this.#below !== undefined) this.#below.fail(error);
    else this.#fail(error);
  }

  #take(chunk: Uint8Array): void {
    this.#silentMs = 0;
    if (this.#discards) return;
    const user = this.#user;
    if (user !== undefined) return user.data(chunk);
    (this.#early ??= []).push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > RECEIVE_HIGH_WATER_MARK) this.pause();
  }

  #end(): void {
    this.#readEnded = true;
    if (this.#writeState === "open") this.#firstToEnd = "remote";
    if (!this.#discards) this.#user?.end();
    if (this.#writeState === "ended") this.#finish({ by: this.#firstToEnd });
  }

  #fail(error: unknown): void {
    const isOfPeer = error instanceof NetError &&
      (error.code === "CONNECTION_RESET" || error.code === "WS_CLOSED");
    this.#finish({ by: isOfPeer ? "remote" : "failure", error });
  }

  /** Pauses the transport. During a close, discards incoming bytes instead. */
  pause(): void {
    if (this.#closing !== undefined) return this.discard();
    if (this.#paused || this.#info !== undefined) return;
    this.#paused = true;
    this.#transport.pause();
  }

  resume(): void {
    if (!this.#paused || this.#info !== undefined) return;
    this.#paused = false;
    this.#transport.resume();
  }

  /**
   * Discards the bytes that arrive from now on. They are still read: if a socket
   * is closed with unread bytes, the system sends a reset, and the peer loses what
   * was written to it.
   */
  discard(): void {
    if (this.#discards) return;
    this.#discards = true;
    this.#early = undefined;
    if (!this.#readEnded) this.#user?.cut();
    this.resume();
  }

  /** Stops reading. If this side is closed for writing too, the channel closes. */
  cancelRead(): void {
    this.discard();
    if (this.#writeState !== "open") void this.close();
  }

  /** Like `Transport.write`. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#info !== undefined || this.#writeState !== "open") {
      return Promise.reject(this.#info?.error ?? writeClosedError());
    }
    return this.#transport.write(bytes);
  }

  /** Half-close: sends the FIN after everything that the user has taken. */
  closeWrite(): Promise<void> {
    return this.#closingWrite ??= this.#closeWrite();
  }

  /** Closes in good order. `closed` tells whether that succeeded. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Ends the connection now, with a reset where the transport has one. */
  abort(reason?: unknown): void {
    const error = reason ??
      new NetError("CONNECTION_CLOSED", "The connection was aborted");
    this.#finish({ by: "local", error });
  }

  /** Sets the error that `closed` reports if the connection itself ends cleanly. */
  note(error: unknown): void {
    this.#noted ??= error;
  }

  /** Closes the transport without waiting for the peer. */
  release(): void {
    this.#finish({ by: "local" });
  }

  tick(ms: number): void {
    this.#silentMs += ms;
    this.#stuckMs += ms;
    const limit = this.closeTimeoutMs;
    if (this.#writeState === "ended") {
      if (this.#silentMs > Math.min(LINGER_MS, limit)) {
        this.#finish({ by: this.#firstToEnd });
      } else if (this.#stuckMs > limit) {
        this.abort(closeError(`went on sending for ${limit} ms`));
      }
      return;
    }
    const taken = this.bytesTaken;
    if (taken !== this.#takenBefore) this.#stuckMs = 0;
    this.#takenBefore = taken;
    if (this.#stuckMs > limit) {
      this.abort(closeError(`took none of our bytes for ${limit} ms`));
    }
  }

  async #closeWrite(): Promise<void> {
    await this.#user?.finish();
    await this.#upgrading;
    if (this.#info === undefined) {
      this.#writeState = "ending";
      try {
        await this.#transport.closeWrite();
      } catch (error) {
        this.#fail(error);
      }
    }
    if (this.#info !== undefined) {
      if (this.#info.error !== undefined) throw this.#info.error;
      return;
    }
    this.#writeState = "ended";
    this.#stuckMs = this.#silentMs = 0;
    if (this.#readEnded) this.#finish({ by: this.#firstToEnd });
    else if (this.#discards) void this.close();
  }

  #close(): Promise<void> {
    if (this.#info !== undefined) return Promise.resolve();
    this.#ticker = tickerFor(Math.min(LINGER_MS, this.closeTimeoutMs));
    this.#ticker.add(this);
    if (this.#paused) this.discard();
    this.closeWrite().catch((error) => this.#fail(error));
    return this.closed.then(() => undefined);
  }

  /** Releases the transport and reports the end. Only the first call counts. */
  #finish(info: CloseInfo): void {
    if (this.#info !== undefined) return;
    const noted = info.error === undefined && this.#noted !== undefined;
    this.#info = noted ? { by: info.by, error: this.#noted } : info;
    this.#ticker?.delete(this);
    // What arrived before the peer's reset is there for a user to come.
    if (info.by === "local" && info.error !== undefined) {
      this.#early = undefined;
    }
    if (info.error === undefined) {
      this.#transport.close();
      if (!this.#readEnded && !this.#discards) this.#user?.cut();
    } else this.#transport.abort();
    // The one that is being laid over it does not wait for it in vain.
    this.#below?.fail(info.error ?? writeClosedError());
    this.#user?.closed(info);
    this.#tellClosed(this.#info);
    this.#settleClosed?.(this.#info);
  }

  #tellClosed(info: CloseInfo): void {
    const run = this.#onClosed;
    if (run !== undefined) queueMicrotask(() => run(info));
  }
}

/** The error of a send after this side was closed. */
export function writeClosedError(): NetError {
  return new NetError(
    "CONNECTION_CLOSED",
    "Cannot send: this side of the connection is closed",
  );
}

function closeError(what: string): NetError {
  return new NetError(
    "TIMED_OUT",
    `The peer ${what} while the connection was being closed (closeTimeoutMs): what was sent last may not have arrived`,
    { limit: "closeTimeoutMs" },
  );
}
