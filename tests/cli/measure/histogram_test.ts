/** Compared with `hdr-histogram-js`, a port of HdrHistogram. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { build, type Histogram as Hdr } from "hdr-histogram-js";
import { test } from "node:test";
import { Histogram } from "../../../src/cli/measure/histogram.ts";
import { percentileText } from "../../../src/cli/measure/percentile_text.ts";
import { randomNumbers } from "../../support/cuts.ts";

const COUNT = 50_000;
const HOUR = 3_600_000_000;

/** Times in microseconds, by how they are spread. */
const spreads: Readonly<Record<string, (random: () => number) => number>> = {
  random: (random) => Math.floor(random() * 2_000_000),
  "over all magnitudes": (random) => Math.floor(HOUR ** random()),
  exponential: (random) => 1 + Math.round(-Math.log(1 - random()) * 800),
  bimodal: (random) =>
    Math.round((random() < 0.98 ? 200 : 1_000_000) * (1 + random())),
  constant: () => 1_234_567,
};
const percentiles = [0.1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

function reference(): Hdr {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HOUR,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 64,
  });
}

function bothOf(times: readonly number[]): [Histogram, Hdr] {
  const ours = new Histogram();
  const theirs = reference();
  for (const time of times) {
    ours.record(time);
    theirs.recordValue(time);
  }
  return [ours, theirs];
}

function timesOf(spread: string, seed: number): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: COUNT }, () => spreads[spread]!(random));
}

function assertNear(actual: number, expected: number, what: string): void {
  assert(
    Math.abs(actual - expected) <= expected / 1_000,
    `${what}: expected ${expected} within 0.1 %, got ${actual}`,
  );
}

for (const spread of Object.keys(spreads)) {
  test(`Histogram has the percentiles of HdrHistogram when times are ${spread}`, () => {
    const [ours, theirs] = bothOf(timesOf(spread, 1));
    for (const percent of percentiles) {
      assertNear(
        ours.percentile(percent),
        theirs.getValueAtPercentile(percent),
        `p${percent}`,
      );
    }
    assertNear(ours.max, theirs.maxValue, "max");
    assertNear(ours.min, theirs.minNonZeroValue, "min");
    assertNear(ours.mean, theirs.mean, "mean");
    assertEquals(ours.total, theirs.totalCount);
  });
}

test("Histogram keeps three digits of any time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: HOUR }), (time) => {
      const histogram = new Histogram();
      histogram.record(time);
      const [bucket] = [...histogram.buckets()];
      assert(bucket!.shortest <= time && bucket!.longest === time);
      // What is longer shows where the bucket ends.
      histogram.record(HOUR);
      const reached = histogram.percentile(50);
      assert(reached >= time && reached - time <= time / 1_000);
    }),
  );
});

test("Histogram has the exact percentiles of times below 2,048", () => {
  const times = fc.array(fc.integer({ min: 0, max: 2_047 }), { minLength: 1 });
  fc.assert(
    fc.property(times, fc.constantFrom(...percentiles), (times, percent) => {
      const [ours, theirs] = bothOf(times);
      assertEquals(
        ours.percentile(percent),
        theirs.getValueAtPercentile(percent),
      );
      assertEquals(ours.min, Math.min(...times));
      assertEquals(ours.max, Math.max(...times));
    }),
  );
});

test("Histogram.record() takes a count, and times out of its range", () => {
  const histogram = new Histogram();
  histogram.record(1_000, 99);
  histogram.record(2 * HOUR);
  assertEquals(histogram.total, 100);
  assertEquals(histogram.percentile(99), 1_000);
  assertEquals(histogram.max, HOUR);
  histogram.record(-1);
  histogram.record(0.6);
  assertEquals(histogram.min, 0);
  assertEquals(histogram.percentile(1.5), 1);
});

test("Histogram.add() gives what all times together give", () => {
  const times = timesOf("exponential", 2);
  const [all] = bothOf(times);
  const [sum] = bothOf(times.slice(0, 100));
  sum.add(bothOf(times.slice(100))[0]);
  assertEquals(sum, all);
  sum.add(new Histogram());
  assertEquals(percentileText(sum), percentileText(all));
});

test("Histogram has zeros where nothing was recorded", () => {
  const { min, max, mean, total } = new Histogram();
  assertEquals([min, max, mean, total], [0, 0, 0, 0]);
  assertEquals(new Histogram().percentile(99), 0);
  assertEquals([...new Histogram().buckets()], []);
});

for (const spread of Object.keys(spreads)) {
  test(`percentileText() writes what HdrHistogram writes when times are ${spread}`, () => {
    const [ours, theirs] = bothOf(timesOf(spread, 3));
    const lines = percentileText(ours).split("\n");
    const expected = theirs.outputPercentileDistribution(5, 1_000).split("\n");
    assertEquals(lines.map(wordsOf), expected.map(wordsOf));
    for (const [i, line] of lines.entries()) {
      const theirNumbers = numbersOf(expected[i]!);
      for (const [at, number] of numbersOf(line).entries()) {
        assertNear(number, theirNumbers[at]!, `line ${i + 1}`);
      }
    }
  });
}

/** What a line has besides its digits. */
function wordsOf(line: string): string {
  return line.replaceAll(/\d/g, "0");
}

function numbersOf(line: string): number[] {
  return (line.match(/\d+(\.\d+)?/g) ?? []).map(Number);
}

test("percentileText() writes the end alone when nothing was recorded", () => {
  assertEquals(
    percentileText(new Histogram()).split("\n").slice(0, 3),
    [
      "       Value     Percentile TotalCount 1/(1-Percentile)",
      "",
      "#[Mean    =        0.000, StdDeviation   =        0.000]",
    ],
  );
});
