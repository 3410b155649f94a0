import {
  allLengthsCost,
  beginningsGain,
  type Candidate,
  type Chain,
  distinct,
  endsGain,
  followAll,
  literal,
  wholeFrames,
} from "./candidate.ts";
import { endsEvidence } from "./delimited_chain.ts";
import { costOf, flatCost, isText, type Observed } from "./observed.ts";
import type { Sample } from "./types.ts";

/** What frames stand between. */
interface Marks {
  readonly start: readonly number[];
  readonly end: readonly number[];
  /** How many bytes of a checksum follow the end mark. */
  readonly trailer: number;
  /** How improbable such marks are, in bits. */
  readonly price: number;
  /** Whether they are guessed from the bytes. */
  readonly isGuess?: boolean;
}

/** Pairs that devices and protocols use. */
const known: readonly (readonly [string, string])[] = [
  ["\x02", "\x03"],
  ["\x01", "\x04"],
  ["\x01", "\x03"],
  ["\x02", "\x04"],
  ["\x02", "\r"],
  ["\x02", "\x03\r"],
  ["\x02", "\x03\r\n"],
  ["\x10\x02", "\x10\x03"],
  ["\x0b", "\x1c\r"],
  ["\x05", "\x04"],
  ["\x1b", "\x04"],
  ["<", ">"],
  ["[", "]"],
  ["(", ")"],
  ["<<", ">>"],
  ["[[", "]]"],
  ["$", "#"],
  ["#", "*"],
  ["^", "$"],
  ["!", "\r"],
  [":", "\r\n"],
  ["$", "\r\n"],
  ["<", ">\r\n"],
  ["<", ">\n"],
  ["[", "]\r\n"],
  ["[", "]\n"],
];

const LINE_FEED = 0x0a;
/** How many frames that differ show marks which nobody knows. */
const LEAST_DISTINCT = 6;
const TRAILERS = [0, 1, 2, 4];
/** How many pairs that are not known are tried. */
const MOST_ENDS = 4;

/** The candidates whose frames stand between two marks. */
export function markCandidates(observed: Observed): Candidate[] {
  return marksIn(observed).flatMap((marks) => {
    const one = candidateOf(observed, marks);
    return one === undefined ? [] : [one];
  });
}

function marksIn(observed: Observed): Marks[] {
  const { streams: [stream] } = observed;
  if (stream === undefined) return [];
  const { bytes } = stream;
  const marks: Marks[] = known
    .map(([start, end]) => ({ start: codes(start), end: codes(end) }))
    .filter(({ start }) => start.every((code, i) => bytes[i] === code))
    .flatMap((pair) =>
      TRAILERS.map((trailer) => ({
        ...pair,
        trailer,
        price: trailer === 0 ? 5 : 9,
      }))
    );
  for (const length of [1, 2, 4]) {
    const start = [...bytes.subarray(0, length)];
    if (start.length < length || !start.every(isMark)) break;
    for (const end of endsFor(bytes, start)) {
      if (!end.every(isMark) || end[0] === start[0]) continue;
      marks.push({
        start,
        end,
        trailer: 0,
        price: 8 + 8 * end.length + 6,
        isGuess: true,
      });
    }
  }
  return marks;
}

/** What stands most often before a start mark. */
function endsFor(bytes: Uint8Array, start: readonly number[]): number[][] {
  const found = new Map<number, number>();
  const [first = 0, ...others] = start;
  for (
    let at = bytes.indexOf(first, start.length);
    at >= 0;
    at = bytes.indexOf(first, at + 1)
  ) {
    const begins = at;
    if (!others.every((code, i) => bytes[begins + 1 + i] === code)) continue;
    for (const length of [1, 2]) {
      let key = length;
      for (let i = length; i > 0; i--) key = key * 256 + bytes[at - i]!;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
  }
  return [...found].filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_ENDS)
    .map(([key]) =>
      key < 2 * 65_536 ? [key & 255] : [key >> 8 & 255, key & 255]
    );
}

function candidateOf(
  observed: Observed,
  marks: Marks,
): Candidate | undefined {
  const chains = followAll(observed, (stream) => follow(stream, marks));
  if (chains === undefined) return undefined;
  const frames = wholeFrames(chains);
  if (frames < 2) return undefined;
  const { start, end, trailer, price, isGuess = false } = marks;
  // Brackets around all of a text.
  const isWhole = isText(observed);
  // Lines that begin alike are lines.
  const hasLines = chains.some(({ bytes, starts, lengths }) =>
    lengths.some((length, i) =>
      bytes.subarray(starts[i], starts[i]! + length).includes(LINE_FEED)
    )
  );
  if (end.at(-1) === LINE_FEED && isWhole && !hasLines) return undefined;
  const once = distinct(chains);
  const count = countOf(once);
  const ofLengths = count * end.reduce(
        (sum, byte) => sum + flatCost(observed, byte),
        0,
      ) - allLengthsCost(once);
  const bits = count * costOf(observed, Uint8Array.from(start)) +
    (isWhole ? Math.max(-6, ofLengths) + 12 : ofLengths) +
    beginningsGain(once, observed) +
    endsGain(chains, observed.streams) - price;
  const options = [literal(start), literal(end)];
  if (trailer > 0) options.push(`trailerLength=${trailer}`);
  return {
    expression: `marked(${options.join(", ")})`,
    bits,
    evidence: [
      `Each of ${frames} frames begins with ${literal(start)} and ends with ${
        literal(end)
      }${
        trailer > 0 ? ` and ${trailer} more bytes` : ""
      }, and nothing stands between frames`,
      ...endsEvidence(chains),
    ],
    ...((frames < 5 || isGuess) && { most: "likely" }),
    // A few messages that come again and again end alike by chance.
    isVague: isGuess && countOf(distinct(chains, 1)) < LEAST_DISTINCT,
  };
}

/** How many frames of known lengths there are. */
function countOf(chains: readonly Chain[]): number {
  return chains.reduce((sum, { lengths }) => sum + lengths.length, 0);
}

function follow(
  { bytes }: Sample,
  { start, end, trailer }: Marks,
): Chain | undefined {
  const starts: number[] = [];
  const lengths: number[] = [];
  const [first = 0, ...others] = end;
  let at = 0;
  let isCut = false;
  while (at < bytes.length) {
    const begins = at;
    const isStart = start.every((code, i) =>
      begins + i >= bytes.length || bytes[begins + i] === code
    );
    if (!isStart) return undefined;
    const content = at + start.length;
    let found = bytes.indexOf(first, content);
    while (
      found >= 0 && !others.every((code, i) => bytes[found + 1 + i] === code)
    ) found = bytes.indexOf(first, found + 1);
    starts.push(content);
    const next = found + end.length + trailer;
    isCut = found < 0 || next > bytes.length;
    if (isCut) break;
    lengths.push(found - content);
    at = next;
  }
  return {
    bytes,
    starts,
    lengths,
    end: bytes.length,
    whole: lengths.length,
    isCut,
  };
}

/** Whether a byte is a mark, and hardly data: a control character, not ASCII, 55 or 5a. */
function isMark(byte: number): boolean {
  if (byte === 0x55 || byte === 0x5a) return true;
  return byte > 0 && byte < 0x20 && byte !== 0x09 && byte !== 0x0a ||
    byte >= 0x7e && byte < 0xff;
}

function codes(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
