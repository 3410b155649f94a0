/** The alphabet of RFC 4648, section 4, as bytes of ASCII. */
const ALPHABET = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PADDING = 0x3d;

const decoder = new TextDecoder();

/** Bytes in Base64 (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  // `btoa` takes a string, which would have to be made of each byte first.
  const written = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  const rest = bytes.length % 3;
  const whole = bytes.length - rest;
  let to = 0;
  for (let at = 0; at < whole; at += 3) {
    const group = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    written[to++] = ALPHABET[group >> 18]!;
    written[to++] = ALPHABET[group >> 12 & 63]!;
    written[to++] = ALPHABET[group >> 6 & 63]!;
    written[to++] = ALPHABET[group & 63]!;
  }
  if (rest > 0) {
    const group = bytes[whole]! << 16 | (bytes[whole + 1] ?? 0) << 8;
    written[to++] = ALPHABET[group >> 18]!;
    written[to++] = ALPHABET[group >> 12 & 63]!;
    written[to++] = rest === 2 ? ALPHABET[group >> 6 & 63]! : PADDING;
    written[to++] = PADDING;
  }
  return decoder.decode(written);
}

/** The bytes of a text in Base64; `undefined` where it is none. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  let characters: string;
  try {
    characters = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
