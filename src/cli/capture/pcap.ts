import type { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import { CaptureError } from "./capture_error.ts";
import {
  type CapturedPacket,
  hasArrived,
  MAX_PACKET_LENGTH,
  type PacketSource,
} from "./captured_packet.ts";

/** The length of the header of a pcap file. */
export const PCAP_HEADER_LENGTH = 24;

/** The first four bytes of a pcap file as a number, and what they say. */
const VARIANTS: ReadonlyMap<number, { units: number; headerLength: number }> =
  new Map([
    [0xa1b2c3d4, { units: 1e3, headerLength: 16 }],
    [0xa1b23c4d, { units: 1e6, headerLength: 16 }],
    // The variant of Kuznetzov has eight more bytes for each packet.
    [0xa1b2cd34, { units: 1e3, headerLength: 24 }],
  ]);

/** Whether a file that begins with these four bytes is a pcap file. */
export function isPcap(bigEndian: number, littleEndian: number): boolean {
  return VARIANTS.has(bigEndian) || VARIANTS.has(littleEndian);
}

/** Reads the packets of a pcap file, whose magic number has been checked. */
export class Pcap implements PacketSource {
  readonly #littleEndian: boolean;
  readonly #linkType: number;
  /** How many units of time a millisecond has. */
  readonly #units: number;
  readonly #headerLength: number;

  /** Takes the header of the file, which has arrived. */
  constructor(input: ByteQueue) {
    const littleEndian = VARIANTS.has(input.uintAt(0, 4, true));
    const variant = VARIANTS.get(input.uintAt(0, 4, littleEndian))!;
    const major = input.uintAt(4, 2, littleEndian);
    if (major !== 2) {
      throw new CaptureError(4, "version 2 of pcap", `version ${major}`);
    }
    this.#littleEndian = littleEndian;
    // The upper bits tell the length of the frame check sequence.
    this.#linkType = input.uintAt(20, 4, littleEndian) & 0xffff;
    this.#units = variant.units;
    this.#headerLength = variant.headerLength;
    input.skip(PCAP_HEADER_LENGTH);
  }

  read(input: ByteQueue, packet: CapturedPacket): boolean {
    const headerLength = this.#headerLength;
    const littleEndian = this.#littleEndian;
    if (!hasArrived(input, headerLength)) return false;
    const length = input.uintAt(8, 4, littleEndian);
    if (length > MAX_PACKET_LENGTH) {
      throw new CaptureError(
        input.offset + 8,
        `a packet of at most ${MAX_PACKET_LENGTH} bytes`,
        `${length} bytes`,
      );
    }
    if (!hasArrived(input, headerLength + length)) return false;
    packet.linkType = this.#linkType;
    packet.seconds = input.uintAt(0, 4, littleEndian);
    packet.milliseconds = input.uintAt(4, 4, littleEndian) / this.#units;
    packet.bytes = input.take(length, headerLength);
    return true;
  }
}
