/** From how many bytes on they are masked in words. */
const LEAST_FOR_WORDS = 32;

/** How many keys are made at once: a call for each costs more than the masking. */
const KEYS = 1_024;

// For a key as a word, in the byte order of this machine.
const keyBytes = new Uint8Array(4);
const keyWord = new Uint32Array(keyBytes.buffer);

const keys = new Uint8Array(4 * KEYS);
let used = keys.length;

/** Makes a masking key (RFC 6455, section 5.3), which cannot be foreseen. */
export function newKey(): Uint8Array {
  if (used === keys.length) {
    crypto.getRandomValues(keys);
    used = 0;
  }
  return keys.slice(used, used += 4);
}

/**
 * Masks bytes in place, or unmasks them, which is the same.
 *
 * @param phase How many bytes of the payload are before them.
 */
export function mask(bytes: Uint8Array, key: Uint8Array, phase: number): void {
  const { length } = bytes;
  let at = 0;
  if (length >= LEAST_FOR_WORDS) {
    const lead = -bytes.byteOffset & 3;
    maskBytes(bytes, key, phase, 0, lead);
    for (let i = 0; i < 4; i++) keyBytes[i] = key[(phase + lead + i) & 3]!;
    const word = keyWord[0]!;
    const start = bytes.byteOffset + lead;
    const words = new Uint32Array(bytes.buffer, start, (length - lead) >> 2);
    for (let i = 0; i < words.length; i++) words[i]! ^= word;
    at = lead + 4 * words.length;
  }
  maskBytes(bytes, key, phase, at, length);
}

function maskBytes(
  bytes: Uint8Array,
  key: Uint8Array,
  phase: number,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) bytes[i]! ^= key[(phase + i) & 3]!;
}
