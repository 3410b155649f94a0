import { columnsGain, type Frames, lengthsCost } from "./codes.ts";
import type { Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

/** A format that may explain the bytes. */
export interface Candidate {
  readonly expression: string;
  /** How many bits fewer the bytes take with it than without. */
  readonly bits: number;
  readonly evidence: readonly string[];
  /** Whether it can be certain: what it rests on cannot be by chance. */
  readonly isWeak?: boolean;
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
export function allLengthsCost(chains: readonly Chain[]): number {
  return lengthsCost(chains.flatMap(({ lengths }) => lengths));
}

/** What it is worth where the streams end: behind a frame, or within one. */
export function endsGain(
  chains: readonly Chain[],
  streams: readonly Sample[],
): number {
  return chains.reduce((sum, { starts, bytes, isCut }, i) => {
    const { ended } = streams[i]!;
    if (isCut) return sum - (ended ? 25 : 1);
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

/** Writes a byte in an expression, as a string. */
export function literal(bytes: Iterable<number>): string {
  let text = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += ESCAPES[character] ??
      (byte >= 0x20 && byte < 0x7f
        ? character
        : `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return `"${text}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};
