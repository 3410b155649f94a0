import { test } from "node:test";
import process from "node:process";
import { Random } from "../support/random.ts";
import { inVirtualTime } from "../../src/testing/mod.ts";

/**
 * Defines a test that runs a simulation once for each seed, each in a virtual
 * time of its own. `FRAMEWIRE_SEED=7` runs the one of that seed only.
 *
 * @param name What the test says.
 * @param count How many seeds there are: from 1 on.
 * @param simulation What is simulated, with the choices of the seed.
 */
export function simulate(
  name: string,
  count: number,
  simulation: (random: Random, seed: number) => Promise<void>,
): void {
  test(`${name}, on ${count} seeds`, async () => {
    const { FRAMEWIRE_SEED: only } = process.env;
    const seeds = only === undefined
      ? Array.from({ length: count }, (_, i) => i + 1)
      : [Number(only)];
    for (const seed of seeds) {
      try {
        await simulated(seed, simulation);
      } catch (error) {
        throw new Error(
          `Seed ${seed} failed; FRAMEWIRE_SEED=${seed} runs it again: ${
            describe(error)
          }`,
          { cause: error },
        );
      }
    }
  });
}

/** Runs the simulation of one seed, in a virtual time of its own. */
export async function simulated(
  seed: number,
  simulation: (random: Random, seed: number) => Promise<void>,
): Promise<void> {
  pauses.clear();
  await inVirtualTime(async () => {
    await simulation(new Random(seed), seed);
    await allPauses();
  });
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause === undefined ? message : `${message}: ${describe(cause)}`;
}

/** The waits of the simulation itself, whose timers are none of the module's. */
const pauses = new Set<Promise<void>>();

/** Waits for a virtual time, in milliseconds. */
export function pause(ms: number): Promise<void> {
  const waiting = new Promise<void>((resolve) => void setTimeout(resolve, ms));
  pauses.add(waiting);
  void waiting.then(() => pauses.delete(waiting));
  return waiting;
}

/** Waits until nothing that was started by the simulation waits any more. */
async function allPauses(): Promise<void> {
  while (pauses.size > 0) await Promise.all(pauses);
}
