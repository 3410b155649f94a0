import type { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import type { CapturedPacket } from "./captured_packet.ts";

/** The options of an interface that say what its times mean. */
const END_OF_OPTIONS = 0;
const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

/** The bytes of an interface description block before its options. */
const FIXED_LENGTH = 16;

/** One interface of a pcapng file: how its packets begin, and what their times mean. */
export class PcapngInterface {
  readonly linkType: number;
  /** How many bytes of a packet are captured at most; 0 where there is no limit. */
  readonly snapLength: number;
  /** How many units of time a second has. */
  #unitsPerSecond = 1e6;
  /** The seconds that are added to every time. */
  #offset = 0;
  /** The upper half of the last time: its whole seconds, and the units left over. */
  #high = 0;
  #highSeconds = 0;
  #highUnits = 0;

  /** Reads an interface description block of `length` bytes, which has arrived. */
  constructor(input: ByteQueue, length: number, littleEndian: boolean) {
    this.linkType = input.uintAt(8, 2, littleEndian);
    this.snapLength = input.uintAt(12, 4, littleEndian);
    const end = length - 4;
    for (let at = FIXED_LENGTH; at + 4 <= end;) {
      const code = input.uintAt(at, 2, littleEndian);
      const valueLength = input.uintAt(at + 2, 2, littleEndian);
      const value = at + 4;
      at = value + valueLength + (-valueLength & 3);
      if (code === END_OF_OPTIONS || at > end) break;
      if (code === TIME_RESOLUTION && valueLength >= 1) {
        const resolution = input.at(value);
        const base = resolution & 0x80 ? 2 : 10;
        this.#unitsPerSecond = base ** (resolution & 0x7f);
      } else if (code === TIME_OFFSET && valueLength >= 8) {
        const [low, high] = littleEndian
          ? [value, value + 4]
          : [value + 4, value];
        this.#offset = (input.uintAt(high, 4, littleEndian) | 0) * 2 ** 32 +
          input.uintAt(low, 4, littleEndian);
      }
    }
  }

  /**
   * Sets the time of a packet. Both halves are reduced on their own: together they
   * have more digits than a number.
   */
  setTime(packet: CapturedPacket, high: number, low: number): void {
    const perSecond = this.#unitsPerSecond;
    if (high !== this.#high) {
      const units = high * 2 ** 32;
      this.#high = high;
      this.#highUnits = units % perSecond;
      this.#highSeconds = Math.round((units - this.#highUnits) / perSecond);
    }
    const units = this.#highUnits + low;
    const seconds = Math.floor(units / perSecond);
    packet.seconds = this.#offset + this.#highSeconds + seconds;
    packet.milliseconds = (units - seconds * perSecond) / perSecond * 1e3;
  }
}
