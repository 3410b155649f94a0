import type { Histogram } from "./histogram.ts";

/** A point of a percentile curve. */
export interface PercentileStep {
  /** The percentage of all times that is looked for, from 0 to 100. */
  readonly percent: number;
  /** The time that so many do not exceed, in microseconds. */
  readonly time: number;
  /** How many times do not exceed it. */
  readonly count: number;
}

/**
 * The curve of a histogram, from 0 to 100 %. The steps become half as wide each time
 * that the distance to 100 % has halved, as in the text of HdrHistogram, so that the
 * few longest times have points of their own.
 *
 * @param steps How many points there are for each halving.
 */
export function* percentileSteps(
  histogram: Histogram,
  steps: number = 5,
): Generator<PercentileStep, void> {
  const { total } = histogram;
  let percent = 0;
  let count = 0;
  for (const { longest: time, count: here } of histogram.buckets()) {
    count += here;
    while (percent <= 100 * count / total) {
      yield { percent, time, count };
      if (count === total) break;
      const halvings = Math.floor(Math.log2(100 / (100 - percent)));
      percent += 100 / (steps * 2 ** (halvings + 1));
    }
    if (count === total) yield { percent: 100, time, count };
  }
}
