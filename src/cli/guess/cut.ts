import { FrameError } from "../../codec/errors.ts";
import type { Codec } from "../../codec/types.ts";
import type { Sample } from "./types.ts";

/** What a codec makes of streams. */
export interface Cut {
  readonly frames: number;
  /** How many bytes are in whole frames. */
  readonly explained: number;
  readonly left: number;
  readonly values: readonly unknown[];
  /** Where each frame begins and ends, a stream after the other. */
  readonly places: readonly FramePlace[];
}

/** The place of a frame. */
export interface FramePlace {
  readonly stream: number;
  readonly start: number;
  readonly end: number;
}

/** Decodes streams. It returns `undefined` if one of them is not of that format. */
export function cutAll(
  codec: Codec<unknown>,
  streams: readonly Sample[],
): Cut | undefined {
  const values: unknown[] = [];
  const places: FramePlace[] = [];
  let explained = 0;
  let left = 0;
  for (const [stream, { bytes, ended }] of streams.entries()) {
    const decoder = codec.decoder();
    decoder.push(bytes);
    let end = 0;
    const take = (): boolean => {
      const value = decoder.next();
      if (value === undefined) return false;
      values.push(value);
      end = bytes.length - decoder.bufferedBytes;
      places.push({ stream, start: decoder.frameOffset, end });
      return true;
    };
    try {
      while (take());
      if (ended) {
        decoder.end();
        while (take());
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // A frame may be cut off at the end, and only there.
      if (error.code !== "FRAME_TRUNCATED") return undefined;
    }
    explained += end;
    left += bytes.length - end;
  }
  return { frames: values.length, explained, left, values, places };
}
