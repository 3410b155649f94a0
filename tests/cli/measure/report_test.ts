import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { Histogram } from "../../../src/cli/measure/histogram.ts";
import { type Measured, noErrors } from "../../../src/cli/measure/measured.ts";
import { bytesShown } from "../../../src/cli/measure/numbers.ts";
import { percentileChart } from "../../../src/cli/measure/percentile_chart.ts";
import { showProgress } from "../../../src/cli/measure/progress.ts";
import { reportText } from "../../../src/cli/measure/report.ts";
import { reportCsv, reportData } from "../../../src/cli/measure/report_data.ts";
import { inVirtualTime } from "../../../src/testing/mod.ts";

function histogramOf(...times: number[]): Histogram {
  const histogram = new Histogram();
  for (const time of times) histogram.record(time, 500);
  return histogram;
}

const open: Measured = {
  connections: { opened: 10, left: 10 },
  inFlight: 1,
  rate: 100,
  requestBytes: 68,
  seconds: 10,
  requests: 1_000,
  replies: 1_000,
  bytesSent: 68_000,
  bytesReceived: 1_048_576_0,
  corrected: histogramOf(250, 1_000_000),
  uncorrected: histogramOf(200, 12_340),
  errors: noErrors(),
  firstError: undefined,
  interrupted: false,
};
const closed: Measured = {
  ...open,
  connections: { opened: 10, left: 8 },
  rate: undefined,
  corrected: undefined,
  interrupted: true,
  errors: { ...noErrors(), reset: 2, unanswered: 1_234 },
};
const nothing: Measured = {
  ...closed,
  seconds: 0,
  requests: 0,
  replies: 0,
  bytesSent: 0,
  bytesReceived: 0,
  uncorrected: new Histogram(),
};

test("reportText() shows both latencies side by side when there is a rate", () => {
  assertEquals(
    reportText(open),
    `1,000 requests of 68 B in 10.0 s
10 connections, 1 in flight each, 100 a second due

throughput  100 replies/s
sent        6.6 KiB/s
received    1.0 MiB/s

latency        corrected   uncorrected
p50             0.250 ms      0.200 ms
p90              1000 ms      12.34 ms
p99              1000 ms      12.34 ms
p99.9            1000 ms      12.34 ms
max              1000 ms      12.34 ms
corrected: from when a request was due; uncorrected: from when it was sent

errors      none
`,
  );
});

test("reportText() shows one latency and why when there is no rate", () => {
  assertEquals(
    reportText(closed),
    `1,000 requests of 68 B in 10.0 s, interrupted
10 connections, 2 lost, 1 in flight each, closed loop

throughput  100 replies/s
sent        6.6 KiB/s
received    1.0 MiB/s

latency      uncorrected
p50             0.200 ms
p90             12.34 ms
p99             12.34 ms
p99.9           12.34 ms
max             12.34 ms
A closed loop has no due times: a server that stalls is asked less meanwhile, and the latencies are too good. With --rate they are corrected.

errors
  reset                   2
  unanswered at the end   1,234
`,
  );
});

test("reportText() shows no latencies when nothing was measured", () => {
  const text = reportText(nothing);
  assert(text.includes("throughput  0 replies/s"));
  assert(text.includes("p50                 none"));
  assert(!text.includes("NaN"));
});

test("bytesShown() has the unit that fits", () => {
  assertEquals(
    [0, 1_023, 1_024, 102_400, 2 ** 20, 2 ** 40].map(bytesShown),
    ["0 B", "1023 B", "1.0 KiB", "100 KiB", "1.0 MiB", "1024 GiB"],
  );
});

test("reportData() has latencies in milliseconds", () => {
  const data = reportData(open);
  assertEquals(data.corrected, {
    min: 0.25,
    mean: 500.125,
    p50: 0.25,
    p90: 1_000,
    p99: 1_000,
    p999: 1_000,
    p9999: 1_000,
    max: 1_000,
  });
  assertEquals([data.rate, data.repliesPerSecond], [100, 100]);
  const { corrected, rate, interrupted, connectionsLeft } = reportData(closed);
  assertEquals([corrected, rate, interrupted, connectionsLeft], [
    null,
    null,
    true,
    8,
  ]);
  assertEquals(reportData(nothing).repliesPerSecond, 0);
});

test("reportCsv() has the same columns with and without a rate", () => {
  const rows = [open, closed].map((measured) => {
    const [names, values, end] = reportCsv(measured).split("\n");
    assertEquals(end, "");
    return { names: names!.split(","), values: values!.split(",") };
  });
  const [one, other] = rows;
  assertEquals(one!.names, other!.names);
  const cell = (row: number, name: string) =>
    rows[row]!.values[one!.names.indexOf(name)];
  assertEquals(one!.values.length, one!.names.length);
  assertEquals(other!.values.length, other!.names.length);
  assertEquals(cell(0, "corrected.p99"), "1000");
  assertEquals(cell(1, "corrected.p99"), "");
  assertEquals([cell(0, "rate"), cell(1, "rate")], ["100", ""]);
  assertEquals([cell(0, "interrupted"), cell(1, "interrupted")], ["0", "1"]);
  assertEquals(cell(1, "errors.unanswered"), "1234");
});

test("percentileChart() draws a curve for each latency", () => {
  const chart = percentileChart(open);
  const curves = [
    ...chart.matchAll(/<polyline class="curve (\w+)" points="([^"]*)"/g),
  ]
    .map(([, name, points]) => ({
      name,
      points: points!.split(" ").map((point) => point.split(",").map(Number)),
    }));
  assertEquals(curves.map(({ name }) => name), ["corrected", "uncorrected"]);
  for (const { points } of curves) {
    // From left to right and upwards, within the picture.
    for (const [i, [x, y]] of points.entries()) {
      const [left, below] = points[i - 1] ?? [0, 460];
      assert(x! >= left! && y! <= below!, `point ${i}: ${x}, ${y}`);
      assert(x! <= 800 && y! >= 0);
    }
    assertEquals(points.at(-1)![0], 760);
  }
  const [corrected, uncorrected] = curves.map(({ points }) =>
    points.at(-1)![1]!
  );
  assert(corrected! < uncorrected!);
  assert(chart.includes("corrected: p99 1000 ms, max 1000 ms"));
  assert(chart.includes("prefers-color-scheme: dark"));
});

test("percentileChart() is well-formed XML whatever was measured", () => {
  for (const measured of [open, closed, nothing]) {
    const chart = percentileChart(measured);
    assert(!/NaN|Infinity|undefined/.test(chart), chart);
    const open: string[] = [];
    for (const [, end, name, rest] of chart.matchAll(/<(\/?)(\w+)([^>]*)>/g)) {
      if (end === "/") assertEquals(open.pop(), name);
      else if (!rest!.endsWith("/")) open.push(name!);
    }
    assertEquals(open, []);
  }
});

test("showProgress() replaces its line once a second", () =>
  inVirtualTime(async () => {
    const written: string[] = [];
    const load = {
      replies: 0,
      uncorrected: new Histogram(),
      errors: noErrors(),
    };
    let gathered = "";
    const end = showProgress(load, {
      write: (text) => void (gathered += String(text)),
      flush: () => {
        written.push(gathered);
        gathered = "";
        return undefined;
      },
    });
    load.replies = 1_000;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    load.replies = 3_500;
    load.uncorrected.record(250);
    load.errors.reset = 2;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    end();
    assertEquals(written, [
      "\r\x1b[K1 s  1,000 replies/s  warm-up  0 errors",
      "\r\x1b[K2 s  2,500 replies/s  p99 0.250 ms uncorrected  2 errors",
      "\r\x1b[K",
    ]);
  }));
