import type { Histogram } from "./histogram.ts";
import type { ErrorCounts, Measured } from "./measured.ts";

/** Latencies in milliseconds. */
export interface LatencyData {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

/** What has been measured, for programs. Rates are a second. */
export interface ReportData {
  readonly connections: number;
  readonly connectionsLeft: number;
  readonly inFlight: number;
  readonly rate: number | null;
  readonly requestBytes: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  readonly requests: number;
  readonly replies: number;
  readonly repliesPerSecond: number;
  readonly bytesSentPerSecond: number;
  readonly bytesReceivedPerSecond: number;
  readonly corrected: LatencyData | null;
  readonly uncorrected: LatencyData;
  readonly errors: ErrorCounts;
}

/** Makes the data of a report. */
export function reportData(measured: Measured): ReportData {
  const { connections, inFlight, rate = null, requestBytes } = measured;
  const { seconds, interrupted, requests, replies, errors } = measured;
  const { corrected, uncorrected } = measured;
  const perSecond = (count: number) =>
    seconds === 0 ? 0 : Math.round(count / seconds * 10) / 10;
  return {
    connections: connections.opened,
    connectionsLeft: connections.left,
    inFlight,
    rate,
    requestBytes,
    seconds: Math.round(seconds * 1_000) / 1_000,
    interrupted,
    requests,
    replies,
    repliesPerSecond: perSecond(replies),
    bytesSentPerSecond: perSecond(measured.bytesSent),
    bytesReceivedPerSecond: perSecond(measured.bytesReceived),
    corrected: corrected === undefined ? null : latencyData(corrected),
    uncorrected: latencyData(uncorrected),
    errors,
  };
}

function latencyData(histogram: Histogram): LatencyData {
  const at = (percent: number) => histogram.percentile(percent) / 1_000;
  return {
    min: histogram.min / 1_000,
    mean: Math.round(histogram.mean) / 1_000,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    p999: at(99.9),
    p9999: at(99.99),
    max: histogram.max / 1_000,
  };
}

/**
 * The data of a report as CSV (RFC 4180): a line of names, and one of values, which are
 * all numbers. What a closed loop does not have is empty.
 */
export function reportCsv(measured: Measured): string {
  const data = reportData(measured);
  const cells = Object.entries({
    ...data,
    interrupted: Number(data.interrupted),
    corrected: data.corrected ?? nothingOf(data.uncorrected),
  }).flatMap(([name, value]) =>
    typeof value === "object" && value !== null
      ? Object.entries(value).map(([part, value]) => [`${name}.${part}`, value])
      : [[name, value]]
  );
  return [
    cells.map(([name]) => name).join(","),
    cells.map(([, value]) => value ?? "").join(","),
    "",
  ].join("\n");
}

/** The same names without values. */
function nothingOf(data: LatencyData): Record<string, null> {
  return Object.fromEntries(Object.keys(data).map((name) => [name, null]));
}
