import { isUtf8 } from "../../format/hints/encodings.ts";
import { isTextByte } from "../../format/hints/evidence.ts";
import type { Sample } from "./types.ts";

/** How many bytes of each sample are looked at. */
export const MOST_OF_SAMPLE = 65_536;
/** How many bytes of all samples together. */
export const MOST_OF_ALL = 131_072;

/** The bytes that are looked at, and what is known of them before any guess. */
export interface Observed {
  /** The beginnings of the samples, without those that are empty. */
  readonly streams: readonly Sample[];
  readonly total: number;
  /** How often each byte occurs. */
  readonly counts: Uint32Array;
  /** The price of each byte in bits, if bytes have no order: -log2 of its share. */
  readonly costs: Float64Array;
  /** Whether all bytes are UTF-8. */
  readonly isUtf8: boolean;
  /** The control characters that occur and that text does not have. */
  readonly controls: readonly number[];
}

/** Gathers what the guesses have in common. */
export function observe(samples: readonly Sample[]): Observed {
  const streams: Sample[] = [];
  let total = 0;
  for (const { bytes, ended } of samples) {
    const most = Math.min(MOST_OF_SAMPLE, MOST_OF_ALL - total);
    if (bytes.length === 0 || most === 0) continue;
    const isWhole = bytes.length <= most;
    streams.push({ bytes: bytes.subarray(0, most), ended: ended && isWhole });
    total += Math.min(most, bytes.length);
  }
  const counts = new Uint32Array(256);
  for (const { bytes } of streams) for (const byte of bytes) counts[byte]!++;
  return {
    streams,
    total,
    counts,
    // Half an occurrence more of each, so that few bytes do not look regular.
    costs: Float64Array.from(
      counts,
      (count) => -Math.log2((count + 0.5) / (total + 128)),
    ),
    isUtf8: streams.every(({ bytes }) => isUtf8(bytes)),
    controls: [...counts.keys()].filter((byte) =>
      counts[byte]! > 0 && byte < 0x80 && !isTextByte(byte)
    ),
  };
}

/** Whether all is text. */
export function isText({ isUtf8, controls }: Observed): boolean {
  return isUtf8 && controls.length === 0;
}

/** The price of bytes in bits. */
export function costOf(
  { costs }: Observed,
  bytes: Uint8Array,
  from = 0,
  to: number = bytes.length,
): number {
  let cost = 0;
  for (let i = from; i < to; i++) cost += costs[bytes[i]!]!;
  return cost;
}

/**
 * The price in bits of a byte if it were no more frequent than others of its kind. A
 * delimiter mostly is more frequent than those.
 */
export function flatCost(
  { counts, total }: Observed,
  byte: number,
  except?: number,
): number {
  const kind = byte === 0 || byte === 0xff ? PRINTABLE : kindOf(byte);
  let most = 0.5;
  for (let i = 0; i < 256; i++) {
    if (i === byte || i === except || kindOf(i) > kind) continue;
    most = Math.max(most, counts[i]!);
  }
  return -Math.log2(most / total);
}

const HIGH = 0;
const CONTROL = 1;
const PRINTABLE = 2;

/** The kind of a byte: one with a lower number is less often data. */
function kindOf(byte: number): number {
  // Numbers are full of zeros and of ff, and the flag of HDLC is no character.
  if (byte === 0 || byte === 0xff) return CONTROL;
  if (byte >= 0x7e) return HIGH;
  return isTextByte(byte) ? PRINTABLE : CONTROL;
}

/** Whether a byte is mostly a part of a character in UTF-8. */
export function isInCharacters(
  { streams, counts }: Observed,
  byte: number,
): boolean {
  if (byte < 0x80 || byte > 0xf4) return false;
  const [from, to, step] = byte < 0xc0 ? [0xc2, 0xf4, -1] : [0x80, 0xbf, 1];
  let inCharacters = 0;
  for (const { bytes } of streams) {
    for (
      let at = bytes.indexOf(byte);
      at >= 0;
      at = bytes.indexOf(byte, at + 1)
    ) {
      const next = bytes[at + step] ?? 0;
      // The byte before can be one in the middle, too.
      if (next >= (step < 0 ? 0x80 : from) && next <= to) inCharacters++;
    }
  }
  return inCharacters > 0.7 * counts[byte]!;
}
