import { printBytes, writeBytes } from "../../format/literals.ts";
import { columnsGain, type Frames, lengthsCost } from "./codes.ts";
import type { Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

/** A format that may explain the bytes. */
export interface Candidate {
  readonly expression: string;
  /** How many bits fewer the bytes take with it than without. */
  readonly bits: number;
  readonly evidence: readonly string[];
  /** How sure it is at most, where what it rests on can be by chance. */
  readonly most?: "likely" | "possible";
  /** Whether it comes behind all others that are likely: much looks like it. */
  readonly isVague?: boolean;
  /** Whether its frames prove it, whatever else would explain them. */
  readonly isSure?: boolean;
}

/** The frames of a stream in a format, followed from its first byte. */
export interface Chain extends Frames {
  /** The lengths that the format says, that of a frame cut off included. */
  readonly lengths: readonly number[];
  /** How many whole frames there are. */
  readonly whole: number;
  /** Whether the stream stops inside a frame. */
  readonly isCut: boolean;
}

/**
 * Follows a format through all streams. It fits all of them, or none.
 *
 * @param follow Follows one stream, or returns `undefined` where it does not fit.
 */
export function followAll<T extends Chain>(
  { streams }: Observed,
  follow: (stream: Sample) => T | undefined,
): T[] | undefined {
  const chains: T[] = [];
  for (const stream of streams) {
    const chain = follow(stream);
    if (chain === undefined) return undefined;
    chains.push(chain);
  }
  return chains;
}

/** How many whole frames there are. */
export function wholeFrames(chains: readonly Chain[]): number {
  return chains.reduce((sum, { whole }) => sum + whole, 0);
}

/** The price of all lengths. */
export function allLengthsCost(
  chains: readonly Pick<Chain, "lengths">[],
): number {
  return lengthsCost(chains.flatMap(({ lengths }) => lengths));
}

/** Whether a stream begins with an end: then it rather is what frames begin with. */
export function beginsWithEnd(chains: readonly Chain[]): boolean {
  return chains.some(({ lengths: [first] }) => first === 0);
}

/** What it is worth where the streams end: behind a frame, or within one. */
export function endsGain(
  chains: readonly Chain[],
  streams: readonly Sample[],
): number {
  return chains.reduce((sum, { starts, bytes, whole, isCut }, i) => {
    const { ended } = streams[i]!;
    // Of such a stream, the format explains nothing.
    if (isCut && ended && whole === 0) return sum - 200;
    if (isCut) return sum - (ended ? 60 : 1);
    // By chance, each byte of a frame could be the last.
    const mean = bytes.length / Math.max(1, starts.length);
    return sum + Math.log2(mean + 1) - (ended ? 0 : 1);
  }, 0);
}

/** What the bytes at the beginnings of frames are worth. */
export function beginningsGain(
  chains: readonly Chain[],
  { costs }: Observed,
  isKnown?: (place: number) => boolean,
): number {
  return columnsGain(chains, costs, isKnown);
}

/** How many bytes at each end of a frame tell it from others. */
const COMPARED = 16;

/** How often the same frame counts. */
const MOST_REPEATS = 3;

/**
 * The chains without frames that have come often, byte for byte: what repeats itself
 * fits any format as well as it did before.
 */
export function distinct<T extends Chain>(
  chains: readonly T[],
  mostRepeats: number = MOST_REPEATS,
): T[] {
  const seen = new Map<number, number>();
  return chains.map((chain) => {
    const { bytes, starts, lengths, end } = chain;
    const kept = {
      starts: [] as number[],
      ends: [] as number[],
      lengths: [] as number[],
    };
    starts.forEach((start, i) => {
      const behind = chain.ends?.[i] ?? starts[i + 1] ?? end;
      const key = keyOf(bytes, start, behind);
      const count = seen.get(key) ?? 0;
      if (count === mostRepeats) return;
      seen.set(key, count + 1);
      kept.starts.push(start);
      kept.ends.push(behind);
      if (i < lengths.length) kept.lengths.push(lengths[i]!);
    });
    return { ...chain, ...kept };
  });
}

/** A hash of the two ends of a frame, and its length. */
function keyOf(bytes: Uint8Array, start: number, end: number): number {
  let key = end - start;
  const add = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      key = Math.imul(key ^ bytes[i]!, 0x0100_0193) + 0x9e37 >>> 0;
    }
  };
  add(start, Math.min(end, start + COMPARED));
  add(Math.max(start, end - COMPARED), end);
  return key;
}

/** Writes bytes in an expression, as a string. */
export function literal(bytes: Iterable<number>): string {
  return printBytes(writeBytes(Uint8Array.from(bytes)) ?? "");
}
