import type { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import { CaptureError } from "./capture_error.ts";
import {
  type CapturedPacket,
  hasArrived,
  MAX_PACKET_LENGTH,
  type PacketSource,
} from "./captured_packet.ts";
import { PcapngInterface } from "./pcapng_interface.ts";

/** The types of blocks that are read. Others are passed over. */
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

/** How long a block is at least, by its type: its fixed fields and both lengths. */
const MIN_LENGTHS: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 28],
  [INTERFACE_DESCRIPTION, 20],
  [PACKET, 32],
  [SIMPLE_PACKET, 16],
  [ENHANCED_PACKET, 32],
]);

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** How many interfaces a section has at most: a packet block can name no more. */
const MAX_INTERFACES = 65_536;

/** How many bytes show whether a file is a pcapng file. */
export const PCAPNG_MAGIC_LENGTH = 12;

/** Whether a file that begins with these twelve bytes is a pcapng file. */
export function isPcapng(bytes: Uint8Array): boolean {
  if (bytes.length < PCAPNG_MAGIC_LENGTH) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0) === SECTION_HEADER &&
    (view.getUint32(8) === BYTE_ORDER_MAGIC ||
      view.getUint32(8, true) === BYTE_ORDER_MAGIC);
}

/** Reads the packets of a pcapng file, section by section. */
export class Pcapng implements PacketSource {
  #littleEndian = false;
  #interfaces: PcapngInterface[] = [];
  /** How many bytes of a block that is passed over have not arrived. */
  #toSkip = 0;

  read(input: ByteQueue, packet: CapturedPacket): boolean {
    for (;;) {
      if (!this.#skip(input) || !hasArrived(input, 12)) return false;
      const type = this.#type(input);
      const length = this.#length(input);
      const minLength = MIN_LENGTHS.get(type);
      if (minLength === undefined) {
        this.#toSkip = length;
        continue;
      }
      this.#checkLength(input, length, minLength);
      if (!hasArrived(input, length)) return false;
      const repeated = this.#uint32(input, length - 4);
      if (repeated !== length) {
        throw new CaptureError(
          input.offset + length - 4,
          `the block length ${length} again`,
          `${repeated}`,
        );
      }
      if (type === SECTION_HEADER) this.#startSection(input);
      else if (type === INTERFACE_DESCRIPTION) {
        this.#addInterface(input, length);
      } else {
        this.#readPacket(input, type, length, packet);
        return true;
      }
      input.skip(length);
    }
  }

  /** Passes over what is left of an unknown block, without gathering it. */
  #skip(input: ByteQueue): boolean {
    while (this.#toSkip > 0) {
      if (!hasArrived(input, 1)) return false;
      const count = Math.min(this.#toSkip, input.length);
      input.skip(count);
      this.#toSkip -= count;
    }
    return true;
  }

  /** The type of the next block. A section header also says the byte order. */
  #type(input: ByteQueue): number {
    const type = this.#uint32(input, 0);
    if (type !== SECTION_HEADER) return type;
    this.#littleEndian = input.uintAt(8, 4, true) === BYTE_ORDER_MAGIC;
    const magic = this.#uint32(input, 8);
    if (magic === BYTE_ORDER_MAGIC) return type;
    throw new CaptureError(
      input.offset + 8,
      "the byte-order magic 0x1a2b3c4d",
      hex(magic),
    );
  }

  #length(input: ByteQueue): number {
    const length = this.#uint32(input, 4);
    if (length >= 12 && length % 4 === 0) return length;
    throw new CaptureError(
      input.offset + 4,
      "a block length that is a multiple of 4, 12 or more",
      `${length}`,
    );
  }

  #checkLength(input: ByteQueue, length: number, minLength: number): void {
    if (length >= minLength && length <= MAX_PACKET_LENGTH) return;
    throw new CaptureError(
      input.offset + 4,
      `a block length from ${minLength} to ${MAX_PACKET_LENGTH}`,
      `${length}`,
    );
  }

  #startSection(input: ByteQueue): void {
    const major = input.uintAt(12, 2, this.#littleEndian);
    if (major !== 1) {
      throw new CaptureError(
        input.offset + 12,
        "version 1 of pcapng",
        `version ${major}`,
      );
    }
    this.#interfaces = [];
  }

  #addInterface(input: ByteQueue, length: number): void {
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw new CaptureError(
        input.offset,
        `at most ${MAX_INTERFACES} interfaces`,
        "one more",
      );
    }
    this.#interfaces.push(
      new PcapngInterface(input, length, this.#littleEndian),
    );
  }

  /** Takes a block with a packet. Its options, behind the packet, are passed over. */
  #readPacket(
    input: ByteQueue,
    type: number,
    length: number,
    packet: CapturedPacket,
  ): void {
    const number = type === SIMPLE_PACKET
      ? 0
      : type === PACKET
      ? input.uintAt(8, 2, this.#littleEndian)
      : this.#uint32(input, 8);
    const from = this.#interfaces[number];
    if (from === undefined) {
      throw new CaptureError(
        input.offset + 8,
        "a packet of an interface that has a description",
        `interface ${number} of ${this.#interfaces.length}`,
      );
    }
    const start = type === SIMPLE_PACKET ? 12 : 28;
    const room = length - start - 4;
    let captured = this.#uint32(input, start - 4);
    if (type === SIMPLE_PACKET) {
      // It has the original length only, and no time: that of the last packet stays.
      if (from.snapLength > 0) captured = Math.min(captured, from.snapLength);
      captured = Math.min(captured, room);
    } else {
      captured = this.#uint32(input, 20);
      from.setTime(packet, this.#uint32(input, 12), this.#uint32(input, 16));
    }
    if (captured > room) {
      throw new CaptureError(
        input.offset + 20,
        `a packet of at most ${room} bytes, which the block has room for`,
        `${captured} bytes`,
      );
    }
    packet.linkType = from.linkType;
    packet.bytes = input.take(captured, start, length - start - captured);
  }

  #uint32(input: ByteQueue, index: number): number {
    return input.uintAt(index, 4, this.#littleEndian);
  }
}

function hex(number: number): string {
  return `0x${number.toString(16).padStart(8, "0")}`;
}
