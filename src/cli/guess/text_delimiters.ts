import { isUtf8 } from "../../format/hints/encodings.ts";
import {
  allLengthsCost,
  beginningsGain,
  beginsWithEnd,
  type Candidate,
  type Chain,
  distinct,
  endsGain,
  literal,
  wholeFrames,
} from "./candidate.ts";
import { endsEvidence, followDelimited } from "./delimited_chain.ts";
import { isText, type Observed } from "./observed.ts";

/** A delimiter that text is often cut by, and how probable it is, in bits. */
interface Separator {
  readonly bytes: readonly number[];
  readonly bonus: number;
  /** The format, if it is more than a delimiter. */
  readonly expression?: string;
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
/** The longest line that is still taken for one. */
const LONGEST_LINE = 16_384;

/** Bytes that end pieces of text and are seldom in it. */
const separators: readonly Separator[] = [
  { bytes: [0], bonus: 24 },
  { bytes: [0x0d], bonus: 22 },
  { bytes: [0x1e], bonus: 22 },
  ...[
    0x03,
    0x04,
    0x17,
    0x1c,
    0x1d,
    0x1f,
    0x0c,
    0x01,
    0x02,
    0x05,
    0x07,
    0x1a,
    0x1b,
  ]
    .map((byte) => ({ bytes: [byte], bonus: 20 })),
  { bytes: [0xc0], bonus: 22, expression: "slip" },
  ...[
    0xff,
    0xfe,
    0xfd,
    0xfc,
    0xfb,
    0xfa,
    0xf9,
    0xf8,
    0xf7,
    0xf6,
    0xf5,
    0xc0,
    0xc1,
  ]
    .map((byte) => ({ bytes: [byte], bonus: 20 })),
  ...["|", "~", "^", "#", "$", ";", "%", "&", "@", "\t", "!"].map((text) => ({
    bytes: [text.charCodeAt(0)],
    bonus: "|~^".includes(text) ? 18 : text === ";" ? 18 : 8,
  })),
  ...[
    "\r\n\r\n",
    "\n\n",
    "||",
    "\r\n.\r\n",
    "##",
    "$$",
    "~~",
    "<EOF>",
    "<END>",
    "|END|",
    "\n--\n",
    "\n---\n",
    "\0\0",
    "\x03\r",
    "\x04\r\n",
  ]
    .map((text) => ({
      bytes: [...text].map((character) => character.charCodeAt(0)),
      bonus: 16,
    })),
];

/** The candidates whose frames are text that a delimiter ends. */
export function textDelimiterCandidates(observed: Observed): Candidate[] {
  const found = lineCandidates(observed);
  for (const separator of separators) {
    const one = textCandidate(observed, separator);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** Text whose lines end with a line feed. */
function lineCandidates(observed: Observed): Candidate[] {
  const { counts } = observed;
  if (!isText(observed)) return [];
  const chains = followDelimited(observed, [LINE_FEED]);
  const frames = chains === undefined ? 0 : wholeFrames(chains);
  if (chains === undefined || frames < 2) return [];
  const longest = longestOf(chains);
  if (longest > LONGEST_LINE) return [];
  const returns = counts[0x0d]!;
  const evidence = [
    `All bytes are text, and ${
      returns === counts[LINE_FEED] ? "0d 0a ends" : "0a ends"
    } ${frames} lines of at most ${longest} bytes`,
    ...endsEvidence(chains),
  ];
  const empty = chains.reduce(
    (sum, { bytes, starts, lengths }) =>
      sum +
      lengths.filter((length, i) =>
        length === 0 || length === 1 && bytes[starts[i]!] === RETURN
      ).length,
    0,
  );
  // Where every other line is empty, the empty ones rather end a frame.
  if (empty > 0 && 20 * empty > 9 * frames - 20) return [];
  // Most text that is sent is sent in lines.
  const bits = 26 + textBits(observed, chains, LINE_FEED);
  return [{ expression: "lines", bits, evidence }];
}

/** Text that something else than a line feed cuts. */
function textCandidate(
  observed: Observed,
  { bytes, bonus, expression }: Separator,
): Candidate | undefined {
  const { controls, counts, total } = observed;
  const [first = 0] = bytes;
  if (bytes.some((byte) => counts[byte] === 0)) return undefined;
  if (controls.some((byte) => !bytes.includes(byte))) return undefined;
  if (first < 0x80 ? !observed.isUtf8 : !isUtf8Without(observed, first)) {
    return undefined;
  }
  if (first === RETURN && bytes.length === 1 && counts[LINE_FEED]! > 0) {
    return undefined;
  }
  const chains = followDelimited(observed, bytes);
  const frames = chains === undefined ? 0 : wholeFrames(chains);
  if (chains === undefined || frames < 2) return undefined;
  const isPrintable = bytes.length === 1 && first >= SPACE && first < 0x7f ||
    first === 9;
  // Punctuation has a space behind it, and columns of a table have lines.
  if (isPrintable) {
    if (frames < 3 || counts[LINE_FEED]! > 0) return undefined;
    if (chains.some(({ isCut }, i) => isCut && observed.streams[i]!.ended)) {
      return undefined;
    }
    if (spacesBehind(chains) > frames / 2) return undefined;
  }
  if (total / frames > LONGEST_LINE || isHalf(observed, bytes, chains)) {
    return undefined;
  }
  const empty = chains.reduce(
    (sum, { lengths }) => sum + lengths.filter((length) => length === 0).length,
    0,
  );
  // SLIP can have an end before each frame, too.
  if (4 * empty > frames && expression === undefined) return undefined;
  const evidence = [
    `All else is text, and ${literal(bytes)} ends ${frames} pieces of at most ${
      longestOf(chains)
    } bytes`,
    ...endsEvidence(chains),
  ];
  const isStart = beginsWithEnd(chains) && expression === undefined;
  const bits = bonus + textBits(observed, chains, first) - (isStart ? 15 : 0);
  return {
    expression: expression ?? `delimited(${literal(bytes)})`,
    bits,
    evidence,
    ...((isPrintable || isStart) && { most: "likely" }),
    isVague: isStart,
  };
}

/** What lengths that are alike save, and beginnings, where a byte is as frequent as it is. */
function textBits(
  observed: Observed,
  chains: readonly Chain[],
  byte: number,
): number {
  const { costs, counts, total, streams } = observed;
  const others = -Math.log2(1 - counts[byte]! / (total + 1));
  const once = distinct(chains);
  let known = 0;
  for (const { lengths } of once) {
    for (const length of lengths) known += costs[byte]! + length * others;
  }
  const lengths = Math.max(-6, known - allLengthsCost(once));
  return lengths + beginningsGain(once, observed) + endsGain(chains, streams);
}

/** Whether a delimiter of two equal bytes is two delimiters, with nothing between. */
function isHalf(
  { counts }: Observed,
  [first = 0, ...others]: readonly number[],
  chains: readonly Chain[],
): boolean {
  if (others.length === 0 || others.some((byte) => byte !== first)) {
    return false;
  }
  return counts[first]! > (1 + others.length) * wholeFrames(chains) + 1;
}

function spacesBehind(chains: readonly Chain[]): number {
  return chains.reduce(
    (sum, { bytes, starts }) =>
      sum + starts.filter((start, i) => i > 0 && bytes[start] === SPACE).length,
    0,
  );
}

function longestOf(chains: readonly Chain[]): number {
  return chains.reduce(
    (most, { lengths }) => lengths.reduce((a, b) => Math.max(a, b), most),
    0,
  );
}

/** Whether all is UTF-8 but for a byte that is in none. */
function isUtf8Without({ streams }: Observed, byte: number): boolean {
  return streams.every(({ bytes }) =>
    isUtf8(bytes.map((one) => one === byte ? LINE_FEED : one))
  );
}
