import type { Address } from "../net/address.ts";

/** The prefix of IPv4 addresses in IPv6 (RFC 4291), and that of translators (RFC 6052). */
const OF_IPV4 = ["0:0:0:0:0:ffff", "64:ff9b:0:0:0:0"];

/**
 * What counts as one client where clients are limited by address: an IPv4 address; of
 * an IPv6 address its first 64 bits, since a subscriber has at least so many addresses
 * (RFC 6177); `undefined` where clients have no address, as on a Unix socket.
 */
export function clientGroup(address: Address): string | undefined {
  if (address.transport === "memory") return address.name;
  if (!("hostname" in address) || address.hostname === "") return undefined;
  const { hostname } = address;
  if (!hostname.includes(":")) return hostname;
  const words = wordsOf(hostname);
  return OF_IPV4.includes(words.slice(0, 6).join(":"))
    ? dotted(words[6]!, words[7]!)
    : `${words.slice(0, 4).join(":")}::/64`;
}

/** The eight words of an IPv6 address, in hexadecimal without leading zeros. */
function wordsOf(ip: string): readonly string[] {
  const [plain] = ip.toLowerCase().split("%");
  const [front, back] = plain!.split("::");
  const first = readWords(front!);
  const last = readWords(back ?? "");
  const zeros = Math.max(0, 8 - first.length - last.length);
  return [...first, ...new Array<string>(zeros).fill("0"), ...last];
}

function readWords(text: string): string[] {
  if (text === "") return [];
  return text.split(":").flatMap((word) => {
    if (!word.includes(".")) return [Number.parseInt(word, 16).toString(16)];
    const [a = 0, b = 0, c = 0, d = 0] = word.split(".").map(Number);
    return [(a * 256 + b).toString(16), (c * 256 + d).toString(16)];
  });
}

function dotted(high: string, low: string): string {
  return [high, low].flatMap((word) => {
    const value = Number.parseInt(word, 16);
    return [value >> 8, value & 255];
  }).join(".");
}
