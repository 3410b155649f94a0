import { parseFormat } from "../../format/parse_format.ts";
import {
  type Candidate,
  type Chain,
  distinct,
  wholeFrames,
} from "./candidate.ts";
import { cutAll } from "./cut.ts";
import { binaryBits } from "./binary_delimiters.ts";
import { hexByte, hexOf } from "../../codec/bytes/hex.ts";
import { costOf, isInCharacters, isText, type Observed } from "./observed.ts";

const SLIP_END = 0xc0;
const SLIP_ESCAPE = 0xdb;
const FLAG = 0x7e;
const FLAG_ESCAPE = 0x7d;

/** The candidates whose frames end with a byte that is escaped in them. */
export function stuffingCandidates(observed: Observed): Candidate[] {
  return [
    ...cobsCandidates(observed),
    ...hdlcCandidates(observed),
    ...knownEscapes(observed),
    ...escapeCandidates(observed),
  ];
}

/** COBS: each frame has as many bytes as its blocks say. */
function cobsCandidates(observed: Observed): Candidate[] {
  const ends = binaryBits(observed, 0);
  if (ends === undefined) return [];
  const { bits } = ends;
  const chains = distinct(ends.chains, 1);
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

/** Whether a byte is rather a part of text or of a number than an escape or an end. */
function isData(observed: Observed, byte: number): boolean {
  return byte === 0 || byte === 0xff || byte >= 0x20 && byte < 0x7e ||
    byte >= 0x09 && byte <= 0x0d ||
    isInCharacters(observed, byte);
}

interface Escape {
  readonly escape: number;
  /** The bytes that stand behind the escape. */
  readonly followers: readonly number[];
  /** What they save: there could be any bytes. */
  readonly bits: number;
}

/** SLIP, and what HDLC makes of frames, with the escapes that they always have. */
function knownEscapes(observed: Observed): Candidate[] {
  return [
    ...escapedBy(
      observed,
      SLIP_END,
      SLIP_ESCAPE,
      (byte) => byte === 0xdc || byte === 0xdd ? 7 : 0,
    ).map(({ escapes, bits, chains }) => ({
      expression: "slip",
      bits: bits + 4,
      evidence: [
        `The byte c0 ends ${wholeFrames(chains)} frames`,
        ...(escapes > 0 ? ["Behind each db stands dc or dd"] : []),
      ],
      ...(escapes < 4 && { most: "possible" as const, isVague: true }),
    })),
    ...escapedBy(
      observed,
      FLAG,
      FLAG_ESCAPE,
      (byte) =>
        byte === 0x5e || byte === 0x5d
          ? 7
          : byte >= 0x20 && byte < 0x40
          ? 2
          : 0,
    ).map(({ escapes, bits, chains }) => ({
      // HDLC has a flag before each frame, too.
      expression: chains.every(({ bytes: [first] }) => first === FLAG)
        ? "hdlc(none)"
        : "stuffed(0x7e, 0x7d, {xor: 0x20})",
      bits,
      evidence: [
        `The byte 7e ends ${wholeFrames(chains)} frames`,
        ...(escapes > 0
          ? [
            "Behind each 7d stands a byte that must not be in a frame, with bit 20 changed",
          ]
          : []),
      ],
      ...(escapes < 4 && { most: "possible" as const, isVague: true }),
    })),
  ];
}

/**
 * The frames with a known end and a known escape.
 *
 * @param worth How many bits a byte behind the escape is worth; 0 if it cannot be.
 */
function escapedBy(
  observed: Observed,
  end: number,
  escape: number,
  worth: (byte: number) => number,
): { escapes: number; bits: number; chains: readonly Chain[] }[] {
  const ends = observed.counts[end]! < 2
    ? undefined
    : binaryBits(observed, end, escape);
  if (ends === undefined) return [];
  const { chains } = ends;
  // In text without an escape, it is only a delimiter.
  if (end < 0x80 && isText(observed) && observed.counts[escape] === 0) {
    return [];
  }
  let { bits } = ends;
  let escapes = 0;
  for (const { bytes } of chains) {
    for (
      let at = bytes.indexOf(escape);
      at >= 0 && at + 1 < bytes.length;
      at = bytes.indexOf(escape, at + 2)
    ) if (worth(bytes[at + 1]!) === 0) return [];
  }
  // Frames that are repeated say nothing new.
  for (const { bytes, starts, ends } of distinct(chains)) {
    starts.forEach((start, i) => {
      const frame = bytes.subarray(start, ends?.[i]);
      for (
        let at = frame.indexOf(escape);
        at >= 0 && at + 1 < frame.length;
        at = frame.indexOf(escape, at + 2)
      ) {
        bits += worth(frame[at + 1]!);
        escapes++;
      }
    });
  }
  return [{ escapes, bits, chains }];
}

/** Frames with another end and another escape. */
function escapeCandidates(observed: Observed): Candidate[] {
  const escapes = escapesIn(observed);
  const found: Candidate[] = [];
  for (let end = 0; end < 256; end++) {
    if (observed.counts[end]! < 2 || isData(observed, end)) continue;
    const ends = binaryBits(observed, end);
    if (ends === undefined || ends.bits < 0) continue;
    for (const one of escapes) {
      const { escape, followers } = one;
      if (escape === end || followers.includes(end)) continue;
      const map = mapOf(end, one);
      if (map === undefined) continue;
      found.push({
        expression: `stuffed(${hexByte(end)}, ${hexByte(escape)}, ${map})`,
        bits: (ends.bits + one.bits) / 2 - 24,
        evidence: [
          `The byte ${hexOf([end])} ends frames, and behind each ${
            hexOf([escape])
          } stands ${hexOf(followers, " or ")}`,
        ],
        most: "possible",
        isVague: true,
      });
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
    if (isData(observed, escape)) return [];
    const followers = [...set].sort((a, b) => a - b);
    // Which bytes stand there must be said, too.
    const bits = prices[escape]! - counts[escape]! * Math.log2(set.size) -
      8 * set.size;
    if (bits < 8) return [];
    return [{ escape, followers, bits }];
  });
}

/** What the bytes behind an escape stand for, if they make sense. */
function mapOf(
  end: number,
  { escape, followers }: Escape,
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
