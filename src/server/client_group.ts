import type { Address } from "../net/address.ts";
import { formatIp, parseIp } from "../net/ip.ts";

/** What IPv4 addresses begin with behind a translator, `64:ff9b::/96` (RFC 6052). */
const TRANSLATED = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

/**
 * What counts as one client where clients are limited by address: an IPv4 address; of
 * an IPv6 address its first 64 bits, since a subscriber has at least so many addresses
 * (RFC 6177); `undefined` where clients have no address, as on a Unix socket.
 */
export function clientGroup(address: Address): string | undefined {
  if (address.transport === "memory") return address.name;
  if (!("hostname" in address) || address.hostname === "") return undefined;
  const ip = parseIp(address.hostname);
  if (ip === undefined) return address.hostname;
  if (ip.length === 4) return formatIp(ip);
  if (TRANSLATED.every((byte, i) => ip[i] === byte)) {
    return formatIp(ip.subarray(12));
  }
  return `${formatIp(ip.fill(0, 8))}/64`;
}
