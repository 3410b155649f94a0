import { after, nextTask } from "../../net/timer.ts";

/** How early a timer is set: those of the runtimes are late by up to so much. */
const EARLY_MS = 2;

/** Runs something after a time in milliseconds. Returns a function that cancels. */
export type Timer = (ms: number, run: () => void) => () => void;

/**
 * A timer that is exact to some microseconds: what a common timer is late would be
 * taken for a latency of the server. It takes a processor for the last milliseconds.
 */
export function preciseTimer(ms: number, run: () => void): () => void {
  const time = performance.now() + ms;
  let cancelled = false;
  const look = () => {
    if (cancelled) return;
    if (performance.now() >= time) run();
    else nextTask(look);
  };
  let cancel: (() => void) | undefined;
  if (ms > EARLY_MS) cancel = after(ms - EARLY_MS, look);
  else nextTask(look);
  return () => {
    cancelled = true;
    cancel?.();
  };
}
