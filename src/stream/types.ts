/**
 * Options of the streams of frames.
 *
 * @typeParam Batches Whether a chunk is an array of frames.
 */
export interface FrameStreamOptions<Batches extends boolean = boolean> {
  /**
   * Whether a chunk of the stream is an array of frames. To pass a chunk on costs a
   * Web Stream several times as much as it costs to decode a small frame. With
   * batches, that cost occurs once for all frames that arrive together.
   *
   * ```text
   * bytes   "one\ntwo\n"  "three\n"
   * false   "one"  "two"  "three"
   * true    ["one", "two"]  ["three"]
   * ```
   *
   * @default {false}
   */
  batches?: Batches;
}

/** A chunk of a stream of frames: a frame, or an array of frames. */
export type FrameChunk<Frame, Batches extends boolean> = Batches extends true
  ? Frame[]
  : Frame;
