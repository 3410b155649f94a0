import type { Place } from "../net/adapters/async_context.ts";
import { NetError } from "../net/errors.ts";
import { after, nextTask } from "../net/timer.ts";
import type { ReceiveFrameOptions } from "./types.ts";

/** A call that waits for a frame. Takers are served in the order of their calls. */
export interface FrameTaker<Out> {
  take(frame: Out): void;
  /** Takes the end of the frames. */
  end(): void;
  fail(error: unknown): void;
}

/** A call that waits for bytes and decodes them itself (`batches`). */
export interface ByteTaker extends Omit<FrameTaker<never>, "take"> {
  /** Called when bytes have arrived. */
  wake(): void;
}

export type Taker<Out> = FrameTaker<Out> | ByteTaker;

/** A call of `forEach`. */
export interface Each<Out> {
  readonly handle: (frame: Out) => unknown;
  /** Whether the handler is an async function. */
  readonly isAsync: boolean;
  /** Where `forEach` was called. */
  readonly place: Place | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Whether the handler has returned a promise that has not settled. */
  busy: boolean;
}

/**
 * Makes a taker give up when a signal aborts or a time has passed. `leave` removes it
 * from the queue, so that the next frame goes to the next taker.
 */
export function givingUp<Out>(
  taker: FrameTaker<Out>,
  { signal, timeoutMs = Infinity }: ReceiveFrameOptions,
  leave: (taker: FrameTaker<Out>) => boolean,
): FrameTaker<Out> {
  const giveUp = (error: unknown) => {
    if (leave(impatient)) impatient.fail(error);
  };
  const onAbort = () => giveUp(signal?.reason);
  const callOff = after(timeoutMs, () => {
    // A runtime may run timers before it reads its sockets. A frame that is in the
    // socket already is not late, so the timer waits two turns: one to read the
    // bytes, one to deliver them.
    nextTask(() => nextTask(() => giveUp(lateError(timeoutMs))));
  });
  const done = () => {
    callOff();
    signal?.removeEventListener("abort", onAbort);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  const impatient: FrameTaker<Out> = {
    take(frame) {
      done();
      taker.take(frame);
    },
    end() {
      done();
      taker.end();
    },
    fail(error) {
      done();
      taker.fail(error);
    },
  };
  return impatient;
}

function lateError(timeoutMs: number): NetError {
  return new NetError(
    "TIMED_OUT",
    `No frame came in ${timeoutMs} ms (timeoutMs)`,
    { limit: "timeoutMs" },
  );
}
