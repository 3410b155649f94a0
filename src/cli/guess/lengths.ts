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
import { isText, type Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

/** A length of a fixed size, somewhere in a header. */
export interface LengthLayout {
  readonly size: number;
  readonly encoding: "big" | "little" | "decimal" | "hex" | "bcd";
  /** How many bytes precede the length. */
  readonly offset: number;
  /** What is added to the length to get that of the whole frame. */
  readonly added: number;
}

/** A candidate, and what its headers are like. */
export interface LengthCandidate extends Candidate {
  readonly layout: LengthLayout;
  readonly chains: readonly Chain[];
}

/** The largest length that a frame which is cut off may announce. */
const MOST_ANNOUNCED = 2 ** 20;
const MOST_OFFSET = 16;
/** How many bytes behind the length it may leave out. */
const MOST_UNCOUNTED = 8;
/** How many bytes more than the header it may count. */
const MOST_OVERCOUNTED = 4;

type Field = Pick<LengthLayout, "size" | "encoding">;

/** The fields that are tried, and how improbable each is, in bits. */
const fields: readonly (Field & { readonly price: number })[] = [
  { size: 4, encoding: "big", price: 2 },
  { size: 4, encoding: "little", price: 2.5 },
  { size: 2, encoding: "big", price: 2 },
  { size: 2, encoding: "little", price: 2.5 },
  { size: 1, encoding: "big", price: 3 },
  { size: 3, encoding: "big", price: 5 },
  { size: 3, encoding: "little", price: 5.5 },
  { size: 8, encoding: "big", price: 5 },
  { size: 8, encoding: "little", price: 5.5 },
  ...[4, 2, 3, 5, 6, 8, 10].flatMap((size) => [
    { size, encoding: "decimal" as const, price: 6 },
    { size, encoding: "hex" as const, price: 7 },
  ]),
  { size: 2, encoding: "bcd", price: 8 },
];

/** The candidates that begin with a length of a fixed size, or with it in a header. */
export function lengthCandidates(observed: Observed): LengthCandidate[] {
  const found: LengthCandidate[] = [];
  for (const { price, ...field } of fields) {
    const { size, encoding } = field;
    const isInteger = encoding === "big" || encoding === "little";
    const mostOffset = isInteger ? MOST_OFFSET : 4;
    for (let offset = 0; offset <= mostOffset; offset++) {
      const header = offset + size;
      const from = Math.min(0, header - MOST_OVERCOUNTED);
      for (let added = from; added <= header + MOST_UNCOUNTED; added++) {
        const layout = { ...field, offset, added };
        const one = candidateOf(observed, layout, price);
        if (one !== undefined) found.push(one);
      }
    }
  }
  return found.filter((one) => !found.some((other) => isShifted(one, other)));
}

/**
 * Whether a candidate comes upon the lengths of another one, and goes on with them: its
 * frames are those of the other, shifted.
 */
function isShifted(
  { layout: a, chains: [first] }: LengthCandidate,
  { layout: b, chains: [second] }: LengthCandidate,
): boolean {
  return priceOfPlace(a) > priceOfPlace(b) && a.size === b.size &&
    a.encoding === b.encoding && a.added === b.added &&
    first !== undefined && second !== undefined &&
    second.starts.includes(first.starts.at(-1)! + a.offset - b.offset);
}

function candidateOf(
  observed: Observed,
  layout: LengthLayout,
  price: number,
): LengthCandidate | undefined {
  const { size, offset, added } = layout;
  const header = offset + size;
  const isNatural = offset === 0 && (added === 0 || added === header);
  // Characters are no lengths that stand where lengths seldom do.
  const isInteger = layout.encoding === "big" || layout.encoding === "little";
  if (!isNatural && isInteger && isText(observed)) return undefined;
  const all = followAll(observed, (stream) => follow(stream, layout));
  if (all === undefined) return undefined;
  const frames = wholeFrames(all);
  if (frames === 0) return undefined;
  const empty = countOf(all, header - added);
  // Frames that are mostly empty are zeros.
  if (3 * empty > frames) return undefined;
  // A number that hardly changes leads to frames of any one length.
  const kinds = new Set(all.flatMap(({ lengths }) => lengths)).size;
  const isConstant = frames > 3 && 4 * mostEqual(all) > 3 * frames;
  const isUsual = added === 0 || added === header;
  if (!isUsual && (isConstant || 2 * countOf(all, 0) > frames)) {
    return undefined;
  }
  if (isConstant && offset > 4) return undefined;
  // Beginnings that are alike cannot make lengths plausible that are nonsense.
  const isNear = offset <= 2 && added === header;
  const least = isNatural || isNear
    ? -2 * frames - 20
    : Math.max(10, frames / 2);
  if (headersGain(all, observed, layout) < least) return undefined;
  const chains = distinct(all);
  const headers = headersGain(chains, observed, layout);
  if (headers < least) return undefined;
  const beginnings = beginningsGain(
    chains,
    observed,
    (place) => place >= offset && place < header,
  );
  const bits = headers + beginnings + endsGain(all, observed.streams) - price -
    priceOfPlace(layout) -
    (size === 1 && !isNatural && (!isUsual || kinds <= 3) ? 60 : 0);
  // Data that has a period fits some length in it by chance.
  const isVague = offset > 8 || !isNatural &&
      (kinds <= 3 || isConstant || headers < (isUsual ? 40 : 60) ||
        size === 1 && !isUsual);
  const isBroken = all.some(({ isCut }, i) =>
    isCut && observed.streams[i]!.ended
  );
  const isDoubtful = isBroken || !isUsual || !isNatural && kinds <= 6 ||
    headers < 30 + (size === 1 ? 1.5 * frames : 0);
  return {
    expression: expressionOf(layout),
    bits,
    layout,
    chains: all,
    ...((isVague || isDoubtful) && { most: "likely" }),
    isVague,
    evidence: evidenceOf(layout, all, frames, empty),
  };
}

/** What the lengths save: they say how long frames are, and need not be said. */
function headersGain(
  chains: readonly Chain[],
  { costs }: Observed,
  { size, offset }: LengthLayout,
): number {
  let gain = -allLengthsCost(chains);
  for (const { bytes, starts } of chains) {
    for (const start of starts) {
      for (let i = 0; i < size; i++) {
        gain += costs[bytes[start + offset + i]!]!;
      }
    }
  }
  return gain;
}

/** How often the most frequent length is there. */
function mostEqual(chains: readonly Chain[]): number {
  const counts = new Map<number, number>();
  let most = 0;
  for (const { lengths } of chains) {
    for (const length of lengths) {
      const count = (counts.get(length) ?? 0) + 1;
      counts.set(length, count);
      most = Math.max(most, count);
    }
  }
  return most;
}

/** How often the lengths are a value. */
function countOf(chains: readonly Chain[], value: number): number {
  return chains.reduce(
    (sum, { lengths }) =>
      sum + lengths.filter((length) => length === value).length,
    0,
  );
}

/** How improbable it is that the length stands there and counts that. */
function priceOfPlace({ size, offset, added }: LengthLayout): number {
  const ofOffset = offset === 0 ? 0.5 : 2 + 1.5 * Math.log2(offset + 1);
  const difference = Math.min(Math.abs(added - offset - size), Math.abs(added));
  return ofOffset +
    (difference === 0
      ? added === 0 ? 2 : 0.5
      : 8 + 2 * Math.log2(1 + difference));
}

function follow(
  { bytes }: Sample,
  layout: LengthLayout,
): Chain | undefined {
  const { size, offset, added } = layout;
  const header = offset + size;
  const starts: number[] = [];
  const lengths: number[] = [];
  let empty = 0;
  let at = 0;
  while (at + header <= bytes.length) {
    const length = readLength(bytes, at + offset, layout);
    const frame = length + added;
    if (!(frame >= header && frame > 0)) return undefined;
    starts.push(at);
    lengths.push(length);
    // Zeros would be any number of empty frames.
    if (frame === header && ++empty > 64 && empty > starts.length / 2) {
      return undefined;
    }
    if (at + frame > bytes.length) {
      if (frame > MOST_ANNOUNCED) return undefined;
      const whole = starts.length - 1;
      const end = bytes.length;
      return { bytes, starts, lengths, end, whole, isCut: true };
    }
    at += frame;
  }
  // A rest that is shorter than a header is cut off as well.
  const isCut = at < bytes.length;
  return { bytes, starts, lengths, end: at, whole: starts.length, isCut };
}

function readLength(
  bytes: Uint8Array,
  from: number,
  { size, encoding }: Field,
): number {
  let value = 0;
  for (let i = 0; i < size; i++) {
    const byte = bytes[encoding === "little" ? from + size - 1 - i : from + i]!;
    switch (encoding) {
      case "decimal":
      case "hex": {
        const digit = digitOf(byte);
        const base = encoding === "hex" ? 16 : 10;
        if (digit >= base) return NaN;
        value = value * base + digit;
        break;
      }
      case "bcd":
        if (byte > 0x99 || (byte & 15) > 9) return NaN;
        value = value * 100 + (byte >> 4) * 10 + (byte & 15);
        break;
      default:
        value = value * 256 + byte;
    }
  }
  return value;
}

/** The value of a digit in ASCII; 16 if it is none. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 16;
}

function expressionOf(
  { size, encoding, offset, added }: LengthLayout,
): string {
  const isInteger = encoding === "big" || encoding === "little";
  const options = [`${size}`];
  options.push(isInteger ? encoding : `encoding=${encoding}`);
  if (offset > 0) options.push(`offset=${offset}`);
  const beyond = added - offset - size;
  const isFrame = Math.abs(added) < Math.abs(beyond);
  if (isFrame) options.push("includes=frame");
  const adjustment = isFrame ? added : beyond;
  if (adjustment !== 0) options.push(`adjustment=${adjustment}`);
  return `length(${options.join(", ")})`;
}

function evidenceOf(
  { size, encoding, offset, added }: LengthLayout,
  chains: readonly Chain[],
  frames: number,
  empty: number,
): string[] {
  const what = encoding === "big" || encoding === "little"
    ? size === 1 ? "byte" : `${size} bytes in ${encoding}-endian order`
    : `${size} ${encoding === "bcd" ? "BCD bytes" : `${encoding} digits`}`;
  const where = offset === 0 ? "at the start" : `at byte ${offset}`;
  const all = chains.flatMap(({ lengths }) => lengths);
  const least = all.reduce((a, b) => Math.min(a, b));
  const most = all.reduce((a, b) => Math.max(a, b));
  const leads = size === 1 ? "leads" : "lead";
  const exact = chains.filter(({ isCut }) => !isCut).length;
  const evidence = [
    `The ${what} ${where} of each frame ${leads} to the next one, ${frames} times in a row; they say ${least} to ${most}`,
  ];
  if (added === 0) evidence.push("The length counts its header");
  if (empty > 0) evidence.push(`${empty} of the frames are empty`);
  if (exact > 0) {
    evidence.push(
      chains.length === 1
        ? "The last frame ends where the bytes end"
        : `In ${exact} of ${chains.length} directions, the last frame ends where the bytes end`,
    );
  }
  return evidence;
}
