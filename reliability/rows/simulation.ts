import type { Row } from "../row.ts";

const SEEDS = 500;

export const simulation: Row = {
  name: "simulation",
  promise:
    "the real code over a network in memory, with seeded partial reads and writes, delays, resets, failures of the n-th call: all sent arrives or fails loudly, nothing leaks",
  bar: `${SEEDS} seeds (long: 20,000)`,
  sabotage: "each 50th write is lost, and nobody is told",
  seconds: 5,
  async measure(run) {
    const peer = await run.start("simulation", {
      loses: run.either(false, true),
    });
    const seeds = run.length(SEEDS, 20_000);
    const found = await peer.call<string>("run", seeds);
    return {
      figure: `${seeds} seeds: ${found.split("\n")[0]}`,
      holds: found === "all held" && peer.unharmed,
    };
  },
};
