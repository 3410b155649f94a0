import type { CloseInfo } from "./types.ts";

/** The owner of a `Channel`: a link, or a pair of Web Streams. */
export interface ChannelUser {
  /** Takes bytes that arrived. */
  data(chunk: Uint8Array): void;
  /** The peer has closed its side: no more bytes come. */
  end(): void;
  /** The channel is being closed and discards the bytes that still arrive. */
  cut(): void;
  /** The connection has ended. This is called once, as the last method. */
  closed(info: CloseInfo): void;
  /** Refuses further sends; settles when everything sent before is written. */
  finish(): Promise<void>;
}
