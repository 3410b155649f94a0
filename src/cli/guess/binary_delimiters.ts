import { hexOf } from "../../codec/bytes/hex.ts";
import {
  allLengthsCost,
  beginningsGain,
  type Candidate,
  type Chain,
  distinct,
  endsGain,
  literal,
} from "./candidate.ts";
import { lengthsCost } from "./codes.ts";
import { endsEvidence, followDelimited } from "./delimited_chain.ts";
import { flatCost, isInCharacters, isText, type Observed } from "./observed.ts";

/** Bytes of any kind that one byte cuts, which is more frequent than the others. */
export function binaryCandidates(observed: Observed): Candidate[] {
  const { counts } = observed;
  if (isText(observed)) return [];
  const found: Candidate[] = [];
  for (let byte = 0; byte < 256; byte++) {
    // In bytes of any kind, characters are data.
    if (counts[byte]! < 3 || byte >= 0x20 && byte < 0x7e) continue;
    if (isInCharacters(observed, byte)) continue;
    const binary = binaryBits(observed, byte);
    if (binary === undefined) continue;
    const { bits, chains } = binary;
    found.push({
      expression: `delimited(${literal([byte])})`,
      // It is one of 256 bytes, and a part of a header is as frequent.
      bits: bits / 2 - 14,
      evidence: [
        `The byte ${hexOf([byte])} is there ${
          counts[byte]
        } times, more often than the other bytes make probable`,
        ...endsEvidence(chains),
      ],
      most: "possible" as const,
      isVague: true,
    });
  }
  return found;
}

/**
 * What a byte saves as the end of frames of any bytes; empty frames are rare.
 *
 * @param escape The byte that tells it from data, if there is one.
 */
export function binaryBits(
  observed: Observed,
  byte: number,
  escape?: number,
): { readonly bits: number; readonly chains: readonly Chain[] } | undefined {
  const chains = followDelimited(observed, [byte]);
  if (chains === undefined) return undefined;
  const all = chains.flatMap(({ lengths }) => lengths);
  const filled = all.filter((length) => length > 0);
  if (filled.length < 2) return undefined;
  // Two ends in a row are common where one stands before each frame as well.
  if (escape === undefined && filled.length < all.length * 0.8) {
    return undefined;
  }
  const price = flatCost(observed, byte, escape);
  // Most bytes are as frequent as others.
  const isKnown = escape !== undefined || byte === 0;
  if (!isKnown && (price + 2) * filled.length < lengthsCost(filled)) {
    return undefined;
  }
  const once = distinct(chains).map(withoutEmpty);
  const count = once.reduce((sum, { lengths }) => sum + lengths.length, 0);
  const ofLengths = count * price - allLengthsCost(once);
  const least = escape === undefined ? -Infinity : -10;
  const bits = Math.max(least, ofLengths) + beginningsGain(once, observed) +
    endsGain(chains, observed.streams);
  return { bits, chains };
}

function withoutEmpty(chain: Chain): Chain {
  const isFilled = (_: unknown, i: number) => chain.lengths[i] !== 0;
  return {
    ...chain,
    starts: chain.starts.filter(isFilled),
    lengths: chain.lengths.filter(isFilled),
    ...(chain.ends && { ends: chain.ends.filter(isFilled) }),
  };
}
