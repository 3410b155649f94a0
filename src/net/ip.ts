import { uint } from "./bytes.ts";

/** What IPv4 addresses begin with in IPv6 (RFC 4291, section 2.5.5.2). */
const IPV4_IN_IPV6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/**
 * Reads an IP address, with its zone or without.
 *
 * @returns Its 4 or 16 bytes, 4 of an IPv4 address in IPv6; `undefined` if it is none.
 */
export function parseIp(text: string): Uint8Array | undefined {
  const [plain = ""] = text.split("%");
  if (!plain.includes(":")) return parseIpv4(plain);
  const halves = plain.split("::")
    .map((half, i, all) => readWords(half, i === all.length - 1));
  const [front, back] = halves;
  if (front === undefined || halves.length > 2) return undefined;
  if (halves.length === 1) return fromWords(front);
  const zeros = back === undefined ? 0 : 8 - front.length - back.length;
  if (back === undefined || zeros < 1) return undefined;
  return fromWords([...front, ...new Array<number>(zeros).fill(0), ...back]);
}

/** The 4 bytes of an IPv4 address that 16 bytes hold; else the bytes. */
export function withoutPrefix(ip: Uint8Array): Uint8Array {
  const isIpv4 = ip.length === 16 &&
    IPV4_IN_IPV6.every((byte, i) => ip[i] === byte);
  return isIpv4 ? ip.slice(12) : ip;
}

/** Writes an IP address of 4 or 16 bytes as everybody does (RFC 5952). */
export function formatIp(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join(".");
  const words = Array.from(
    { length: 8 },
    (_, i) => uint(ip, 2 * i, 2).toString(16),
  );
  // The longest run of zeros is left out, where it is longer than one.
  let [start, length] = [0, 1];
  for (let i = 0; i < 8; i++) {
    let zeros = 0;
    while (words[i + zeros] === "0") zeros++;
    if (zeros > length) [start, length] = [i, zeros];
  }
  if (length === 1) return words.join(":");
  const [front, back] = [words.slice(0, start), words.slice(start + length)];
  return `${front.join(":")}::${back.join(":")}`;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const isIpv4 = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  return isIpv4 ? Uint8Array.from(parts, Number) : undefined;
}

/** The words of a half of an IPv6 address. The last two of all can be IPv4. */
function readWords(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const words: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const mayBeIpv4 = isLast && i === parts.length - 1;
    const ipv4 = mayBeIpv4 ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) words.push(uint(ipv4, 0, 2), uint(ipv4, 2, 2));
    else if (/^[\da-f]{1,4}$/i.test(part)) {
      words.push(Number.parseInt(part, 16));
    } else return undefined;
  }
  return words;
}

function fromWords(words: readonly number[]): Uint8Array | undefined {
  if (words.length !== 8) return undefined;
  return withoutPrefix(
    Uint8Array.from(words.flatMap((word) => [word >> 8, word & 255])),
  );
}
