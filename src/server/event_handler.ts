import { deferred } from "../net/deferred.ts";
import type { EventQueue, ServerEvent } from "./event_queue.ts";
import type { ConnectionHandler } from "./types.ts";

/** The handler of a server without one: it queues the events of each connection. */
export function eventHandler<In, Out>(
  events: EventQueue<ServerEvent<In, Out>>,
): ConnectionHandler<In, Out> {
  return async (connection) => {
    const { id } = connection;
    const started = deferred<void>();
    let isOpen = false;
    // A client that leaves before the loop begins causes no events.
    const callOff = events.whenStarted(() => {
      isOpen = true;
      events.push({ type: "open", id, connection });
      started.resolve();
    });
    let isGone = false;
    let giveUp: (() => void) | undefined;
    let before = 0;
    const tell = (message: Out): Promise<void> | undefined => {
      const bytes = connection.bytesReceived - before;
      before += bytes;
      if (!isOpen || events.push({ type: "message", id, message }, bytes)) {
        return undefined;
      }
      // A peer that has gone is not held back: it sends nothing more.
      if (isGone) return undefined;
      return new Promise((resolve) => {
        const forget = events.whenRoom(resolve);
        giveUp = () => {
          forget();
          resolve();
        };
      });
    };
    const telling = connection.forEach((message) =>
      isOpen ? tell(message) : started.promise.then(() => tell(message))
    );
    void connection.closed.then(async (info) => {
      isGone = true;
      callOff();
      started.resolve();
      giveUp?.();
      // What had arrived before is told of before.
      await telling.catch(() => undefined);
      if (isOpen) events.push({ type: "close", id, info });
    });
    await telling;
    // The loop may still answer the last of them.
    if (isOpen) await events.dealtWith();
  };
}
