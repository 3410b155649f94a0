/**
 * Servers of frames.
 *
 * @module
 */
export type { SlowReaders } from "./broadcast.ts";
export type { ServerEvent } from "./event_queue.ts";
export {
  prometheusText,
  type PrometheusTextOptions,
} from "./prometheus_text.ts";
export type { RateOptions } from "./rate.ts";
export * from "./health_endpoint.ts";
export { serve } from "./serve.ts";
export { ServerConnection } from "./server_connection.ts";
export type {
  CommandStats,
  ConnectionCounts,
  LatencyHistogram,
  PeerRequestStats,
  RequestStats,
  ServerStats,
} from "./stats.ts";
export type { TopicsOptions } from "./topics.ts";
export * from "./types.ts";
