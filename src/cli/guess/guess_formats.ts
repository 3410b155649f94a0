import { formatOf } from "../../format/format_of.ts";
import { parseFormat } from "../../format/parse_format.ts";
import type { Candidate } from "./candidate.ts";
import { type Cut, cutAll } from "./cut.ts";
import { binaryCandidates } from "./binary_delimiters.ts";
import { textDelimiterCandidates } from "./text_delimiters.ts";
import { headedCandidates } from "./headed.ts";
import { lengthCandidates } from "./lengths.ts";
import { markCandidates } from "./marks.ts";
import { observe, type Observed } from "./observed.ts";
import { presetCandidates } from "./presets.ts";
import { protocolOf } from "./protocols.ts";
import { recordCandidates } from "./records.ts";
import { refine } from "./refinements.ts";
import { stuffingCandidates } from "./stuffings.ts";
import type { Confidence, Guess, GuessResult, Sample } from "./types.ts";
import { varintCandidates } from "./varints.ts";
import { viewsOf } from "./views.ts";

/** How many guesses are given. */
const MOST_GUESSES = 5;
/** How many candidates are decoded with their codecs. */
const MOST_DECODED = 12;
/** How many bits a format must save, so that chance does not do as well. */
const POSSIBLE = 12;
const LIKELY = 28;
const CERTAIN = 60;
/** How many whole frames a certain guess has. */
const LEAST_CERTAIN = 4;

/** A candidate whose codec has decoded the bytes. */
interface Decoded extends Candidate {
  readonly cut: Cut;
}

/**
 * Ranks the formats that explain bytes. A format is worth the bits that the bytes take
 * less where it is known: lengths that lead from frame to frame, delimiters, checksums,
 * and frames that begin alike. Only formats whose codec decodes all samples are given.
 *
 * At most 64 KiB of each sample are looked at, and 128 KiB of all.
 *
 * @param samples The directions of connections, all in one format.
 * @returns The guesses, and the protocol if its beginning shows it.
 */
export function guessFormats(samples: readonly Sample[]): GuessResult {
  const observed = observe(samples);
  const { total, streams } = observed;
  const protocol = protocolOf(streams);
  const named = protocol &&
    { protocol: { name: protocol.name, evidence: protocol.evidence } };
  if (protocol?.isOther || total === 0) {
    return { guesses: [], ...named, looked: total };
  }
  const decoded = withRecordsFirst(
    candidatesOf(observed)
      .flatMap((candidate) => decodedOf(candidate, observed))
      .filter(({ bits }) => bits >= POSSIBLE)
      .sort(byRank),
  );
  const guesses = decoded.filter((one) => isWorth(one, decoded[0]!))
    .slice(0, MOST_GUESSES)
    .map((one, i) => guessOf(one, i, decoded, total));
  return { guesses, ...named, looked: total };
}

/** What is sure comes first, then what saves more. */
function byRank(a: Candidate, b: Candidate): number {
  return tierOf(b) - tierOf(a) || b.bits - a.bits;
}

function tierOf({ isSure, isVague, bits }: Candidate): number {
  if (isSure) return 2;
  return bits >= LIKELY && !isVague ? 1 : 0;
}

/** How many times more than any other format records of one length save. */
const RECORDS_SAVE = 5;

/** Puts records of one length first where they explain far more than all else. */
function withRecordsFirst(ranked: readonly Decoded[]): readonly Decoded[] {
  const records = ranked.find(({ expression }) => /^fixed\b/.test(expression));
  const [best] = ranked;
  if (records === undefined || best === undefined || best.isSure) return ranked;
  if (records.bits < RECORDS_SAVE * best.bits) return ranked;
  return [records, ...ranked.filter((one) => one !== records)];
}

/** The best candidates of all kinds, the best first. */
function candidatesOf(observed: Observed): Candidate[] {
  return [
    ...presetCandidates(observed),
    ...headedCandidates(observed),
    ...textDelimiterCandidates(observed),
    ...binaryCandidates(observed),
    ...markCandidates(observed),
    ...stuffingCandidates(observed),
    ...varintCandidates(observed),
    ...lengthCandidates(observed),
    ...recordCandidates(observed),
  ]
    .filter(({ bits }) => bits > -40)
    .sort(byRank)
    .slice(0, MOST_DECODED);
}

/** A candidate with what its contents are; a preset before the general format. */
function decodedOf(candidate: Candidate, { streams }: Observed): Decoded[] {
  const { expression, bits, evidence } = candidate;
  const cut = cutAll(parseFormat(expression), streams);
  if (cut === undefined || cut.frames === 0) return [];
  if (leavesOut(cut, streams)) return [];
  const views = viewsOf(expression, cut, streams);
  const { isSure = false, isVague = false, most } = candidate;
  const general: Decoded = {
    expression: normal(views.expression),
    bits: bits + views.bits,
    evidence: [...evidence, ...views.evidence],
    isSure,
    isVague,
    // A checksum that is right is not by chance.
    ...(most !== undefined && (isVague || views.bits < 40) && { most }),
    cut,
  };
  const refined = refine(expression, cut, streams);
  if (refined === undefined) return [general];
  const special: Decoded = {
    expression: normal(refined.expression),
    bits: general.bits + 8,
    evidence: [...evidence, refined.evidence],
    isSure,
    cut,
  };
  return [special, general];
}

/** Whether there is a stream of which a format explains nothing, though it is long. */
function leavesOut({ places }: Cut, streams: readonly Sample[]): boolean {
  const longest = places.reduce(
    (most, { start, end }) => Math.max(most, end - start),
    0,
  );
  const explained = new Set(places.map(({ stream }) => stream));
  return streams.some(({ bytes, ended }, i) =>
    !explained.has(i) && (ended || bytes.length > 2 * longest)
  );
}

/** An expression without what is there by default. */
function normal(expression: string): string {
  return formatOf(parseFormat(expression)) ?? expression;
}

/** Whether a guess is worth to be shown beside the best one. */
function isWorth(one: Decoded, best: Decoded): boolean {
  if (isSame(one, best)) return one.bits >= best.bits * 0.2;
  return !best.isSure && one.bits >= best.bits * 0.4;
}

function guessOf(
  one: Decoded,
  index: number,
  all: readonly Decoded[],
  total: number,
): Guess {
  const { expression, cut, evidence } = one;
  const { frames, explained, left } = cut;
  return {
    expression,
    confidence: confidenceOf(one, index, all),
    frames,
    explained: explained / total,
    left,
    evidence,
  };
}

/** How sure a guess is: by its own bits, and by those of the next one. */
function confidenceOf(
  one: Decoded,
  index: number,
  all: readonly Decoded[],
): Confidence {
  const { bits, most, isSure, cut } = one;
  if (most === "possible") return most;
  if (index > 0) {
    return bits >= LIKELY && isSame(one, all[0]!) ? "likely" : "possible";
  }
  const others = all.slice(1);
  if (isSure) {
    return bits >= CERTAIN && cut.frames >= LEAST_CERTAIN
      ? "certain"
      : "likely";
  }
  const other = others.find((next) => !isSame(one, next));
  const margin = bits - (other?.bits ?? 0);
  const ofSame = bits - (others[0]?.bits ?? 0);
  if (
    bits >= CERTAIN && most === undefined && margin >= 20 && ofSame >= 4 &&
    cut.frames >= LEAST_CERTAIN
  ) return "certain";
  return bits >= LIKELY && margin >= 6 ? "likely" : "possible";
}

/** Whether two formats cut the bytes at the same places. */
function isSame({ cut: a }: Decoded, { cut: b }: Decoded): boolean {
  return a.places.length === b.places.length &&
    a.places.every(({ stream, end }, i) =>
      stream === b.places[i]!.stream && end === b.places[i]!.end
    );
}
