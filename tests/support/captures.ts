/** Builds capture files: of packets, and of what two ends say to each other. */

import { ethernet, joined, tcp } from "./packets.ts";

/** One packet of a capture. */
export interface Packet {
  /** Its bytes, from those of the link layer on. */
  readonly bytes: Uint8Array;
  /** In milliseconds since 1970. By default, one millisecond behind the one before. */
  readonly time?: number;
}

/** How a capture file is written. */
export interface FileOptions {
  /** @default {"pcap"} */
  readonly format?: "pcap" | "pcapng";
  /** @default {true} */
  readonly littleEndian?: boolean;
  /** Whether times are to the nanosecond. @default {false} */
  readonly nanoseconds?: boolean;
  /** @default {1}, Ethernet */
  readonly linkType?: number;
  /** How many bytes of a packet are captured. @default {262_144} */
  readonly snapLength?: number;
}

/** What one end says. */
export interface Said {
  readonly direction: "toServer" | "toClient";
  readonly data: Uint8Array;
}

/** How a conversation looks on the wire. */
export interface ConversationOptions {
  /** @default {"10.0.0.1:40000"} */
  readonly client?: string;
  /** @default {"10.0.0.2:6379"} */
  readonly server?: string;
  /** How many bytes a segment has at most. @default {1448} */
  readonly segmentLength?: number;
  /** The first sequence numbers. @default {[1000, 5000]} */
  readonly sequences?: readonly [client: number, server: number];
}

const START = 1_700_000_000_000;

/** The capture of a conversation, with the handshake and both ends. */
export function captureOf(
  said: readonly Said[],
  options: FileOptions & ConversationOptions = {},
): Uint8Array<ArrayBuffer> {
  const packets = conversation(said, options)
    .map((ip) => ({ bytes: ethernet(ip) }));
  return captureFile(packets, options);
}

/** The IP packets of a conversation. The handshake has three, the ends have two. */
export function conversation(
  said: readonly Said[],
  {
    client = "10.0.0.1:40000",
    server = "10.0.0.2:6379",
    segmentLength = 1_448,
    sequences = [1_000, 5_000],
  }: ConversationOptions = {},
): Uint8Array[] {
  const next = { toServer: sequences[0], toClient: sequences[1] };
  const packets: Uint8Array[] = [];
  const send = (
    direction: Said["direction"],
    flags: string,
    data = new Uint8Array(0),
  ) => {
    const isRequest = direction === "toServer";
    packets.push(tcp({
      from: isRequest ? client : server,
      to: isRequest ? server : client,
      flags,
      sequence: next[direction],
      acknowledged: flags === "S"
        ? 0
        : next[isRequest ? "toClient" : "toServer"],
      data,
    }));
    next[direction] += data.length + (/[SF]/.test(flags) ? 1 : 0);
  };
  send("toServer", "S");
  send("toClient", "SA");
  send("toServer", "A");
  for (const { direction, data } of said) {
    for (let at = 0; at < data.length; at += segmentLength) {
      send(direction, "PA", data.slice(at, at + segmentLength));
    }
  }
  send("toServer", "FA");
  send("toClient", "FA");
  return packets;
}

/** A capture file with these packets. */
export function captureFile(
  packets: readonly Packet[],
  options: FileOptions = {},
): Uint8Array<ArrayBuffer> {
  const { snapLength = 262_144 } = options;
  const timed = packets.map(({ bytes, time }, i) => ({
    captured: bytes.slice(0, snapLength),
    length: bytes.length,
    time: time ?? START + i,
  }));
  return options.format === "pcapng"
    ? pcapng(timed, options)
    : pcap(timed, options);
}

interface TimedPacket {
  readonly captured: Uint8Array;
  readonly length: number;
  readonly time: number;
}

function pcap(
  packets: readonly TimedPacket[],
  options: FileOptions,
): Uint8Array<ArrayBuffer> {
  const { littleEndian = true, nanoseconds = false } = options;
  const { linkType = 1, snapLength = 262_144 } = options;
  const number = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const uint32s = (...values: number[]) => numbers(4, values, littleEndian);
  return joined(
    uint32s(number),
    numbers(2, [2, 4], littleEndian),
    uint32s(0, 0, snapLength, linkType),
    ...packets.flatMap(({ captured, length, time }) => {
      const seconds = Math.floor(time / 1e3);
      const rest = (time - seconds * 1e3) * (nanoseconds ? 1e6 : 1e3);
      const header = [seconds, Math.round(rest), captured.length, length];
      return [uint32s(...header), captured];
    }),
  );
}

function pcapng(
  packets: readonly TimedPacket[],
  options: FileOptions,
): Uint8Array<ArrayBuffer> {
  const { littleEndian = true, nanoseconds = false } = options;
  return joined(
    sectionHeader(littleEndian),
    interfaceDescription(
      options,
      nanoseconds ? [option(9, Uint8Array.of(9), littleEndian)] : [],
    ),
    ...packets.map(({ captured, length, time }) => {
      const perSecond = nanoseconds ? 1_000_000_000n : 1_000_000n;
      const seconds = Math.floor(time / 1e3);
      const rest = Math.round((time - seconds * 1e3) * Number(perSecond) / 1e3);
      const units = BigInt(seconds) * perSecond + BigInt(rest);
      const high = Number(units >> 32n);
      const low = Number(units & 0xffffffffn);
      return block(
        6,
        littleEndian,
        numbers(4, [0, high, low, captured.length, length], littleEndian),
        captured,
      );
    }),
  );
}

/** The block that a section of pcapng begins with. */
export function sectionHeader(littleEndian: boolean): Uint8Array {
  return block(
    0x0a0d0d0a,
    littleEndian,
    numbers(4, [0x1a2b3c4d], littleEndian),
    numbers(2, [1, 0], littleEndian),
    numbers(4, [0xffffffff, 0xffffffff], littleEndian),
  );
}

/** The block that describes an interface of pcapng. */
export function interfaceDescription(
  { littleEndian = true, linkType = 1, snapLength = 262_144 }: FileOptions,
  options: readonly Uint8Array[] = [],
): Uint8Array {
  return block(
    1,
    littleEndian,
    numbers(2, [linkType, 0], littleEndian),
    numbers(4, [snapLength], littleEndian),
    ...options,
  );
}

/** A block of pcapng, padded. */
export function block(
  type: number,
  littleEndian: boolean,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  const body = padded(joined(...parts));
  const length = numbers(4, [body.length + 12], littleEndian);
  return joined(numbers(4, [type], littleEndian), length, body, length);
}

/** An option of a block of pcapng, padded. */
export function option(
  code: number,
  value: Uint8Array,
  littleEndian: boolean,
): Uint8Array {
  return padded(joined(numbers(2, [code, value.length], littleEndian), value));
}

/** Unsigned integers of some bytes each. */
export function numbers(
  byteCount: 2 | 4,
  values: readonly number[],
  littleEndian: boolean,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(byteCount * values.length));
  values.forEach((value, i) =>
    byteCount === 2
      ? view.setUint16(2 * i, value, littleEndian)
      : view.setUint32(4 * i, value, littleEndian)
  );
  return new Uint8Array(view.buffer);
}

function padded(bytes: Uint8Array): Uint8Array {
  return joined(bytes, new Uint8Array(-bytes.length & 3));
}
