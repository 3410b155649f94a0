/** Builds packets of IP, as a network card would see them. */

import { parseIp } from "../../src/net/ip.ts";

/** What a TCP segment says. Ends are written like `10.0.0.1:80` or `[::1]:80`. */
export interface Segment {
  readonly from: string;
  readonly to: string;
  /** Some letters of `SAFRP`. */
  readonly flags?: string;
  readonly sequence?: number;
  readonly acknowledged?: number;
  readonly data?: Uint8Array;
  /** TCP options, a multiple of four bytes. */
  readonly options?: Uint8Array;
}

/** What an IP packet has besides its ends and payload. */
export interface IpOptions {
  /** The options of IPv4, a multiple of four bytes. */
  readonly options?: Uint8Array;
  /** The flags and fragment offset of IPv4. */
  readonly fragment?: number;
  /** The extension headers of IPv6: each is its number and its bytes from the length on. */
  readonly extensions?: readonly (readonly [number, Uint8Array])[];
  /** The length that the header tells, if it is not the right one. */
  readonly length?: number;
}

/** The letters of the flags, from the lowest bit on. */
const FLAGS = "FSRPA";

/** An IP packet with a TCP segment. Its checksums are zero. */
export function tcp(segment: Segment, ip?: IpOptions): Uint8Array {
  const { from, to, flags = "A", sequence = 0, acknowledged = 0 } = segment;
  const { data = new Uint8Array(0), options = new Uint8Array(0) } = segment;
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, portOf(from));
  view.setUint16(2, portOf(to));
  view.setUint32(4, sequence);
  view.setUint32(8, acknowledged);
  header[12] = (20 + options.length) / 4 << 4;
  for (const flag of flags) header[13]! |= 1 << FLAGS.indexOf(flag);
  view.setUint16(14, 65_535);
  return ipPacket(from, to, 6, joined(header, options, data), ip);
}

/** An IP packet with a datagram, whose header can tell another length. */
export function udp(
  from: string,
  to: string,
  data: Uint8Array,
  { length = 8 + data.length, ...ip }: IpOptions = {},
): Uint8Array {
  const header = new Uint8Array(8);
  const view = new DataView(header.buffer);
  view.setUint16(0, portOf(from));
  view.setUint16(2, portOf(to));
  view.setUint16(4, length);
  return ipPacket(from, to, 17, joined(header, data), ip);
}

/** A packet of IPv4 or IPv6, as the addresses are. */
export function ipPacket(
  from: string,
  to: string,
  protocol: number,
  payload: Uint8Array,
  ip: IpOptions = {},
): Uint8Array {
  const addresses = joined(addressOf(from), addressOf(to));
  return addresses.length === 8
    ? ipv4(addresses, protocol, payload, ip)
    : ipv6(addresses, protocol, payload, ip);
}

/** An Ethernet frame around an IP packet, with VLAN tags of these types, padded. */
export function ethernet(
  ip: Uint8Array,
  tags: readonly number[] = [],
): Uint8Array {
  const type = ip[0]! >> 4 === 6 ? 0x86dd : 0x0800;
  const types = [...tags, type];
  const header = new Uint8Array(14 + 4 * tags.length);
  const view = new DataView(header.buffer);
  types.forEach((type, i) => view.setUint16(12 + 4 * i, type));
  tags.forEach((_, i) => view.setUint16(14 + 4 * i, 100 + i));
  const padding = Math.max(0, 60 - header.length - ip.length);
  return joined(header, ip, new Uint8Array(padding).fill(0xee));
}

/** Several byte arrays behind each other. */
export function joined(
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function ipv4(
  addresses: Uint8Array,
  protocol: number,
  payload: Uint8Array,
  { options = new Uint8Array(0), fragment = 0, length }: IpOptions,
): Uint8Array {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  header[0] = 0x40 | (20 + options.length) / 4;
  view.setUint16(2, length ?? 20 + options.length + payload.length);
  view.setUint16(6, fragment);
  header[8] = 64;
  header[9] = protocol;
  header.set(addresses, 12);
  return joined(header, options, payload);
}

function ipv6(
  addresses: Uint8Array,
  protocol: number,
  payload: Uint8Array,
  { extensions = [], length }: IpOptions,
): Uint8Array {
  const numbers = [...extensions.map(([number]) => number), protocol];
  const headers = extensions.map(([, rest], i) =>
    joined(Uint8Array.of(numbers[i + 1]!), rest)
  );
  const body = joined(...headers, payload);
  const header = new Uint8Array(40);
  header[0] = 0x60;
  new DataView(header.buffer).setUint16(4, length ?? body.length);
  header[6] = numbers[0]!;
  header[7] = 64;
  header.set(addresses, 8);
  return joined(header, body);
}

function portOf(end: string): number {
  return Number(end.slice(end.lastIndexOf(":") + 1));
}

function addressOf(end: string): Uint8Array {
  const host = end.slice(0, end.lastIndexOf(":"));
  return parseIp(host.replace(/^\[|\]$/g, ""))!;
}
