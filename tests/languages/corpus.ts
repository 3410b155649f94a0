/**
 * The cases of tests/vectors/ as questions for a program that has the generated code,
 * a line each, and what it must answer: README.md has the protocol.
 */

import type { Codec } from "../../src/codec/mod.ts";
import { parseFormat } from "../../src/format/mod.ts";
import { planOf } from "../../src/generate/plan_of.ts";
import type { Plan } from "../../src/generate/plan.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import type { Format } from "../support/formats.ts";
import { formatNamed, type Vector, vectorFiles } from "../support/vectors.ts";
import { printBytes, printFrame } from "./words.ts";

/** A format of the corpus that code can be generated for. */
export interface CorpusFormat {
  /** What its code is called, as `F12`. */
  readonly name: string;
  readonly expression: string;
  readonly codec: Codec<unknown>;
  readonly plan: Plan;
  readonly questions: Question[];
}

/** One question. */
export interface Question {
  /** The case, and the cut. */
  readonly about: string;
  /** The line, without the name of the format. */
  readonly line: string;
  /** What must come, in the order in which it is compared. */
  readonly expected: Answer;
}

/** What a program answers to one question. */
export interface Answer {
  readonly frames: readonly unknown[];
  /** The offsets and codes of frames that were passed over. Absent: not compared. */
  readonly skipped:
    | readonly { readonly code: string; readonly offset: number }[]
    | undefined;
  readonly error:
    | { readonly code: string; readonly offset?: number }
    // Not compared.
    | "any"
    | undefined;
  /**
   * What an encoder wrote, or what a decoder that was stopped had left. Absent: not
   * compared.
   */
  readonly bytes: Uint8Array | undefined;
  /** After how many chunks each frame came, where that is asked. */
  readonly frameArrivals?: readonly number[] | undefined;
  /** After how many chunks the error came, where that is asked. */
  readonly errorArrival?: number | undefined;
}

/** All formats of the corpus that code can be generated for. */
export function corpusFormats(): CorpusFormat[] {
  const formats = new Map<string, CorpusFormat>();
  for (const { file, format, vectors } of vectorFiles()) {
    for (const vector of vectors) {
      const { expression } = vector;
      if (expression === undefined) continue;
      const one = formats.get(expression) ??
        formatOfExpression(expression, `F${formats.size}`);
      if (one === undefined) continue;
      formats.set(expression, one);
      one.questions.push(
        ...questionsOf(vector, formatNamed(format), one.plan)
          .map((question) => ({
            ...question,
            about: `${file}: ${question.about}`,
          })),
      );
    }
  }
  return [...formats.values()];
}

function formatOfExpression(
  expression: string,
  name: string,
): CorpusFormat | undefined {
  const codec = parseFormat(expression);
  try {
    const plan = planOf(codec, name);
    return { name, expression, codec, plan, questions: [] };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * The longest input that is asked. In hexadecimal, the two cases of 16 MiB take as long
 * as all others together.
 */
const LONGEST_INPUT = 2 ** 22;

/** The bytes that are not there where nothing is said of them. */
const NONE = new Uint8Array(0);

function* questionsOf(
  vector: Vector,
  format: Format,
  plan: Plan,
): Generator<Question> {
  if (vector.input === undefined) {
    yield* encoding(vector, format, plan);
    return;
  }
  const input = bytesOf(vector.input);
  if (input.length > LONGEST_INPUT) return;
  const frames = vector.frames.map(format.frame);
  const skipped = (vector.skipped ?? []).map((one) =>
    typeof one === "number" ? { code: "FRAME_TOO_LARGE", offset: one } : one
  );
  const stops = vector.unread !== undefined;
  for (const { name, chunks } of cutsOf(input)) {
    const words = chunks.map((chunk) => printBytes(chunk)).join(" ");
    yield {
      about: `${vector.name} (${name})`,
      line: stops
        ? `take ${vector.stopAfter ?? -1} ${words}`
        : `decode ${words}`,
      expected: {
        frames,
        skipped: stops && vector.skipped === undefined ? undefined : skipped,
        error: vector.error,
        bytes: stops ? bytesOf(vector.unread!) : NONE,
      },
    };
  }
  if (vector.framesAt !== undefined || vector.errorAt !== undefined) {
    const { framesAt, errorAt } = vector;
    yield {
      about: `${vector.name} (arrival)`,
      line: `feed ${
        singleBytes(input).map((byte) => printBytes(byte)).join(" ")
      }`,
      expected: {
        frames: frames.slice(0, framesAt?.length),
        // What is only passed over, or refused, at the end does not come here.
        skipped: undefined,
        error: errorAt === undefined ? "any" : vector.error,
        bytes: NONE,
        frameArrivals: framesAt,
        errorArrival: errorAt,
      },
    };
  }
  if (vector.bothWays === true) {
    yield {
      about: `${vector.name} (encoded)`,
      line: encodeLine(frames, plan),
      expected: { frames: [], skipped: [], error: undefined, bytes: input },
    };
  }
}

function* encoding(
  { name, frames, output, refused }: Vector,
  format: Format,
  plan: Plan,
): Generator<Question> {
  const given = frames.map(format.frame);
  // The other languages have no text that is not Unicode.
  const isText = (frame: unknown) =>
    typeof frame !== "string" || frame.isWellFormed();
  if (!given.every(isText)) return;
  yield {
    about: name,
    line: encodeLine(given, plan),
    expected: {
      frames: [],
      skipped: [],
      error: refused === undefined ? undefined : { code: refused },
      bytes: output === undefined ? undefined : bytesOf(output),
    },
  };
}

function encodeLine(frames: readonly unknown[], plan: Plan): string {
  const words = frames.map((frame) => printFrame(frame, plan));
  return ["encode", ...words].join(" ");
}

/** Ways to cut an input: fewer for a long one. */
function* cutsOf(
  input: Uint8Array,
): Generator<{ name: string; chunks: readonly Uint8Array[] }> {
  if (input.length <= 65_536) yield { name: "whole", chunks: [input] };
  if (input.length <= 4_096) {
    yield { name: "single bytes", chunks: singleBytes(input) };
    yield { name: "random", chunks: randomCut(input, 1) };
    return;
  }
  const size = 1 + (input.length >> 3);
  const chunks = Array.from(
    { length: Math.ceil(input.length / size) },
    (_, i) => input.subarray(i * size, (i + 1) * size),
  );
  yield { name: `${size} bytes each`, chunks };
}
