import type { OptionKinds } from "../checks.ts";
import type { DatagramOptions, ReceiveOptions } from "./datagram_types.ts";
import type {
  ConnectOptions,
  ListenOptions,
  ProxyProtocolListenOptions,
  TcpListenOptions,
  TcpOptions,
  TlsListenOptions,
  WebSocketListenOptions,
} from "./types.ts";

/** Those of the options of TCP. */
export const tcpKinds: OptionKinds<TcpOptions> = {
  noDelay: "boolean",
  keepAlive: "checked",
};

/** Those of the options of `connect`. */
export const connectKinds: OptionKinds<ConnectOptions> = {
  timeoutMs: "checked",
  signal: "signal",
  tls: "checked",
  webSocket: "checked",
  ...tcpKinds,
};

/** The options of `listen` that are for the connections. */
export type AcceptOptions =
  & TcpListenOptions
  & TlsListenOptions
  & WebSocketListenOptions
  & ProxyProtocolListenOptions;

/** Those of the options of `listen` that are for the connections. */
export const acceptKinds: OptionKinds<AcceptOptions> = {
  tls: "checked",
  webSocket: "checked",
  proxyProtocol: "checked",
  handshakeTimeoutMs: "checked",
  reusePort: "boolean",
  ...tcpKinds,
};

/** Those of the options of `listen`. */
export const listenKinds: OptionKinds<ListenOptions> = {
  signal: "signal",
  onError: "function",
  ...acceptKinds,
};

/** Those of the options of `bindDatagram`. */
export const datagramKinds: OptionKinds<DatagramOptions> = {
  maxReceiveBuffer: "checked",
  signal: "signal",
};

/** Those of the options of `DatagramSocket.receive`. */
export const receiveKinds: OptionKinds<ReceiveOptions> = { signal: "signal" };
