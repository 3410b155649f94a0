const SMALLEST = 256;
const LARGEST = 262_144;
/** The maximum number of bytes of free buffers: 4 MiB. */
const MOST_FREE_BYTES = 4_194_304;

/**
 * The free buffers, filled with zeros: one list for each power of two from
 * `SMALLEST` to `LARGEST`. They are shared by all links, so that a busy one
 * allocates nothing and an idle one holds nothing.
 */
const freeBuffers: Uint8Array<ArrayBuffer>[][] = [];
let freeBytes = 0;

/** Returns a buffer of zeros of at least `length` bytes. */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  if (length > LARGEST) return new Uint8Array(length);
  const index = sizeClass(length);
  const buffer = freeBuffers[index]?.pop();
  if (buffer === undefined) return new Uint8Array(SMALLEST << index);
  freeBytes -= buffer.length;
  return buffer;
}

/**
 * Gives back what {@linkcode allocate} returned, once. The caller must know that
 * nobody reads or writes it any more. The first `used` bytes, which were written
 * to, are filled with zeros, so that no other connection can see them.
 */
export function release(buffer: Uint8Array<ArrayBuffer>, used: number): void {
  const { length } = buffer;
  // Larger ones are not kept; a transferred one has no bytes left.
  if (length < SMALLEST || length > LARGEST) return;
  if (freeBytes + length > MOST_FREE_BYTES) return;
  buffer.fill(0, 0, used);
  freeBytes += length;
  (freeBuffers[sizeClass(length)] ??= []).push(buffer);
}

/** The index of the smallest power of two that holds `length` bytes. */
function sizeClass(length: number): number {
  return length <= SMALLEST ? 0 : 24 - Math.clz32(length - 1);
}
