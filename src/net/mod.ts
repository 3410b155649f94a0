/**
 * Byte streams and datagrams between processes: addresses, connections,
 * listeners, datagram sockets. The one place where the runtimes differ.
 *
 * @module
 */
export * from "./address.ts";
export { connect } from "./connect.ts";
export {
  bindDatagram,
  type Datagram,
  type DatagramOptions,
  type DatagramSocket,
  type ReceiveOptions,
  type UdpAddressLike,
} from "./datagram.ts";
export * from "./errors.ts";
export { listen } from "./listen.ts";
export type * from "./types.ts";
