/** Capture files: the byte streams of the connections in them. */
export { CaptureError } from "./capture_error.ts";
export type { CaptureEvent, Direction } from "./capture_event.ts";
export { CaptureReader } from "./capture_reader.ts";
export type { CaptureStats } from "./capture_stats.ts";
export type { CaptureLimits } from "./flows.ts";
export { isCapture } from "./is_capture.ts";
