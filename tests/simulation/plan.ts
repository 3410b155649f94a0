import type { MemoryNetworkOptions } from "../../src/net/adapters/memory.ts";
import { Random } from "../support/random.ts";

/** How a side asks for what comes in. */
export const readings = [
  "forEach",
  "forEach with promises",
  "for await",
  "batches",
  "receive",
  "readable",
] as const;

/** How a side sends. */
export const sendings = ["await", "free", "encoded", "writable"] as const;

/** What one side of a conversation does. */
export interface SidePlan {
  /** Whose bytes it sends. */
  readonly name: "client" | "server";
  /** The lengths of the frames that it sends, before it half-closes. */
  readonly lengths: readonly number[];
  readonly sending: typeof sendings[number];
  readonly reading: typeof readings[number];
  /** How long it stands still before it reads, and at frames, in milliseconds. */
  readonly firstStallMs: number;
  readonly stallMs: number;
  /** How likely it stands still at a frame. */
  readonly stalls: number;
  /** How many frames it reads before it leaves; `Infinity` for all. */
  readonly readsAtMost: number;
}

/** A conversation, all of it decided by a seed. */
export interface Plan {
  readonly network: MemoryNetworkOptions;
  readonly client: SidePlan;
  readonly server: SidePlan;
  /** When the server is closed, in milliseconds, where that is while it works. */
  readonly closesAfterMs?: number;
  /** The choices that are left to the sides. */
  readonly random: Random;
}

/** What befalls the network besides delays and cuts. */
export type Harm = "nothing" | "reset" | "failing call";

/** Makes the plan of a seed. */
export function planOf(random: Random, seed: number, harm: Harm): Plan {
  const pieces = random.pick([undefined, undefined, 16_384, 1_000, 40]);
  const most = pieces === 40 ? 3_000 : random.pick([30_000, 400_000, 400_000]);
  const client = sideOf("client", random, most);
  const server = sideOf("server", random, most);
  const bytes = total(client) + total(server);
  return {
    network: {
      seed,
      delay: true,
      ...(pieces !== undefined && { maxChunkLength: pieces }),
      ...(harm === "reset" && { resetAfterBytes: 1 + random.below(bytes + 1) }),
      ...(harm === "failing call" && { failCall: 1 + random.below(24) }),
    },
    client,
    server,
    random,
  };
}

function sideOf(
  name: SidePlan["name"],
  random: Random,
  most: number,
): SidePlan {
  return {
    name,
    lengths: lengthsOf(random, most),
    sending: random.pick(sendings),
    reading: random.pick(readings),
    firstStallMs: random.pick([0, 0, 1, 50, 3_000]),
    stallMs: random.pick([0, 1, 20]),
    stalls: random.pick([0, 0.1, 1]),
    readsAtMost: Infinity,
  };
}

/** Lengths of few bytes up to 300 KiB that cross every high-water mark. */
function lengthsOf(random: Random, most: number): number[] {
  const lengths: number[] = [];
  const largest = random.pick([20_000, 20_000, 300 * 1_024]);
  const count = random.pick([0, 1, 5, 40, 40]);
  let left = most;
  while (lengths.length < count && left > 0) {
    const range = random.pick([0, 4, 300, 70_000, largest]);
    const length = Math.min(random.below(range + 1), largest, left);
    lengths.push(length);
    left -= length;
  }
  return lengths;
}

function total({ lengths }: SidePlan): number {
  return lengths.reduce((sum, length) => sum + length + 4, 0);
}

/** Bytes that look the same nowhere within a frame. */
const noise = new Random(1).bytes(300 * 1_024 + 8_192);

/** The content of a frame. Of another side or number, it is another. */
export function contentOf(
  name: SidePlan["name"],
  index: number,
  length: number,
): Uint8Array {
  const at = (name === "client" ? 0 : 4_001) + (index * 101) % 4_001;
  return noise.subarray(at, at + length);
}
