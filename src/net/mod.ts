/**
 * Byte streams and datagrams between processes: addresses, connections,
 * listeners, datagram sockets. The one place where the runtimes differ.
 *
 * @module
 */
export * from "./address.ts";
export { connect } from "./connect.ts";
export { bindDatagram } from "./datagram.ts";
export type * from "./datagram_types.ts";
export * from "./errors.ts";
export { listen } from "./listen.ts";
export { parseAddress } from "./parse_address.ts";
export type * from "./tls_types.ts";
export type { Transport, TransportSink } from "./transport.ts";
export type * from "./types.ts";
export type { UdpAddressLike } from "./udp_address.ts";
export type * from "./websocket_types.ts";
