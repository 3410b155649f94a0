/**
 * Servers of frames.
 *
 * @module
 */
export type { ServerEvent } from "./event_queue.ts";
export {
  prometheusText,
  type PrometheusTextOptions,
} from "./prometheus_text.ts";
export { serve } from "./serve.ts";
export type {
  CommandStats,
  ConnectionCounts,
  LatencyHistogram,
  PeerRequestStats,
  RequestStats,
  ServerStats,
} from "./stats.ts";
export * from "./types.ts";
