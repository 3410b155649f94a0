/**
 * Frames over connections and other pairs of Web Streams, and over datagrams.
 *
 * @module
 */
export { Framed, framed, FramedConnection } from "./framed.ts";
export {
  type FramedDatagram,
  type FramedDatagramOptions,
  FramedDatagrams,
  framedDatagrams,
} from "./framed_datagrams.ts";
export type { ByteDuplex } from "./stream_channel.ts";
export * from "./types.ts";
