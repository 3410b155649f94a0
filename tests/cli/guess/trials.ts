/** Guesses of many captures whose format is known, and what came of them. */

import { cutAll } from "../../../src/cli/guess/cut.ts";
import { guessFormats } from "../../../src/cli/guess/guess_formats.ts";
import type { Sample } from "../../../src/cli/guess/types.ts";
import { formatOf, parseFormat } from "../../../src/format/mod.ts";
import { captureOf } from "./capture_of.ts";
import type { Format } from "./formats.ts";

/** What came of the captures of a format. */
export interface Trial {
  readonly expression: string;
  readonly captures: number;
  /** How often the first guess finds the same frames at the same places. */
  readonly right: number;
  /** How often it is the same expression, but for stages over it. */
  readonly same: number;
  /** How often nothing was guessed. */
  readonly none: number;
  /** How often a guess was certain and wrong. */
  readonly wrongCertain: number;
  /** The captures whose first guess is not right: their seeds and the guess. */
  readonly misses: readonly string[];
}

/** Guesses `count` captures of each format. */
export function trialsOf(
  formats: readonly Format[],
  count: number,
  firstSeed: number,
): Trial[] {
  return formats.map((format, i) => {
    const { expression } = format;
    const own = parseFormat(expression);
    let [right, same, none, wrongCertain] = [0, 0, 0, 0];
    const misses: string[] = [];
    for (let k = 0; k < count; k++) {
      const seed = firstSeed + 1_000 * i + k;
      const samples = captureOf(format, seed);
      const [guess] = guessFormats(samples).guesses;
      if (guess === undefined) {
        none++;
        misses.push(`${seed}: nothing`);
        continue;
      }
      const codec = parseFormat(guess.expression);
      if (placesOf(codec, samples) === placesOf(own, samples)) right++;
      else {
        misses.push(`${seed}: ${guess.expression} (${guess.confidence})`);
        if (guess.confidence === "certain") wrongCertain++;
      }
      if (bare(guess.expression) === bare(formatOf(own)!)) same++;
    }
    return {
      expression,
      captures: count,
      right,
      same,
      none,
      wrongCertain,
      misses,
    };
  });
}

/** The first stage of an expression. */
function bare(expression: string): string {
  return expression.split(" | ")[0]!;
}

/** Where a codec finds frames. */
function placesOf(
  codec: ReturnType<typeof parseFormat>,
  samples: readonly Sample[],
): string {
  return JSON.stringify(cutAll(codec, samples)?.places);
}
