/** The link types that are read, by their numbers in capture files. */
const NULL = 0;
const ETHERNET = 1;
/** What most systems call raw, which old files have in the place of 101. */
const RAW_OF_SYSTEMS = 12;
const RAW = 101;
const LOOP = 108;
const LINUX_COOKED = 113;
const IPV4 = 228;
const IPV6 = 229;
const LINUX_COOKED_2 = 276;

/** What {@linkcode ipOffset} returns where there is no IP packet. */
export const UNKNOWN_LINK_TYPE = -1;
export const NOT_IP = -2;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** What says that a VLAN tag of four bytes follows: 802.1Q, 802.1ad and an old one. */
const ETHERTYPES_OF_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** The numbers that systems give to the address families of IP. */
const ADDRESS_FAMILIES: readonly number[] = [2, 10, 24, 28, 30];

/** Where the IP packet begins in a captured packet, or why there is none. */
export function ipOffset(linkType: number, bytes: Uint8Array): number {
  switch (linkType) {
    case ETHERNET:
      return behindEthertype(bytes, 12, 14);
    case LINUX_COOKED:
      return behindEthertype(bytes, 14, 16);
    case LINUX_COOKED_2:
      return behindEthertype(bytes, 0, 20);
    case RAW_OF_SYSTEMS:
    case RAW:
    case IPV4:
    case IPV6:
      return 0;
    case NULL:
    case LOOP:
      return behindFamily(bytes);
    default:
      return UNKNOWN_LINK_TYPE;
  }
}

/** Where the packet begins whose type stands at `typeAt`, behind all VLAN tags. */
function behindEthertype(
  bytes: Uint8Array,
  typeAt: number,
  header: number,
): number {
  let type = uint16(bytes, typeAt);
  let at = header;
  while (ETHERTYPES_OF_TAGS.includes(type)) {
    type = uint16(bytes, at + 2);
    at += 4;
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? at : NOT_IP;
}

/** The family stands in the byte order of the machine that captured, or of the network. */
function behindFamily(bytes: Uint8Array): number {
  if (bytes.length < 4) return NOT_IP;
  const high = uint16(bytes, 0);
  const family = high === 0 ? uint16(bytes, 2) : bytes[0]!;
  return ADDRESS_FAMILIES.includes(family) ? 4 : NOT_IP;
}

/** Two bytes; zero behind the end. */
function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 8 | bytes[at + 1]!;
}
