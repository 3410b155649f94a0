import { afterSockets } from "./after_sockets.ts";

/** How often a queue is looked at: more clients may come than are accepted. */
const MOST_LOOKS = 100;

/**
 * Waits until nobody is in the queue of a listening socket that is about to be closed.
 * Linux resets who is, even where other sockets listen at the same port.
 *
 * @param accepted How many connections have been accepted.
 */
export async function emptyQueue(accepted: () => number): Promise<void> {
  for (let look = 0; look < MOST_LOOKS; look++) {
    const before = accepted();
    await new Promise<void>((resolve) => void afterSockets(resolve));
    if (accepted() === before) return;
  }
}
