import { formatIp } from "../../net/ip.ts";
import type { IpPacket } from "./ip_packet.ts";

/** How many words the key of a flow has at most: that of IPv6. */
const MAX_WORDS = 9;

/**
 * The ports and the addresses of a packet, as 32-bit words that are the same in both
 * directions: the end with the lower port comes first. The same object takes one packet
 * after the other.
 */
export class FlowKey {
  /** The words; those of IPv4 fill the first three only. */
  readonly words: Int32Array = new Int32Array(MAX_WORDS);
  length = 0;
  /** Whether the sender is the first of both ends. */
  isFromFirst = false;
  firstPort = 0;
  secondPort = 0;
  /** A hash of the words. */
  hash = 0;
  /** Nobody who makes a capture can know how to make all hashes equal. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32);

  /** Takes the packet of `ip`, in which four bytes of its payload were captured. */
  set(bytes: Uint8Array, ip: IpPacket): void {
    const { addressesAt, addressLength, from } = ip;
    const source = bytes[from]! << 8 | bytes[from + 1]!;
    const destination = bytes[from + 2]! << 8 | bytes[from + 3]!;
    const receiverAt = addressesAt + addressLength;
    let order = source - destination;
    for (let i = 0; order === 0 && i < addressLength; i++) {
      order = bytes[addressesAt + i]! - bytes[receiverAt + i]!;
    }
    const isFromFirst = order <= 0;
    this.isFromFirst = isFromFirst;
    this.firstPort = isFromFirst ? source : destination;
    this.secondPort = isFromFirst ? destination : source;
    const { words } = this;
    words[0] = this.firstPort << 16 | this.secondPort;
    let length = 1;
    const first = isFromFirst ? addressesAt : receiverAt;
    for (let i = 0; i < addressLength; i += 4) {
      words[length++] = int32(bytes, first + i);
    }
    const second = isFromFirst ? receiverAt : addressesAt;
    for (let i = 0; i < addressLength; i += 4) {
      words[length++] = int32(bytes, second + i);
    }
    this.length = length;
    let hash = this.#seed;
    for (let i = 0; i < length; i++) {
      hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    // Engines hold integers of 30 bits best.
    this.hash = hash >>> 2;
  }

  /** The end that sent the packet, such as `127.0.0.1:80`, or the other one. */
  addressOf(end: "sender" | "receiver"): string {
    const isFirst = this.isFromFirst === (end === "sender");
    const count = (this.length - 1) / 2;
    const from = isFirst ? 1 : 1 + count;
    const ip = new DataView(new ArrayBuffer(4 * count));
    for (let i = 0; i < count; i++) ip.setInt32(4 * i, this.words[from + i]!);
    const text = formatIp(new Uint8Array(ip.buffer));
    const port = isFirst ? this.firstPort : this.secondPort;
    return count === 1 ? `${text}:${port}` : `[${text}]:${port}`;
  }

  /** Whether `words` are the words of the packet. */
  equals(words: Int32Array): boolean {
    const { length } = this;
    if (words.length !== length) return false;
    for (let i = 0; i < length; i++) {
      if (words[i] !== this.words[i]) return false;
    }
    return true;
  }
}

function int32(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 |
    bytes[at + 3]!;
}
