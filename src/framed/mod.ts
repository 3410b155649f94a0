/**
 * Frames over connections and other pairs of Web Streams, and over datagrams.
 *
 * @module
 */
export { type Detached, Framed, framed, FramedConnection } from "./framed.ts";
export {
  type FramedDatagram,
  type FramedDatagramOptions,
  FramedDatagrams,
  framedDatagrams,
} from "./framed_datagrams.ts";
export type { ByteDuplex } from "../net/adapters/streams.ts";
export * from "./types.ts";
