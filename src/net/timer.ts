/** The longest delay of a timer; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs `run` after `ms`, which can be `Infinity`. Returns a function that cancels. */
export function after(ms: number, run: () => void): () => void {
  if (ms === Infinity) return () => undefined;
  const timer = setTimeout(run, Math.min(ms, LONGEST_MS));
  return () => clearTimeout(timer);
}

// Deno loads the implementation when the global is first read, and runs microtasks
// while it does. Reading it here keeps that out of the middle of a `send`.
const { setImmediate = undefined } = globalThis;

/** Runs `run` in the next task of the event loop. */
export const nextTask: (run: () => void) => void = setImmediate === undefined
  ? (run) => void setTimeout(run, 0)
  : (run) => void setImmediate(run);
