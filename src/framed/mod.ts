/**
 * Frames over connections and other pairs of Web Streams, and over datagrams.
 *
 * @module
 */
export { type Detached, Framed } from "./framed.ts";
export { framed, FramedConnection } from "./framed_connection.ts";
export {
  type FramedDatagram,
  type FramedDatagramOptions,
  FramedDatagrams,
  framedDatagrams,
} from "./framed_datagrams.ts";
export type { HeartbeatOptions } from "./heartbeat.ts";
export type { ByteDuplex } from "../net/adapters/streams.ts";
export * from "./types.ts";
