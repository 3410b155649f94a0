import { after, nextTask } from "./timer.ts";

/**
 * Runs `run` after the runtime has handed out what has arrived at its sockets;
 * returns what calls it off.
 *
 * After the program has blocked the event loop, timers may run before the sockets
 * are looked at. Deno does not look at them either as long as there are immediate
 * tasks: it must have nothing to do for a moment, so there is a timer first. When
 * that is due, what has arrived is known, and is handed out in the next turns.
 */
export function afterSockets(run: () => void): () => void {
  let calledOff = false;
  const callOff = after(1, () => {
    nextTask(() =>
      nextTask(() => {
        if (!calledOff) run();
      })
    );
  });
  return () => {
    calledOff = true;
    callOff();
  };
}
