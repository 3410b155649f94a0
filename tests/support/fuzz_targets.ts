/** The codecs that are fuzzed: their options, frames and bytes. */

import {
  type Codec,
  delimited,
  fixedLength,
  lengthPrefixed,
  lines,
} from "../../src/codec/mod.ts";
import { utf8 } from "./bytes.ts";
import type { Random } from "./random.ts";

/** The options of a codec, by name. */
export type Options = Readonly<Record<string, unknown>>;

/** A codec and what is random about it. */
export interface FuzzTarget {
  readonly name: string;
  /** Bytes that mean something in the format. */
  readonly alphabet: readonly number[];
  /** Options that the codec takes. */
  options(random: Random): Options;
  make(options: Options): Codec<unknown>;
  /** A frame, which the encoder may refuse. */
  frame(random: Random, options: Options): unknown;
  /** Whether a frame comes out exactly as it was given. */
  exact(options: Options): boolean;
  /** Whether one stream of frames has one form in bytes only. */
  canonical(options: Options): boolean;
  /** Whether the encoder may refuse what the decoder handed out. */
  readonly mayRefuse?: boolean;
}

const always = () => true;
const never = () => false;
const text = (characters: string) => [...utf8(characters)];

/** All of them. */
export const fuzzTargets: readonly FuzzTarget[] = [
  {
    name: "lengthPrefixed",
    alphabet: [0, 0, 0, 1, 2, 3, 4, 5, 8, 127, 128, 255],
    options(random) {
      const lengthBytes = 1 + random.below(8);
      const lengthOffset = random.pick([0, 0, 0, 1, 3]);
      return {
        ...limits(random),
        lengthBytes,
        lengthOffset,
        endian: random.pick(["big", "little"]),
        lengthIncludes: random.pick(["body", "frame"]),
        lengthAdjustment: random.chance(0.7) ? 0 : random.below(17) - 8,
        stripBytes: random.chance(0.7)
          ? lengthOffset + lengthBytes
          : random.below(13),
        copy: random.chance(0.5),
      };
    },
    make: (options) => lengthPrefixed(options) as Codec<unknown>,
    frame: (random) => random.bytes(random.length()),
    exact: (options) => !handsOutLength(options),
    canonical: (options) =>
      options.stripBytes === 0 ||
      options.lengthOffset === 0 &&
        Number(options.stripBytes) <= Number(options.lengthBytes),
  },
  {
    name: "fixedLength",
    alphabet: [0, 1, 255],
    options: (random) => ({
      frameLength: 1 + random.below(random.pick([1, 4, 40])),
      copy: random.chance(0.5),
    }),
    make: (options) =>
      fixedLength(options as { frameLength: number }) as Codec<unknown>,
    frame: (random, { frameLength }) => random.bytes(Number(frameLength)),
    exact: always,
    canonical: always,
  },
  {
    name: "delimited",
    alphabet: text("aaabbc\r\n;"),
    options: (random) => ({
      ...limits(random),
      delimiter: random.pick([
        "\n",
        "\r\n",
        "aab",
        "abab",
        "aa",
        "abcabd",
        ["\n", "\r\n"],
        ["\r\n", "\n"],
        [";", "a", "ab", "abcb"],
        ["ab", "b"],
        ["bc", "ab"],
      ]),
      keepDelimiter: random.chance(0.3),
      truncated: random.pick(["error", "emit", "drop"]),
      copy: random.chance(0.5),
    }),
    make: (options) =>
      delimited(options as { delimiter: string }) as Codec<unknown>,
    frame(random, options) {
      const frame = random.chance(0.3)
        ? random.bytes(random.length())
        : random.bytesOf(this.alphabet, random.below(12));
      const { delimiter, keepDelimiter } = options;
      if (!keepDelimiter) return frame;
      const end = utf8(
        String(Array.isArray(delimiter) ? delimiter[0] : delimiter),
      );
      return Uint8Array.of(...frame.subarray(0, 2_000), ...end);
    },
    exact: always,
    canonical: ({ delimiter, truncated, keepDelimiter }) =>
      truncated === "error" &&
      (keepDelimiter === true || !Array.isArray(delimiter)),
    mayRefuse: true,
  },
  {
    name: "lines",
    alphabet: [...text("ab\r\n\r\nä→😀"), 0xff, 0xc0],
    options: (random) => ({
      ...limits(random),
      truncated: random.pick(["error", "emit", "drop"]),
      fatal: random.chance(0.3),
    }),
    make: (options) => lines(options) as Codec<unknown>,
    frame: (random) =>
      Array.from(
        { length: random.length() },
        () => random.pick(["a", "b", " ", "ä", "→", "😀", "\r", "\ufeff"]),
      ).join(""),
    exact: always,
    canonical: never,
    mayRefuse: true,
  },
];

/** Limits that short frames reach, and the default one. */
function limits(random: Random): Options {
  return {
    maxFrameLength: random.pick([0, 1, 3, 8, 40, 300, 5_000, 1_048_576]),
    onOversize: random.pick(["error", "skip"]),
  };
}

/** Whether the length field is in what is handed out, and so written anew. */
function handsOutLength(options: Options): boolean {
  return Number(options.stripBytes) <
    Number(options.lengthOffset) + Number(options.lengthBytes);
}
