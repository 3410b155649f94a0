import { parseFormat } from "../../format/parse_format.ts";
import type { Candidate, Chain } from "./candidate.ts";
import { cutAll } from "./cut.ts";
import { binaryBits } from "./delimiters.ts";
import { hexByte, hexOf } from "../../codec/bytes/hex.ts";
import { costOf, isInCharacters, type Observed } from "./observed.ts";

const SLIP_END = 0xc0;
const SLIP_ESCAPE = 0xdb;
const FLAG = 0x7e;
const FLAG_ESCAPE = 0x7d;

/** The candidates whose frames end with a byte that is escaped in them. */
export function stuffingCandidates(observed: Observed): Candidate[] {
  return [
    ...cobsCandidates(observed),
    ...hdlcCandidates(observed),
    ...escapeCandidates(observed),
  ];
}

/** COBS: each frame has as many bytes as its blocks say. */
function cobsCandidates(observed: Observed): Candidate[] {
  const ends = binaryBits(observed, 0);
  if (ends === undefined) return [];
  const { chains, bits } = ends;
  let blocks = 0;
  let frames = 0;
  for (const { bytes, starts, lengths } of chains) {
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!;
      if (length === 0) continue;
      const start = starts[i]!;
      let at = start;
      while (at < start + length) at += bytes[at]!;
      if (at !== start + length) return [];
      // By chance, the last block could end at each byte of the frame or behind it.
      blocks += Math.log2(length + 1) - 1;
      frames++;
    }
  }
  if (frames < 2) return [];
  const evidence = [
    `A zero ends each of ${frames} frames, and the distances in each frame end at that zero`,
  ];
  return [{
    expression: "cobs",
    bits: Math.max(0, bits) + blocks + 4,
    evidence,
    isSure: blocks >= 48,
  }];
}

/** HDLC: the checksum of each frame is right. */
function hdlcCandidates(observed: Observed): Candidate[] {
  const { streams, counts } = observed;
  if (counts[FLAG]! < 2) return [];
  return (["fcs16", "fcs32"] as const).flatMap((fcs) => {
    const expression = fcs === "fcs16" ? "hdlc" : "hdlc(fcs32)";
    const cut = cutAll(parseFormat(expression), streams);
    if (cut === undefined || cut.frames === 0) return [];
    const { frames } = cut;
    const evidence = [
      `The ${
        fcs === "fcs16" ? "FCS-16" : "FCS-32"
      } of ${frames} frames between flags 7e is right`,
    ];
    const bits = frames * (fcs === "fcs16" ? 16 : 32);
    return [{ expression, bits, evidence, isSure: bits >= 48 }];
  });
}

/** Whether a byte is rather a part of a text than an escape or an end. */
function isInText(observed: Observed, byte: number): boolean {
  return byte >= 0x20 && byte < 0x7e || byte >= 0x09 && byte <= 0x0d ||
    isInCharacters(observed, byte);
}

interface Escape {
  readonly escape: number;
  /** The bytes that stand behind the escape. */
  readonly followers: readonly number[];
  /** What they save: there could be any bytes. */
  readonly bits: number;
}

/** Frames with an escape byte: SLIP, and others like it. */
function escapeCandidates(observed: Observed): Candidate[] {
  const { counts } = observed;
  const escapes = escapesIn(observed);
  const found: Candidate[] = [];
  for (let end = 0; end < 256; end++) {
    if (counts[end]! < 2 || isInText(observed, end)) continue;
    const isSlip = end === SLIP_END;
    const fitting = escapes.filter(({ escape, followers }) =>
      escape !== end && !followers.includes(end) &&
      (escape !== FLAG_ESCAPE || end === FLAG) &&
      (escape !== SLIP_ESCAPE || isSlip)
    );
    if (fitting.length === 0 && !isSlip) continue;
    const ends = binaryBits(observed, end);
    if (ends === undefined) continue;
    if (isSlip && counts[SLIP_ESCAPE] === 0) {
      found.push(slipCandidate(ends.bits - 4, ends.chains, 0));
    }
    for (const one of fitting) {
      const candidate = escapedCandidate(end, one, ends);
      if (candidate !== undefined) found.push(candidate);
    }
  }
  return found;
}

/** The bytes behind which only a few others stand. */
function escapesIn(observed: Observed): Escape[] {
  const { streams, counts } = observed;
  const behind = Array.from({ length: 256 }, () => new Set<number>());
  for (const { bytes } of streams) {
    for (let i = 0; i + 1 < bytes.length; i++) {
      const { size } = behind[bytes[i]!]!;
      if (size <= 40) behind[bytes[i]!]!.add(bytes[i + 1]!);
    }
  }
  const prices = new Float64Array(256);
  for (const { bytes } of streams) {
    for (let i = 0; i + 1 < bytes.length; i++) {
      if (behind[bytes[i]!]!.size <= 40) {
        prices[bytes[i]!]! += costOf(observed, bytes, i + 1, i + 2);
      }
    }
  }
  return behind.flatMap((set, escape) => {
    if (counts[escape]! < 2 || set.size === 0 || set.size > 40) return [];
    const isKnown = escape === SLIP_ESCAPE || escape === FLAG_ESCAPE;
    if (!isKnown && isInText(observed, escape)) return [];
    const followers = [...set].sort((a, b) => a - b);
    // Which bytes stand there must be said, too.
    const bits = prices[escape]! - counts[escape]! * Math.log2(set.size) -
      8 * set.size;
    if (!isKnown && bits < 8) return [];
    return [{ escape, followers, bits }];
  });
}

function escapedCandidate(
  end: number,
  { escape, followers, bits }: Escape,
  ends: { readonly bits: number; readonly chains: readonly Chain[] },
): Candidate | undefined {
  const count = followers.length;
  if (end === SLIP_END && escape === SLIP_ESCAPE) {
    if (followers.some((byte) => byte !== 0xdc && byte !== 0xdd)) {
      return undefined;
    }
    return slipCandidate(ends.bits + bits - 2, ends.chains, count);
  }
  const map = mapOf(end, escape, followers);
  if (map === undefined) return undefined;
  const [{ bytes: [first] } = { bytes: [] }] = ends.chains;
  // HDLC has a flag before each frame, too.
  const isHdlc = end === FLAG && first === FLAG && escape === FLAG_ESCAPE &&
    map === "{xor: 0x20}";
  return {
    expression: isHdlc
      ? "hdlc(none)"
      : `stuffed(${hexByte(end)}, ${hexByte(escape)}, ${map})`,
    bits: ends.bits + bits - (escape === FLAG_ESCAPE ? 4 : 24),
    evidence: [
      `The byte ${hexOf([end])} ends frames, and behind each ${
        hexOf([escape])
      } stands ${hexOf(followers, " or ")}`,
    ],
    isWeak: true,
  };
}

/** What the bytes behind an escape stand for, if they make sense. */
function mapOf(
  end: number,
  escape: number,
  followers: readonly number[],
): string | undefined {
  for (const first of followers) {
    for (const byte of [end, escape]) {
      const xor = first ^ byte;
      if (xor === 0 || xor === (end ^ escape)) continue;
      const meant = followers.map((follower) => follower ^ xor);
      const others = meant.filter((one) => one !== end && one !== escape);
      // Control characters are often escaped as well.
      if (others.some((one) => one >= 0x20 && (one & 0x7f) >= 0x20)) continue;
      if (others.length > 0 && meant.length - others.length < 1) continue;
      if (meant.length - others.length === 2 || xor === 0x20) {
        return `{xor: ${hexByte(xor)}}`;
      }
    }
  }
  if (followers.length !== 2 || followers.includes(0)) return undefined;
  const [a = 0, b = 0] = followers;
  const [forEnd, forEscape] = a === escape ? [b, a] : [a, b];
  return `{${hexByte(end)}: ${hexByte(forEnd)}, ${hexByte(escape)}: ${
    hexByte(forEscape)
  }}`;
}

function slipCandidate(
  bits: number,
  chains: readonly Chain[],
  escapes: number,
): Candidate {
  const frames = chains.reduce((sum, { whole }) => sum + whole, 0);
  return {
    expression: "slip",
    bits,
    evidence: [
      `The byte c0 ends ${frames} frames${
        escapes > 0 ? ", and behind each db stands dc or dd" : ""
      }`,
    ],
    isWeak: escapes === 0,
  };
}
