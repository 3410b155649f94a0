/** The longest that a timer can be set for: a longer one would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Runs `run` after a time, which can be `Infinity`; returns what calls it off. */
export function after(ms: number, run: () => void): () => void {
  if (ms === Infinity) return () => undefined;
  const timer = setTimeout(run, Math.min(ms, LONGEST_MS));
  return () => clearTimeout(timer);
}

// Taken when the module is loaded: Deno loads what is behind the name when it is
// first read, and runs microtasks then, which would be in the middle of a `send`.
const { setImmediate = undefined } = globalThis;

/** Runs `run` in a task of its own, as soon as there is one. */
export const nextTask: (run: () => void) => void = setImmediate === undefined
  ? (run) => void setTimeout(run, 0)
  : (run) => void setImmediate(run);
