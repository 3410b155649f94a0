/**
 * Frames over connections and other pairs of Web Streams.
 *
 * @module
 */
export {
  Framed,
  framed,
  FramedConnection,
  type FramedOptions,
} from "./framed.ts";
export type { ByteDuplex } from "./stream_channel.ts";
