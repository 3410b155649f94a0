import { nextTask } from "../timer.ts";

/**
 * Runs `run` after two turns of the event loop in which `count` did not change.
 * When a write has failed because the peer is gone, the bytes that it sent before
 * are still in the buffers of the system, and are read in these turns.
 */
export function whenQuiet(count: () => number, run: () => void): void {
  let seen = count();
  let turns = 0;
  const turn = () => {
    const now = count();
    turns = now === seen ? turns + 1 : 0;
    seen = now;
    if (turns === 2) run();
    else nextTask(turn);
  };
  nextTask(turn);
}
