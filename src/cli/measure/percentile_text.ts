import type { Histogram } from "./histogram.ts";
import { percentileSteps } from "./percentile_steps.ts";

/**
 * The percentile distribution of a histogram as HdrHistogram writes it (`.hgrm`), in
 * milliseconds, for its plotter and other programs that read it.
 */
export function percentileText(histogram: Histogram): string {
  const lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""];
  for (const { percent, time, count } of percentileSteps(histogram)) {
    const part = percent / 100;
    const line = `${milliseconds(time)} ${part.toFixed(12)} ${
      String(count).padStart(10)
    }`;
    lines.push(
      part === 1 ? line : `${line} ${(1 / (1 - part)).toFixed(2).padStart(14)}`,
    );
  }
  const { mean, max, total } = histogram;
  const deviation = milliseconds(deviationOf(histogram));
  lines.push(
    `#[Mean    = ${milliseconds(mean)}, StdDeviation   = ${deviation}]`,
    `#[Max     = ${milliseconds(max)}, Total count    = ${
      String(total).padStart(12)
    }]`,
    "#[Buckets =           22, SubBuckets     =         2048]",
    "",
  );
  return lines.join("\n");
}

function milliseconds(microseconds: number): string {
  return (microseconds / 1_000).toFixed(3).padStart(12);
}

/** The standard deviation: every time counts as the middle of its bucket. */
function deviationOf(histogram: Histogram): number {
  const total = Math.max(histogram.total, 1);
  const middles = Array.from(
    histogram.buckets(),
    ({ shortest, longest, count }) =>
      [(shortest + longest) / 2, count] as const,
  );
  const mean = middles.reduce((sum, [time, n]) => sum + time * n, 0) / total;
  const square = middles.reduce(
    (sum, [time, n]) => sum + (time - mean) ** 2 * n,
    0,
  );
  return Math.sqrt(square / total);
}
