import type { Place } from "../net/adapters/async_context.ts";
import { NetError } from "../net/errors.ts";
import { after, nextTask } from "../net/timer.ts";
import type { ReceiveFrameOptions } from "./types.ts";

/** A call that waits for a frame. */
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

/** What the takers are served from. */
interface FrameSource<Out> {
  /** Whether the bytes that have arrived contain no more whole frame. */
  readonly drained: boolean;
  /** Whether no more frames are decoded than have arrived. */
  readonly over: boolean;
  /** Why no more frames can come, where that is an error. */
  readonly failure: unknown;
  take(): Out | undefined;
}

/** The takers, in the order of their calls. */
export class TakerLine<Out> {
  readonly #takers: Taker<Out>[] = [];

  get isEmpty(): boolean {
    return this.#takers.length === 0;
  }

  add(taker: Taker<Out>): void {
    this.#takers.push(taker);
  }

  /** Removes a taker; returns whether it was in the line. */
  leave(taker: Taker<Out>): boolean {
    const index = this.#takers.indexOf(taker);
    if (index >= 0) this.#takers.splice(index, 1);
    return index >= 0;
  }

  /** Serves the first in line, who then leaves; `false` if there is nothing for it. */
  serve(source: FrameSource<Out>): boolean {
    const taker = this.#takers[0]!;
    try {
      if ("wake" in taker) {
        if (!source.drained) {
          this.#takers.shift();
          taker.wake();
          return true;
        }
      } else {
        const frame = source.take();
        if (frame !== undefined) {
          this.#takers.shift();
          taker.take(frame);
          return true;
        }
      }
      if (source.failure !== undefined) throw source.failure;
    } catch (error) {
      this.#takers.shift();
      taker.fail(error);
      return true;
    }
    if (!source.over) return false;
    this.#takers.shift();
    taker.end();
    return true;
  }
}

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
