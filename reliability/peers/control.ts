/** How a program under test is told what to do, and tells what it found. */
import process from "node:process";
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseSettings, printSettings } from "../settings.ts";

/** The settings that the row gave. */
export function givenSettings<T>(): T {
  return parseSettings(process.argv[2] ?? "{}") as T;
}

/** What the row may call, by name. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

/** Says that the program is ready, and answers calls, one after another. */
export async function answer(
  first: Readonly<Record<string, unknown>>,
  calls: Calls,
): Promise<void> {
  console.log(printSettings(first));
  for await (const line of createInterface(process.stdin)) {
    const { name, argument } = parseSettings(line) as {
      name: string;
      argument: unknown;
    };
    const call = calls[name] as ((argument: unknown) => unknown) | undefined;
    if (call === undefined) throw new TypeError(`No such call: ${name}`);
    console.log(printSettings(await call(argument) ?? null));
  }
}

/** Computes for so long that nothing else happens. */
export function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** The longest time in which the event loop did not turn. */
export class LoopWatch {
  #last = performance.now();
  #longest = 0;

  constructor() {
    setInterval(() => {
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - this.#last);
      this.#last = now;
    }, 5);
  }

  /** Returns it, and begins anew. */
  take(): number {
    const longest = this.#longest;
    this.#longest = 0;
    this.#last = performance.now();
    return longest;
  }
}

/** Counts the timers that are set. */
export function countTimers(): () => number {
  const timers = new Set<unknown>();
  const { setInterval, setTimeout, clearInterval, clearTimeout } = globalThis;
  const clear = (stop: (timer: never) => void) => (timer: unknown) => {
    timers.delete(timer);
    stop(timer as never);
  };
  Object.assign(globalThis, {
    setInterval: (run: () => void, ms?: number) => {
      const timer = setInterval(run, ms);
      timers.add(timer);
      return timer;
    },
    setTimeout: (run: () => void, ms?: number) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms);
      timers.add(timer);
      return timer;
    },
    clearInterval: clear(clearInterval),
    clearTimeout: clear(clearTimeout),
  });
  return () => timers.size;
}

declare const Bun: { gc(force: boolean): void };

/** Frees what nobody holds, so that what is resident is what is held. */
export function collectGarbage(): void {
  if ("Bun" in globalThis) {
    Bun.gc(true);
    return;
  }
  setFlagsFromString("--expose-gc");
  const collect: (options: Record<string, string>) => void = runInNewContext(
    "gc",
  );
  // This one also gives back what V8 keeps for objects to come, which is up to
  // 48 MiB for a process, however many connections it has.
  const options = { type: "major", execution: "sync", flavor: "last-resort" };
  for (let i = 0; i < 3; i++) collect(options);
}
