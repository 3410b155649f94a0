/** Says what came of each step, and of all of them. */

import type { Finished } from "./process.ts";

/** What came of one step. */
export interface Outcome {
  /** The step's name in the summary. */
  readonly name: string;
  readonly passed: number;
  /** The names of what failed. */
  readonly failed: readonly string[];
  /** The names of what was skipped, with the reason where there is one. */
  readonly skipped: readonly string[];
  readonly seconds: number;
}

/**
 * Runs a step and says how it ended.
 *
 * @param detail What tells steps of the same name apart.
 */
export async function step(
  name: string,
  detail: string,
  work: () => Promise<{ outcome: Outcome; output: string }>,
): Promise<Outcome> {
  const title = detail === "" ? name : `${name}, ${detail}`;
  console.log(`> ${title}`);
  const { outcome, output } = await work();
  if (outcome.failed.length > 0) console.log(output.trimEnd());
  // Other steps may have begun since it did, so the name is said again.
  console.log(
    `  ${outcome.failed.length > 0 ? "FAILED" : "ok"} ${title}: ${
      counts(outcome)
    }`,
  );
  return outcome;
}

/** One outcome for all that have the same name, in the order of the first. */
export function joined(outcomes: readonly Outcome[]): Outcome[] {
  const byName = Map.groupBy(outcomes, ({ name }) => name);
  return [...byName].map(([name, parts]) => ({
    name,
    passed: sum(parts.map(({ passed }) => passed)),
    failed: parts.flatMap(({ failed }) => failed),
    skipped: parts.flatMap(({ skipped }) => skipped),
    seconds: sum(parts.map(({ seconds }) => seconds)),
  }));
}

/** A check passes or fails as a whole. */
export function checkOutcome(name: string, finished: Finished): Outcome {
  return {
    name,
    passed: finished.ok ? 1 : 0,
    failed: finished.ok ? [] : ["see above"],
    skipped: [],
    seconds: finished.seconds,
  };
}

/** Prints the summary and returns the exit status. */
export function printSummary(outcomes: readonly Outcome[]): number {
  console.log("");
  for (const outcome of outcomes) {
    console.log(`${outcome.name}: ${counts(outcome)}`);
    for (const name of outcome.failed) console.log(`  failed: ${name}`);
    for (const name of outcome.skipped) console.log(`  skipped: ${name}`);
  }
  const passed = sum(outcomes.map((outcome) => outcome.passed));
  const failed = sum(outcomes.map((outcome) => outcome.failed.length));
  const skipped = sum(outcomes.map((outcome) => outcome.skipped.length));
  console.log("");
  console.log(
    `${passed} passed, ${failed} failed` +
      (skipped > 0 ? `, ${skipped} skipped` : ""),
  );
  return failed > 0 || passed === 0 ? 1 : 0;
}

function counts({ passed, failed, skipped, seconds }: Outcome): string {
  return `${passed} passed, ${failed.length} failed` +
    (skipped.length > 0 ? `, ${skipped.length} skipped` : "") +
    ` (${seconds.toFixed(1)} s)`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
