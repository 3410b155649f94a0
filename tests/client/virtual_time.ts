import { setImmediate } from "node:timers";

/** A clock that goes as fast as there is nothing to do. */
export interface VirtualTime {
  /** Lets the time pass up to a moment, in milliseconds from the start. */
  run(until: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Pseudo-random numbers from 0 to 1. */
export function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs something with virtual timers, clock and random numbers. */
export async function withVirtualTime(
  random: () => number,
  body: (time: VirtualTime) => Promise<void>,
): Promise<void> {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    now: performance.now,
    random: Math.random,
  };
  let now = 0;
  let count = 0;
  const timers = new Map<number, Timer>();
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  const fakes = {
    setTimeout: (run: () => void, ms = 0) => {
      const order = ++count;
      timers.set(order, { at: now + Math.max(ms, 0), order, run });
      return order;
    },
    clearTimeout: (order: number | undefined) => {
      if (order !== undefined) timers.delete(order);
    },
  };
  Object.assign(globalThis, fakes);
  performance.now = () => now;
  Math.random = random;
  try {
    await body({
      async run(until) {
        while (true) {
          await settle();
          const next = [...timers.values()].reduce<Timer | undefined>(
            (first, timer) =>
              first === undefined || timer.at < first.at ? timer : first,
            undefined,
          );
          if (next === undefined || next.at > until) break;
          now = next.at;
          // All that are due at that moment.
          for (const timer of [...timers.values()]) {
            if (timer.at > now) continue;
            timers.delete(timer.order);
            timer.run();
          }
        }
        now = until;
      },
    });
  } finally {
    const { setTimeout, clearTimeout } = real;
    Object.assign(globalThis, { setTimeout, clearTimeout });
    performance.now = real.now;
    Math.random = real.random;
  }
}
