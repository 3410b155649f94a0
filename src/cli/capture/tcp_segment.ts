import { CUT_OFF, type IpPacket, NOT_VALID } from "./ip_packet.ts";

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/**
 * The header of a TCP segment. The same object reads one segment after the other.
 * Sequence numbers are signed 32-bit integers, so that differences wrap around.
 */
export class TcpSegment {
  /** The captured packet that it is in. */
  bytes: Uint8Array = new Uint8Array(0);
  sequence = 0;
  acknowledged = 0;
  hasSyn = false;
  hasAck = false;
  hasFin = false;
  hasReset = false;
  /** Where the payload begins in `bytes`. */
  from = 0;
  /** How many bytes of the payload were captured. */
  captured = 0;
  /** How many bytes the payload has. */
  length = 0;

  /**
   * Reads the header of the segment in `ip`.
   *
   * @returns Why the packet is passed over; nothing where it is not.
   */
  read(bytes: Uint8Array, ip: IpPacket): string | undefined {
    const { from, end } = ip;
    if (from + 20 > end) return NOT_VALID;
    if (from + 20 > bytes.length) return CUT_OFF;
    const payload = from + (bytes[from + 12]! >> 4) * 4;
    if (payload < from + 20 || payload > end) return NOT_VALID;
    const flags = bytes[from + 13]!;
    this.bytes = bytes;
    this.sequence = int32(bytes, from + 4);
    this.acknowledged = int32(bytes, from + 8);
    this.hasSyn = (flags & SYN) !== 0;
    this.hasAck = (flags & ACK) !== 0;
    this.hasFin = (flags & FIN) !== 0;
    this.hasReset = (flags & RST) !== 0;
    this.length = end - payload;
    // The options can be cut off as well.
    this.captured = Math.max(0, Math.min(end, bytes.length) - payload);
    this.from = payload;
    return undefined;
  }
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!;
}
