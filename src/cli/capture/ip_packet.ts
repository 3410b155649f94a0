/** Why a packet is passed over. */
export const NOT_VALID = "header not valid";
export const CUT_OFF = "header cut off";
export const FRAGMENT = "IP fragment";
export const OTHER_PROTOCOL = "neither TCP nor UDP";

export const TCP = 6;
export const UDP = 17;

/** The extension headers of IPv6 that have a length and may stand before TCP or UDP. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const IPV6_FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
const MOBILITY = 135;

/**
 * The header of an IP packet. The same object reads one packet after the other. All
 * places are indices in the captured bytes.
 */
export class IpPacket {
  /** How many bytes an address has: 4 or 16. */
  addressLength = 4;
  /** Where the address of the sender begins; that of the receiver follows it. */
  addressesAt = 0;
  /** `TCP` or `UDP`. */
  protocol = 0;
  /** Where the payload begins. */
  from = 0;
  /** Where the payload ends. That can be behind the bytes that were captured. */
  end = 0;

  /**
   * Reads the header at `at`.
   *
   * @returns Why the packet is passed over; nothing where it is not.
   */
  read(bytes: Uint8Array, at: number): string | undefined {
    if (at >= bytes.length) return CUT_OFF;
    const version = bytes[at]! >> 4;
    if (version === 4) return this.#readIpv4(bytes, at);
    if (version === 6) return this.#readIpv6(bytes, at);
    return NOT_VALID;
  }

  #readIpv4(bytes: Uint8Array, at: number): string | undefined {
    if (at + 20 > bytes.length) return CUT_OFF;
    const headerLength = (bytes[at]! & 15) * 4;
    // Zero is written where segments are put together before they are captured.
    const length = uint16(bytes, at + 2) || bytes.length - at;
    if (headerLength < 20 || headerLength > length) return NOT_VALID;
    // More fragments follow, or this one is not the first.
    if (uint16(bytes, at + 6) & 0x3fff) return FRAGMENT;
    this.addressLength = 4;
    this.addressesAt = at + 12;
    this.protocol = bytes[at + 9]!;
    this.from = at + headerLength;
    this.end = at + length;
    return this.#checkProtocol();
  }

  #readIpv6(bytes: Uint8Array, at: number): string | undefined {
    if (at + 40 > bytes.length) return CUT_OFF;
    // Zero is written where the length is in a header behind this one.
    const length = uint16(bytes, at + 4) || bytes.length - at - 40;
    this.addressLength = 16;
    this.addressesAt = at + 8;
    this.end = at + 40 + length;
    let next = bytes[at + 6]!;
    let from = at + 40;
    while (isExtension(next)) {
      if (from + 8 > bytes.length) return CUT_OFF;
      const units = bytes[from + 1]!;
      let headerLength = (units + 1) * 8;
      if (next === AUTHENTICATION) headerLength = (units + 2) * 4;
      else if (next === IPV6_FRAGMENT) {
        if (uint16(bytes, from + 2) & 0xfff9) return FRAGMENT;
        headerLength = 8;
      }
      next = bytes[from]!;
      from += headerLength;
    }
    if (from > this.end) return NOT_VALID;
    this.protocol = next;
    this.from = from;
    return this.#checkProtocol();
  }

  #checkProtocol(): string | undefined {
    const { protocol } = this;
    return protocol === TCP || protocol === UDP ? undefined : OTHER_PROTOCOL;
  }
}

function isExtension(header: number): boolean {
  return header === HOP_BY_HOP || header === ROUTING ||
    header === IPV6_FRAGMENT || header === AUTHENTICATION ||
    header === DESTINATION || header === MOBILITY;
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}
