import {
  type ErrorKind,
  errorNames,
  type Measured,
  sumOfErrors,
} from "./measured.ts";
import { bytesShown, countShown, millisecondsShown } from "./numbers.ts";

/** The percentiles that a report names, in percent. */
export const REPORTED = [50, 90, 99, 99.9] as const;

/** What has been measured, as text for people. */
export function reportText(measured: Measured): string {
  return [
    ...summaryLines(measured),
    "",
    ...latencyLines(measured),
    "",
    ...errorLines(measured),
    "",
  ].join("\n");
}

function summaryLines(measured: Measured): string[] {
  const { connections, inFlight, rate, requests, seconds } = measured;
  const { requestBytes, interrupted } = measured;
  const perSecond = (count: number) => seconds === 0 ? 0 : count / seconds;
  const { opened, left } = connections;
  const lost = left === opened ? "" : `, ${opened - left} lost`;
  const load = rate === undefined
    ? "closed loop"
    : `${countShown(rate)} a second due`;
  return [
    `${countShown(requests)} requests of ${bytesShown(requestBytes)} in ${
      seconds.toFixed(1)
    } s${interrupted ? ", interrupted" : ""}`,
    `${opened} connections${lost}, ${inFlight} in flight each, ${load}`,
    "",
    `throughput  ${countShown(perSecond(measured.replies))} replies/s`,
    `sent        ${bytesShown(perSecond(measured.bytesSent))}/s`,
    `received    ${bytesShown(perSecond(measured.bytesReceived))}/s`,
  ];
}

function latencyLines({ corrected, uncorrected }: Measured): string[] {
  const histograms = corrected === undefined
    ? [uncorrected]
    : [corrected, uncorrected];
  const row = (name: string, cells: readonly string[]) =>
    (name.padEnd(10) + cells.map((cell) => cell.padStart(14)).join(""))
      .trimEnd();
  const times = (of: (histogram: typeof uncorrected) => number) =>
    histograms.map((histogram) =>
      histogram.total === 0 ? "none" : millisecondsShown(of(histogram))
    );
  return [
    row("latency", [...corrected ? ["corrected"] : [], "uncorrected"]),
    ...REPORTED.map((percent) =>
      row(`p${percent}`, times((histogram) => histogram.percentile(percent)))
    ),
    row("max", times(({ max }) => max)),
    corrected === undefined
      ? "A closed loop has no due times: a server that stalls is asked less meanwhile, and the latencies are too good. With --rate they are corrected."
      : "corrected: from when a request was due; uncorrected: from when it was sent",
  ];
}

function errorLines({ errors }: Measured): string[] {
  if (sumOfErrors(errors) === 0) return ["errors      none"];
  const kinds = Object.keys(errorNames) as ErrorKind[];
  return [
    "errors",
    ...kinds.filter((kind) => errors[kind] > 0).map((kind) =>
      `  ${errorNames[kind].padEnd(24)}${countShown(errors[kind])}`
    ),
  ];
}
