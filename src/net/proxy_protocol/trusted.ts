import { shown } from "../../checks.ts";
import type { Address } from "../address.ts";
import { parseIp } from "../ip.ts";

/** The addresses that have their first bits in common with one. */
interface Range {
  readonly ip: Uint8Array;
  readonly bits: number;
}

/** The peers whose word is taken for where a client is. */
export class TrustedPeers {
  readonly #ranges: readonly Range[];
  readonly #hasUnix: boolean;

  /**
   * Reads the list.
   *
   * @throws {TypeError} If it is empty, or one of it is no address and no range.
   */
  constructor(trusted: readonly string[]) {
    if (!Array.isArray(trusted) || trusted.length === 0) {
      throw new TypeError(
        `Cannot use proxyProtocol.trusted: expected the addresses of proxies, such as ["127.0.0.1", "10.0.0.0/8", "unix"], got ${
          shown(trusted)
        }`,
      );
    }
    this.#ranges = trusted.filter((one) => one !== "unix").map(parseRange);
    this.#hasUnix = trusted.includes("unix");
  }

  /** Whether a peer is one of them. */
  has(peer: Address): boolean {
    // What has no address is of this machine, or of this process.
    if (!("hostname" in peer)) return this.#hasUnix;
    const ip = parseIp(peer.hostname);
    return ip !== undefined && this.#ranges.some((range) => isIn(range, ip));
  }
}

function parseRange(text: string): Range {
  const [, address = "", prefix] = /^([\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(
    text,
  ) ?? [];
  const ip = parseIp(address);
  const most = (ip?.length ?? 0) * 8;
  const bits = prefix === undefined ? most : Number(prefix);
  if (ip === undefined || bits > most) {
    throw new TypeError(
      `Cannot use proxyProtocol.trusted: expected IP addresses such as "10.0.0.1", ranges such as "10.0.0.0/8", or "unix", got ${
        shown(text)
      }`,
    );
  }
  return { ip, bits };
}

function isIn({ ip, bits }: Range, other: Uint8Array): boolean {
  if (ip.length !== other.length) return false;
  const whole = bits >> 3;
  const mask = 0xff00 >> (bits & 7) & 0xff;
  return ip.subarray(0, whole).every((byte, i) => byte === other[i]) &&
    (mask === 0 || (ip[whole]! & mask) === (other[whole]! & mask));
}
