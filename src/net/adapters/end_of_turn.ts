// Taken when the module is loaded: Deno loads what is behind a global name when it
// is first read, and runs microtasks then, which would be in the middle of a `send`.
const { process, setImmediate } = globalThis as {
  readonly process?: { nextTick?: (run: () => void) => void };
  readonly setImmediate?: (run: () => void) => unknown;
};
const nextTick = process?.nextTick;

/**
 * Runs `run` when the promises of this turn of the event loop have settled: later
 * than a microtask, so that a loop of `await send()` is over by then, and as soon
 * as can be after that.
 */
export const endOfTurn: (run: () => void) => void =
  // Bun runs a tick between two microtasks.
  nextTick !== undefined && !("Bun" in globalThis)
    ? (run) => nextTick(run)
    : setImmediate !== undefined
    ? (run) => void setImmediate(run)
    : (run) => void setTimeout(run, 0);
