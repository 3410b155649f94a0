/**
 * Frames over connections and other pairs of Web Streams, and over datagrams.
 *
 * @module
 */
export { closeReason } from "./close_reason.ts";
export { type Detached, Framed } from "./framed.ts";
export { framed, FramedConnection } from "./framed_connection.ts";
export {
  type FramedDatagram,
  type FramedDatagramOptions,
  FramedDatagrams,
  framedDatagrams,
} from "./framed_datagrams.ts";
export { handshake, type HandshakeOptions } from "./handshake.ts";
export type { HeartbeatOptions } from "./heartbeat.ts";
export type {
  Observe,
  ObservedEvent,
  ObserveOptions,
  RequestOutcome,
} from "./observe.ts";
export type { ConnectionStats } from "./stats.ts";
export type { ByteDuplex } from "../net/adapters/streams.ts";
export * from "./types.ts";
