import { FormatError } from "../../format/format_error.ts";
import { formatFromJson, formatToJson } from "../../format/json.ts";
import { counted } from "../counted.ts";
import type { ConformCase } from "./conform_case.ts";
import { FrameSource } from "./frame_source.ts";
import { TestedFormat } from "./tested_format.ts";

/** The source of these cases. */
export const GENERATED = "generated";

/** Sizes that every format is tried with. */
const SIZES = [0, 1, 2, 3, 4, 7, 8, 127, 128, 255, 256, 1000];

/** A limit above this one is not looked for: the case would take too long. */
const MOST_LIMIT = 2 ** 21;

/** How many random sequences there are, and of how many frames. */
const SEQUENCES = 4;
const MOST_FRAMES = 20;
const MOST_LARGE_FRAMES = 3;

/**
 * Cases that come from the codec of a format: frames of many sizes, at the limit and
 * one byte over it, random sequences, and a stream that ends inside a frame.
 *
 * @param known Frames of the format: there are formats whose frames cannot be made up.
 */
export function generatedCases(
  format: TestedFormat,
  seed: number,
  known: readonly unknown[],
): ConformCase[] {
  const source = new FrameSource(format, seed, known);
  const cases: ConformCase[] = [];
  const add = (name: string, frames: readonly unknown[]) => {
    const input = frames.length === 0 ? undefined : format.encode(frames);
    if (input === undefined) return;
    const decoder = { input, ...format.decode(input) };
    cases.push({ name, source: GENERATED, decoder, encoder: { frames } });
  };
  const sizes: number[] = [];
  for (const size of new Set([...SIZES, ...fixedSizes(format)])) {
    const frame = source.sized(size);
    if (frame === undefined) continue;
    sizes.push(size);
    add(`a frame of ${counted(size, "byte")}`, [frame]);
  }
  const limit = limitOf(source);
  if (limit !== undefined) {
    for (const size of [limit - 1, limit]) {
      if (sizes.includes(size)) continue;
      const frame = source.sized(size);
      if (frame === undefined) continue;
      add(
        `a frame of ${counted(size, "byte")}, ${
          size === limit ? "the limit" : "one below the limit"
        }`,
        [frame],
      );
    }
    const input = overLimit(format, source, limit);
    if (input !== undefined) {
      cases.push({
        name: "a frame of one byte over the limit",
        source: GENERATED,
        decoder: { input, ...format.decode(input) },
      });
    }
  }
  const small = sizes.filter((size) => size < 300);
  const sequence = () =>
    small.length > 0 || sizes.length === 0
      ? source.sequence(MOST_FRAMES, small)
      : source.sequence(MOST_LARGE_FRAMES, sizes);
  for (let i = 1; i <= SEQUENCES; i++) {
    add(`random frames, ${i}`, sequence());
  }
  const whole = format.encode(sequence());
  if (whole !== undefined && whole.length > 0) {
    const input = whole.subarray(0, -1);
    cases.push({
      name: "the stream ends one byte too early",
      source: GENERATED,
      decoder: { input, ...format.decode(input) },
    });
  }
  return cases;
}

/** The size of all frames, of a format in which they have one. */
function fixedSizes({ codec }: TestedFormat): number[] {
  const frameLength = formatToJson(codec)?.[0]?.frameLength;
  return typeof frameLength === "number" && frameLength <= MOST_LIMIT
    ? [frameLength]
    : [];
}

/** The size of the largest frame, where sizes from 1 on are frames up to there. */
function limitOf(source: FrameSource): number | undefined {
  const isFrame = (size: number) => source.isCarried(source.letters(size));
  if (!isFrame(1) || isFrame(MOST_LIMIT)) return undefined;
  let [most, over] = [1, MOST_LIMIT];
  while (over - most > 1) {
    const size = Math.floor((most + over) / 2);
    if (isFrame(size)) most = size;
    else over = size;
  }
  return most;
}

/**
 * A frame that is one byte longer than the limit, between two others: as a codec of a
 * higher limit writes it.
 */
function overLimit(
  { codec }: TestedFormat,
  source: FrameSource,
  limit: number,
): Uint8Array | undefined {
  const [first, ...views] = formatToJson(codec) ?? [];
  if (first === undefined) return undefined;
  const { maxEncodedLength: _, ...options } = first;
  let higher: TestedFormat;
  try {
    higher = new TestedFormat(
      formatFromJson([
        // What a view adds to a frame counts, too.
        { ...options, maxFrameLength: 2 * limit + 64 } as typeof first,
        ...views,
      ]),
    );
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
  const small = source.letters(1);
  return higher.encode([small, source.letters(limit + 1), small]);
}
