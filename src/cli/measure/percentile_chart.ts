import type { Histogram } from "./histogram.ts";
import type { Measured } from "./measured.ts";
import { countShown, millisecondsShown } from "./numbers.ts";
import { percentileSteps } from "./percentile_steps.ts";

const WIDTH = 800;
const HEIGHT = 460;
/** Where the curves are. */
const AREA = { left: 84, right: 760, top: 92, bottom: 404 } as const;

const STYLE = `
  .page { fill: #ffffff }
  text { fill: #1f2937; font: 13px system-ui, sans-serif }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #4b5563 }
  .grid { stroke: #d1d5db; stroke-width: 1 }
  .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round }
  .corrected { stroke: #b45309 }
  .uncorrected { stroke: #1d4ed8; stroke-dasharray: 7 4 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #111827 }
    text { fill: #f3f4f6 }
    .quiet { fill: #cbd5e1 }
    .grid { stroke: #374151 }
    .corrected { stroke: #fbbf24 }
    .uncorrected { stroke: #60a5fa }
  }
`;

/** A curve and what the legend calls it. */
interface Curve {
  readonly name: "corrected" | "uncorrected";
  readonly histogram: Histogram;
}

/**
 * Draws the latencies as an SVG: for each percentile, the time that it does not exceed.
 * Both axes are logarithmic, so that the longest latencies have as much room as the
 * shortest. It suits light and dark pages.
 */
export function percentileChart(measured: Measured): string {
  const curves = curvesOf(measured);
  const [one] = curves;
  // A curve ends where one request is left.
  const decades = Math.max(1, Math.log10(Math.max(one!.histogram.total, 1)));
  const least = Math.min(...curves.map(({ histogram }) => histogram.min));
  const most = Math.max(...curves.map(({ histogram }) => histogram.max), 1);
  const lowest = Math.floor(Math.log10(Math.max(least, 1)));
  const highest = Math.max(Math.log10(most) + 0.05, lowest + 1);
  const x = (nines: number) =>
    AREA.left + (AREA.right - AREA.left) * Math.min(nines / decades, 1);
  const y = (time: number) =>
    AREA.bottom - (AREA.bottom - AREA.top) *
      (Math.log10(Math.max(time, 1)) - lowest) / (highest - lowest);
  const title = "Latency by percentile";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    `<text class="title" x="24" y="32">${title}</text>`,
    `<text class="quiet" x="24" y="52">${loadShown(measured)}</text>`,
    ...curves.flatMap(legend),
    ...timeLines(lowest, highest, y),
    ...percentileLines(decades, x),
    ...curves.map(({ name, histogram }) =>
      `<polyline class="curve ${name}" points="${
        pointsOf(histogram, x, y, decades)
      }"/>`
    ),
    "</svg>",
    "",
  ].join("\n");
}

function curvesOf({ corrected, uncorrected }: Measured): Curve[] {
  const sent: Curve = { name: "uncorrected", histogram: uncorrected };
  return corrected === undefined
    ? [sent]
    : [{ name: "corrected", histogram: corrected }, sent];
}

function loadShown({ connections, inFlight, rate, requests }: Measured) {
  const load = rate === undefined
    ? "closed loop"
    : `${countShown(rate)} requests a second due`;
  return `${
    countShown(requests)
  } requests, ${connections.opened} connections, ${inFlight} in flight each, ${load}`;
}

function legend({ name, histogram }: Curve, index: number): string[] {
  const at = 24 + 376 * index;
  const p99 = millisecondsShown(histogram.percentile(99));
  return [
    `<line class="curve ${name}" x1="${at}" y1="71" x2="${at + 32}" y2="71"/>`,
    `<text x="${at + 40}" y="75">${name}: p99 ${p99}, max ${
      millisecondsShown(histogram.max)
    }</text>`,
  ];
}

/** A line for each power of ten between the shortest and the longest time. */
function timeLines(
  lowest: number,
  highest: number,
  y: (time: number) => number,
): string[] {
  const powers = Array.from(
    { length: Math.floor(highest - lowest) + 1 },
    (_, i) => lowest + i,
  );
  return powers.flatMap((power) => {
    const at = fixed(y(10 ** power));
    return [
      `<line class="grid" x1="${AREA.left}" y1="${at}" x2="${AREA.right}" y2="${at}"/>`,
      `<text class="quiet" x="${
        AREA.left - 8
      }" y="${at}" dy="4" text-anchor="end">${powerShown(power)}</text>`,
    ];
  });
}

/** A power of ten in microseconds. */
function powerShown(power: number): string {
  if (power >= 6) return `${10 ** (power - 6)} s`;
  return power >= 3 ? `${10 ** (power - 3)} ms` : `${10 ** power} µs`;
}

/** A line for each further nine, and for the median. */
function percentileLines(
  decades: number,
  x: (nines: number) => number,
): string[] {
  const marks = [
    0,
    Math.log10(2),
    ...Array.from({ length: Math.floor(decades) }, (_, i) => i + 1),
  ];
  return marks.flatMap((nines) => {
    const at = fixed(x(nines));
    const percent = 100 - 100 / 10 ** nines;
    const shown = nines < 1 ? Math.round(percent) : nines < 3
      // 90 and 99 have no decimals; 99.9 has one, and each further nine one more.
      ? percent.toFixed(0)
      : percent.toFixed(nines - 2);
    return [
      `<line class="grid" x1="${at}" y1="${AREA.top}" x2="${at}" y2="${AREA.bottom}"/>`,
      `<text class="quiet" x="${at}" y="${
        AREA.bottom + 22
      }" text-anchor="middle">${shown} %</text>`,
    ];
  });
}

function pointsOf(
  histogram: Histogram,
  x: (nines: number) => number,
  y: (time: number) => number,
  decades: number,
): string {
  return Array.from(percentileSteps(histogram, 10), ({ percent, time }) => {
    const nines = percent === 100 ? decades : Math.log10(100 / (100 - percent));
    return `${fixed(x(nines))},${fixed(y(time))}`;
  }).join(" ");
}

function fixed(number: number): string {
  return number.toFixed(1);
}
