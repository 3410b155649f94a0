import type { Address } from "./address.ts";
import type { TcpSettings } from "./tcp_settings.ts";
import type { Transport } from "./transport.ts";

/** The settings of a connection that is made. */
export interface ConnectSettings extends TcpSettings {
  readonly signal: AbortSignal;
}

/** The settings of a listening socket and of the connections that it accepts. */
export interface ListenSettings extends TcpSettings {
  readonly reusePort: boolean;
}

/** A listening socket of a runtime. */
export interface Acceptor {
  /** Where it listens: with the port that was really taken. */
  readonly address: Address;
  /**
   * Stops listening. Connections that were accepted live on. Resolves when the
   * runtime has released the socket and removed its file. Called once.
   */
  close(): Promise<void>;
}

/**
 * The sockets of a runtime; there is one object of this type for each runtime. An
 * adapter rejects with a `TypeError` for settings that its runtime cannot honour.
 * Settings other than the defaults are given for TCP addresses only.
 */
export interface Adapter {
  /**
   * Connects. When `signal` aborts, the adapter stops connecting, closes what it
   * has opened, and rejects with `signal.reason`.
   */
  connect(to: Address, settings: ConnectSettings): Promise<Transport>;
  /**
   * Listens.
   *
   * @param at Where to listen.
   * @param settings The settings of the socket and of the connections accepted.
   * @param accept Takes each new connection. It does not throw.
   * @param alarm Is called when no connection can be accepted because the
   * descriptors have run out, and then when accepting works again. It does not throw.
   */
  listen(
    at: Address,
    settings: ListenSettings,
    accept: (transport: Transport) => void,
    alarm: (error: unknown) => void,
  ): Promise<Acceptor>;
}
