/** The cost of every frame besides its length. */
const BASE_BYTES = 64;

/**
 * Estimates the memory of a frame, for high-water marks. Bytes and strings count with
 * their length; the size of other values is not known.
 */
export function measure(frame: unknown): number {
  if (typeof frame === "string") return BASE_BYTES + frame.length;
  if (ArrayBuffer.isView(frame)) return BASE_BYTES + frame.byteLength;
  return BASE_BYTES;
}
