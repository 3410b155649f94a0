import { randomNumbers } from "../../net/adapters/memory_faults.ts";
import type { Direction, Faults } from "./faults.ts";

/** What is done to one message. */
export interface Decision {
  readonly drops: boolean;
  readonly duplicates: boolean;
  /** How many messages may overtake it. */
  readonly places: number;
  readonly delayMs: number;
  /** Which byte is changed, as a part of the length from 0 to 1; not one if undefined. */
  readonly corruptAt: number | undefined;
  /** The bits of that byte which change: at least one. */
  readonly corruptBits: number;
  /** The length of its next piece. */
  nextPiece(): number;
}

/**
 * The faults of one direction of a connection. What is done to a message depends on the
 * seed, the connection, the direction and the number of the message, and on nothing
 * else: neither on the messages before it nor on time.
 */
export class Decisions {
  readonly #faults: Faults;
  readonly #seed: number;

  /** Makes those of a direction of the connection with this number. */
  constructor(
    faults: Faults,
    seed: number,
    connection: number,
    direction: Direction,
  ) {
    this.#faults = faults;
    const side = direction === "toServer" ? 0 : 1;
    this.#seed = mixed(mixed(mixed(0, seed), connection), side);
  }

  /** What is done to the message with this number. */
  of(message: number): Decision {
    const random = randomNumbers(mixed(this.#seed, message));
    const { drop = 0, dup = 0, corrupt = 0, reorder = 0 } = this.#faults;
    const { delay = { from: 0, to: 0 }, cut } = this.#faults;
    // All are drawn in any case, so that one fault does not depend on the others.
    const [drops, duplicates, corrupts] = [
      random() < drop,
      random() < dup,
      random() < corrupt,
    ];
    const places = Math.floor(random() * (reorder + 1));
    const delayMs = delay.from + random() * (delay.to - delay.from);
    const corruptAt = random();
    return {
      drops,
      duplicates,
      places,
      delayMs,
      corruptAt: corrupts ? corruptAt : undefined,
      corruptBits: 1 + Math.floor(random() * 255),
      nextPiece: cut === undefined
        ? () => Infinity
        : () => cut.from + Math.floor(random() * (cut.to - cut.from + 1)),
    };
  }
}

/** Mixes a number into 32 bits: the last step of MurmurHash3, over both. */
function mixed(bits: number, value: number): number {
  let hash = Math.imul(bits ^ value ^ Math.floor(value / 2 ** 32), 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
