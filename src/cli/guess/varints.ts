import {
  allLengthsCost,
  beginningsGain,
  type Candidate,
  type Chain,
  distinct,
  endsGain,
  followAll,
  wholeFrames,
} from "./candidate.ts";
import type { Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

type Encoding = "leb128" | "vlq" | "zigzag";

/** A chain whose headers do not all have one length. */
interface VarintChain extends Chain {
  readonly headerCost: number;
  /** How many lengths have more than one byte. */
  readonly long: number;
  readonly empty: number;
}

const MOST_BYTES = 4;

const encodings: readonly [Encoding, number][] = [
  ["leb128", 5],
  ["vlq", 6],
  ["zigzag", 7],
];

/** The candidates that begin with a length of a variable size. */
export function varintCandidates(observed: Observed): Candidate[] {
  return encodings.flatMap(([encoding, price]) => {
    const chains = followVarints(observed, 0, encoding);
    const frames = chains === undefined ? 0 : wholeFrames(chains);
    if (chains === undefined || frames === 0) return [];
    const bits = varintBits(observed, chains) - price;
    const long = chains.reduce((sum, { long }) => sum + long, 0);
    const empty = chains.reduce((sum, { empty }) => sum + empty, 0);
    // Without a long one, it cannot be told from a length of one byte.
    if (3 * empty > frames || encoding === "vlq" && long === 0) return [];
    const what = encoding === "zigzag" ? "zigzag varint" : "varint";
    const most = encoding !== "leb128" && { most: "likely" as const };
    const evidence = [
      `A ${what} at the start of each frame leads to the next one, ${frames} times in a row`,
      long === 0
        ? "All lengths are below 128, so a length of one byte explains it as well"
        : `${long} of the lengths have more than one byte`,
    ];
    const expression = encoding === "leb128" ? "varint" : `varint(${encoding})`;
    return [{ expression, bits, evidence, ...most }];
  });
}

/** The frames with a varint at an offset, in all streams. */
export function followVarints(
  observed: Observed,
  offset: number,
  encoding: Encoding,
): VarintChain[] | undefined {
  return followAll(
    observed,
    (stream) => follow(stream, offset, encoding, observed.costs),
  );
}

/** The bits that frames with varints save. */
export function varintBits(
  observed: Observed,
  chains: readonly VarintChain[],
): number {
  const once = distinct(chains);
  const headers = once.reduce(
    (sum, { lengths }, i) =>
      // Repeated frames have headers of the mean price.
      sum + chains[i]!.headerCost * lengths.length /
        Math.max(1, chains[i]!.lengths.length),
    0,
  );
  return headers - allLengthsCost(once) + beginningsGain(once, observed) +
    endsGain(chains, observed.streams);
}

function follow(
  { bytes }: Sample,
  offset: number,
  encoding: Encoding,
  costs: Float64Array,
): VarintChain | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  const lengths: number[] = [];
  let headerCost = 0;
  let long = 0;
  let empty = 0;
  let at = 0;
  while (at < bytes.length) {
    let value = 0;
    let size = 0;
    let isOpen = true;
    for (; isOpen && at + offset + size < bytes.length; size++) {
      if (size === MOST_BYTES) return undefined;
      const byte = bytes[at + offset + size]!;
      const low = byte & 0x7f;
      // Not the shortest form.
      if (
        encoding === "vlq"
          ? size === 0 && byte === 0x80
          : size > 0 && byte === 0
      ) {
        return undefined;
      }
      value = encoding === "vlq"
        ? value * 128 + low
        : value + low * 128 ** size;
      isOpen = byte >= 0x80;
    }
    if (isOpen) {
      return {
        bytes,
        starts,
        ends,
        lengths,
        end: at,
        whole: starts.length,
        isCut: true,
        headerCost,
        long,
        empty,
      };
    }
    if (encoding === "zigzag") {
      if (value % 2 === 1) return undefined;
      value /= 2;
    }
    for (let i = 0; i < size; i++) {
      headerCost += costs[bytes[at + offset + i]!]!;
    }
    if (size > 1) long++;
    if (value === 0) empty++;
    // The columns begin behind the length, wherever it ends.
    starts.push(at + (offset === 0 ? size : 0));
    lengths.push(value);
    at += offset + size + value;
    ends.push(at);
  }
  const isCut = at > bytes.length;
  const whole = starts.length - (isCut ? 1 : 0);
  return {
    bytes,
    starts,
    ends,
    lengths,
    end: Math.min(at, bytes.length),
    whole,
    isCut,
    headerCost,
    long,
    empty,
  };
}
