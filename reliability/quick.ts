import { type Outcome, step } from "../scripts/testing/report.ts";
import type { Environment } from "../scripts/testing/setup.ts";
import { measureRow } from "./measure_row.ts";
import { type Row, runtimeNames } from "./row.ts";
import { rows } from "./rows/mod.ts";

/**
 * The rows of `--quick` take about so long on a runtime, in seconds: less than two
 * minutes together on all three.
 */
export const QUICK_SECONDS = 2;

const quickRows: readonly Row[] = rows.filter(({ seconds }) =>
  seconds <= QUICK_SECONDS
);

/** Measures the quick rows on all runtimes, as a step of the tests: each is a test. */
export async function reliabilityTests(
  environment: Environment,
): Promise<Outcome> {
  const name = "Reliability";
  return await step(name, "timed", async () => {
    const started = performance.now();
    const failed: string[] = [];
    let passed = 0;
    for (const runtime of runtimeNames) {
      for (const row of quickRows) {
        let one = await measureRow(row, runtime, environment);
        // Once more: a busy machine makes any figure bad now and then.
        if (!one.ok) one = await measureRow(row, runtime, environment);
        if (one.ok) passed++;
        else failed.push(`${row.name} on ${runtime}: ${one.figure}`);
      }
    }
    const seconds = (performance.now() - started) / 1_000;
    const outcome = { name, passed, failed, skipped: [], seconds };
    return { outcome, output: failed.join("\n") };
  });
}
