/// <reference lib="webworker" />
import { unpack } from "./unpack.ts";

/** Unpacks the programs: that takes too long for the page itself. */
onmessage = ({ data: [text, length] }: MessageEvent<[string, number]>) => {
  const packed = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  postMessage(new TextDecoder().decode(unpack(packed, length)));
};
