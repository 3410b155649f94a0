/** How many bytes `String.fromCharCode` gets at a time: it takes some arguments only. */
const CHARACTERS_AT_ONCE = 8_192;

/** Bytes in Base64. */
export function base64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_AT_ONCE) {
    const part = bytes.subarray(at, at + CHARACTERS_AT_ONCE);
    characters += String.fromCharCode(...part);
  }
  return btoa(characters);
}

/** The bytes of a text in Base64; `undefined` where it is none. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
