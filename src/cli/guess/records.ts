import { type Candidate, distinct } from "./candidate.ts";
import { Column } from "./codes.ts";
import { isText, type Observed } from "./observed.ts";

const LEAST_LENGTH = 3;
const MOST_LENGTH = 1_024;
/** How many bytes the search for a period looks at. */
const SEARCHED = 4_096;
/** How many periods are looked at closely. */
const MOST_PERIODS = 8;

/** The candidates whose frames all have one length: their columns are alike. */
export function recordCandidates(observed: Observed): Candidate[] {
  const { streams, counts, total } = observed;
  // Lines of one length are lines.
  if (counts[0x0a]! > 0 && observed.controls.length === 0) return [];
  const gains = periodsIn(observed).map((length) => ({
    length,
    // Numbers of two or four bytes are no frames.
    bits: periodBits(observed, length) -
      Math.max(
        0,
        ...[2, 4].filter((size) => length % size === 0 && size < length)
          .map((size) => periodBits(observed, size)),
      ),
  }));
  gains.sort((a, b) => b.bits - a.bits);
  return gains
    .slice(0, 2)
    .map(({ length, bits }) => {
      const frames = streams.reduce(
        (sum, { bytes }) => sum + Math.floor(bytes.length / length),
        0,
      );
      const isExact = streams.every(({ bytes }) => bytes.length % length === 0);
      return {
        expression: `fixed(${length})`,
        bits: bits - 2 * Math.log2(length + 1) - 4 +
          (isExact ? Math.log2(length) : 0),
        evidence: [
          `Every ${length} bytes, the same bytes come again: it saves ${
            Math.round(100 * bits / (8 * total))
          } % of the bytes`,
          `There are ${frames} frames`,
        ],
        isVague: true,
        most: isText(observed) ? "possible" : "likely",
      };
    });
}

/** The distances at which bytes are most often equal, more often than near them. */
function periodsIn({ streams, counts, total }: Observed): number[] {
  const [{ bytes } = { bytes: new Uint8Array(0) }] = [...streams]
    .sort((a, b) => b.bytes.length - a.bytes.length);
  const length = Math.min(bytes.length, SEARCHED);
  const chance = counts.reduce((sum, count) => sum + (count / total) ** 2, 0);
  const most = Math.min(MOST_LENGTH, Math.floor(length / 4));
  // Shares of bytes that are equal.
  const same = new Float64Array(most + 9).fill(chance);
  for (let period = 1; period < same.length; period++) {
    let count = 0;
    for (let i = period; i < length; i++) {
      if (bytes[i] === bytes[i - period]) count++;
    }
    same[period] = count / Math.max(1, length - period);
  }
  const deviation = Math.sqrt(chance / Math.max(1, length));
  const found: { period: number; score: number }[] = [];
  const scores: number[] = [];
  for (let period = LEAST_LENGTH; period <= most; period++) {
    // Numbers of 2, 4 or 8 bytes are alike at all multiples of their sizes.
    const near = Math.max(
      chance,
      ...[-8, -4, 4, 8].map((step) => same[period + step] ?? 0),
    );
    const score = (same[period]! - near) / deviation;
    scores[period] = score;
    if (score > 3) found.push({ period, score });
  }
  const best = found.reduce((most, { score }) => Math.max(most, score), 0);
  // Multiples of the period are alike as well.
  const periods = new Set<number>();
  for (const { period, score } of found) {
    if (score < 0.6 * best || periods.size >= MOST_PERIODS) continue;
    for (const part of [1, 2, 3, 4, 5]) {
      if ((scores[period / part] ?? 0) > 1) periods.add(period / part);
    }
  }
  return [...periods];
}

/** The bits that are saved if each column has its own symbols. */
function periodBits({ streams, costs }: Observed, length: number): number {
  const columns = Array.from({ length }, () => new Column());
  const chains = streams.map(({ bytes }) => {
    const whole = Math.floor(bytes.length / length);
    const starts = Array.from({ length: whole }, (_, i) => i * length);
    const end = whole * length;
    return { bytes, starts, lengths: [], end, whole, isCut: false };
  });
  for (const { bytes, starts } of distinct(chains)) {
    for (const start of starts) {
      for (let i = 0; i < length; i++) {
        const byte = bytes[start + i]!;
        columns[i]!.add(byte, costs[byte]!);
      }
    }
  }
  return columns.reduce((sum, { gain }) => sum + Math.max(0, gain) - 1, 0);
}
