/** What a link keeps of the page. */
export interface Linked {
  readonly expression: string;
  readonly cuts: readonly number[];
  /** The number of the example that the bytes are of; 0 if they are of none. */
  readonly example: number;
  readonly tab: "decode" | "live";
  /** The address of a live connection. */
  readonly address: string;
  /** The bytes, where they are in the link. */
  readonly bytes?: Uint8Array;
}

/** Writes a hash, without the `#`. */
export function printLink(link: Linked): string {
  const { expression, cuts, example, tab, address, bytes } = link;
  const parts = [`f=${encodeURIComponent(expression.toWellFormed())}`];
  if (cuts.length > 0) {
    parts.push(
      `c=${
        cuts.map((at, i) => (at - (cuts[i - 1] ?? 0)).toString(36)).join(".")
      }`,
    );
  }
  if (example > 0) parts.push(`e=${example}`);
  if (tab === "live") parts.push("t=live");
  if (address !== "") {
    parts.push(`a=${encodeURIComponent(address.toWellFormed())}`);
  }
  if (bytes !== undefined) parts.push(`b=${base64Url(bytes)}`);
  return parts.join("&");
}

/** Reads a hash; what cannot be read is left out. `undefined` if it is no link. */
export function parseLink(hash: string): Linked | undefined {
  const parts = new Map(
    hash.replace(/^#/, "").split("&").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, Math.max(0, at)), part.slice(at + 1)];
    }),
  );
  const expression = parts.get("f");
  if (expression === undefined) return undefined;
  const bytes = bytesOf(parts.get("b"));
  return {
    expression: decoded(expression),
    cuts: cutsOf(parts.get("c")),
    example: Math.max(0, Math.trunc(Number(parts.get("e"))) || 0),
    tab: parts.get("t") === "live" ? "live" : "decode",
    address: decoded(parts.get("a") ?? ""),
    ...(bytes !== undefined && { bytes }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A link that was cut off.
    if (error instanceof URIError) return text;
    throw error;
  }
}

/** Cuts as differences. */
function cutsOf(text: string | undefined): number[] {
  if (!text) return [];
  const cuts: number[] = [];
  let at = 0;
  for (const part of text.split(".")) {
    const step = /^[\da-z]{1,6}$/.test(part) ? parseInt(part, 36) : 0;
    if (step > 0) cuts.push(at += step);
  }
  return cuts;
}

function base64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || !/^[\w-]*$/.test(text) || text.length % 4 === 1) {
    return undefined;
  }
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}
