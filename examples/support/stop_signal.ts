import process from "node:process";

/** Aborts when the program is asked to end: Ctrl-C, or SIGTERM. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort());
  }
  return stop.signal;
}
