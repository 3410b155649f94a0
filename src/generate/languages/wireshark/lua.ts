/** The name of a protocol, a file or a field for a name in PascalCase. */
export function lowerCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}

/** Bytes as a string of Lua. */
export function luaString(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    if (/["\\]/.test(character)) return `\\${character}`;
    return byte >= 0x20 && byte < 0x7f
      ? character
      : `\\x${byte.toString(16).padStart(2, "0")}`;
  }).join("");
  return `"${text}"`;
}

/** The code for a frame that is over the limit, whose length is in \`length\`. */
export function refusal(
  reason: string,
  skips: boolean,
  length: string,
): string {
  // What cannot be skipped ends the stream: nothing behind it is known.
  const count = skips ? length : "#bytes - at";
  return `return ${count}, { { "skipped", ${count} } }, ${reason}`;
}

/** What each function that splits frames says of itself. */
export const SPLITS = `\
-- Splits the frame that begins behind the first "at" bytes into its parts, each a
-- field, its number of bytes, and its value where it is no bytes. Returns how many
-- bytes the frame has, its parts, and what is wrong with it. Where it is not whole, it
-- returns nil, and how many bytes are missing, where that is known.`;
