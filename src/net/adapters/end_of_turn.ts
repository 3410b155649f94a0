import { nextTask } from "../timer.ts";

// Taken when the module is loaded: Deno loads what is behind a global name when it
// is first read, and runs microtasks then, which would be in the middle of a `send`.
const { process } = globalThis as {
  readonly process?: { nextTick?: (run: () => void) => void };
};
const nextTick = process?.nextTick;

/** Runs a function later than the promises of this turn of the event loop. */
const later: (run: () => void) => void =
  // Bun runs a tick between two microtasks.
  nextTick !== undefined && !("Bun" in globalThis)
    ? (run) => nextTick(run)
    : nextTask;

let waiting: (() => void)[] = [];

/**
 * Runs `run` when the promises of this turn of the event loop have settled: later
 * than a microtask, so that a loop of `await send()` is over by then, and as soon
 * as can be after that. All that wait in a turn share one task.
 */
export function endOfTurn(run: () => void): void {
  if (waiting.push(run) === 1) later(runAll);
}

function runAll(): void {
  const due = waiting;
  waiting = [];
  let next = 0;
  try {
    while (next < due.length) due[next++]!();
  } finally {
    // One threw: the others must not wait for ever.
    while (next < due.length) endOfTurn(due[next++]!);
  }
}
