import type { ByteQueue } from "../../codec/bytes/byte_queue.ts";

/** One packet of a capture. A file reader fills the same object again and again. */
export class CapturedPacket {
  /** The link type, which says what the bytes begin with. */
  linkType = 0;
  /** The whole seconds of its time since 1970. */
  seconds = 0;
  /** What its time has beyond the whole seconds, in milliseconds. */
  milliseconds = 0;
  /** The bytes that the file has of it. */
  bytes: Uint8Array = new Uint8Array(0);
}

/** Reads one format of capture files. */
export interface PacketSource {
  /**
   * Fills `packet` with the next packet of the file, or returns `false` where it has
   * not arrived completely.
   *
   * @throws {CaptureError} If the file is broken.
   */
  read(input: ByteQueue, packet: CapturedPacket): boolean;
}

/**
 * How many bytes of a packet, or of a block with one, are read: those behind a length
 * that is nonsense must not be gathered. The largest packets that are captured have some
 * hundred thousand bytes.
 */
export const MAX_PACKET_LENGTH = 16_777_216;

/** Whether `count` bytes have arrived. If not, the queue knows that they are needed. */
export function hasArrived(input: ByteQueue, count: number): boolean {
  while (input.length < count) {
    input.want(count);
    if (!input.join()) return false;
  }
  return true;
}
