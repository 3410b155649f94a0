/** How frames are written, with `--in` and `--out`. */
export const notations = [
  "text",
  "lines",
  "json",
  "hex",
  "base64",
  "raw",
  "nul",
  "frames",
] as const;

/**
 * One of them:
 *
 * | notation | written | read |
 * | --- | --- | --- |
 * | `text` | frames as text, with nothing between | the whole input is one frame |
 * | `lines` | one frame a line, as text | the same |
 * | `json` | one JSON value a line | the same |
 * | `hex`, `base64` | one frame a line, its bytes | the same |
 * | `raw` | the bytes of frames, with nothing between | the whole input is one frame |
 * | `nul` | the bytes of frames, a NUL behind each | the same |
 * | `frames` | the JSON Lines of recordings: bytes as they were on the wire | the same |
 */
export type Notation = typeof notations[number];
