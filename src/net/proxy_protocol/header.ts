import { MAX_PROXY_HEADER_LENGTH } from "../../defaults.ts";
import type { TcpAddress, UnixAddress } from "../address.ts";
import { uint } from "../bytes.ts";
import { NetError } from "../errors.ts";
import { formatIp, parseIp, withoutPrefix } from "../ip.ts";
import type { Opening, OpeningFormat } from "../opening_reader.ts";

/** Where the client is, by the header; `undefined` where the header does not say. */
export type Client = TcpAddress | UnixAddress | undefined;

/** `"\r\n\r\n\0\r\nQUIT\n"`, which no other protocol begins with. */
const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const TEXT_START = [80, 82, 79, 88, 89, 32]; // "PROXY "

/** The longest line of version 1, with its end. */
const MAX_LINE_LENGTH = 107;

/** The length of what stands before the addresses of version 2. */
const FIXED_LENGTH = 16;

/**
 * How the header of the PROXY protocol is read
 * (<https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt>), of version 1 (a line)
 * or 2 (binary). What is none is refused at its first wrong byte.
 *
 * A header of version 2 can have up to 65,551 bytes. One of more than 4 KiB is refused:
 * it has room for the addresses and a certificate of the client, and nothing reads what
 * stands behind the addresses (TLVs).
 */
export const proxyHeader: OpeningFormat<Client> = {
  read(bytes) {
    if (beginsWith(bytes, SIGNATURE)) return readBinary(bytes);
    if (beginsWith(bytes, TEXT_START)) return readLine(bytes);
    throw badHeader(`it began with ${quoted(bytes)}`);
  },
  ended: () => badHeader("it ended before its header was whole"),
};

/** Whether bytes are the beginning, or the beginning of it. */
function beginsWith(bytes: Uint8Array, beginning: readonly number[]): boolean {
  return beginning.every((byte, i) => i >= bytes.length || bytes[i] === byte);
}

const LINE =
  /^PROXY (?:(UNKNOWN)(?: .*)?|TCP4 ([\d.]+) ([\d.]+) (\d+) (\d+)|TCP6 ([\da-fA-F:.]*:[\da-fA-F:.]*) ([\da-fA-F:.]*:[\da-fA-F:.]*) (\d+) (\d+))$/s;

function readLine(bytes: Uint8Array): Opening<Client> | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, MAX_LINE_LENGTH));
  const end = text.indexOf("\r\n");
  if (end < 0) {
    if (bytes.length < MAX_LINE_LENGTH) return undefined;
    throw badHeader(`its line has no end in ${MAX_LINE_LENGTH} bytes`);
  }
  const match = LINE.exec(text.slice(0, end));
  if (match === null) throw badHeader(`it began with ${quoted(bytes)}`);
  const length = end + 2;
  const [, unknown, ...ipv4AndIpv6] = match;
  if (unknown !== undefined) return { value: undefined, length };
  const [source, destination, ...ports] = ipv4AndIpv6
    .filter((part) => part !== undefined);
  const ip = parseIp(source ?? "");
  const isValid = parseIp(destination ?? "") !== undefined &&
    ports.every((port) => /^(0|[1-9]\d{0,4})$/.test(port) && +port <= 65_535);
  if (ip === undefined || !isValid) {
    throw badHeader(`it began with ${quoted(bytes)}`);
  }
  return { value: tcp(ip, Number(ports[0])), length };
}

function readBinary(bytes: Uint8Array): Opening<Client> | undefined {
  if (bytes.length < FIXED_LENGTH) return undefined;
  const command = bytes[12]!;
  const isLocal = command === 0x20;
  if (!isLocal && command !== 0x21) {
    throw badHeader(`its version and command are ${hex(command)}`);
  }
  const length = FIXED_LENGTH + uint(bytes, 14, 2);
  if (length > MAX_PROXY_HEADER_LENGTH) {
    throw badHeader(`it has ${length} bytes, over ${MAX_PROXY_HEADER_LENGTH}`);
  }
  if (bytes.length < length) return undefined;
  // The proxy itself connects, to look whether the server is there.
  const value = isLocal ? undefined : clientIn(bytes, length);
  return { value, length };
}

function clientIn(bytes: Uint8Array, length: number): Client {
  const family = bytes[13]!;
  const at = bytes.subarray(FIXED_LENGTH, length);
  const expect = (least: number) => {
    if (at.length >= least) return;
    throw badHeader(
      `its addresses have ${at.length} bytes, expected ${least} or more`,
    );
  };
  switch (family) {
    case 0x00: // unknown to the proxy
      return undefined;
    case 0x11: // two IPv4 addresses, two ports
      expect(12);
      return tcp(at.slice(0, 4), uint(at, 8, 2));
    case 0x21: // two IPv6 addresses, two ports
      expect(36);
      return tcp(withoutPrefix(at.slice(0, 16)), uint(at, 32, 2));
    case 0x31: // two paths of 108 bytes
      expect(216);
      return { transport: "unix", path: pathIn(at.subarray(0, 108)) };
    default:
      throw badHeader(`its address family and protocol are ${hex(family)}`);
  }
}

function tcp(ip: Uint8Array, port: number): TcpAddress {
  return { transport: "tcp", hostname: formatIp(ip), port };
}

/** The path before the first zero: empty for a socket without a path. */
function pathIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const path = end < 0 ? bytes : bytes.subarray(0, end);
  return new TextDecoder().decode(path);
}

function badHeader(why: string): NetError {
  return new NetError(
    "PROXY_PROTOCOL",
    `The header of the PROXY protocol is wrong: ${why}`,
  );
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}

function quoted(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes.subarray(0, 64)));
}
