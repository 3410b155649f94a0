/** The conversations of `tests/simulation`, over many seeds. */
import {
  converseInBodies,
  converseInFrames,
} from "../../tests/simulation/converse.ts";
import { type Harm, planOf } from "../../tests/simulation/plan.ts";
import { simulated } from "../../tests/simulation/seeds.ts";
import { WatchedTransport } from "../../src/testing/mod.ts";
import { answer, givenSettings } from "./control.ts";

const { loses } = givenSettings<{ loses?: boolean }>();
const harms: readonly Harm[] = ["nothing", "reset", "failing call"];

if (loses) {
  // Now and then a write is lost, and nobody is told.
  const { write } = WatchedTransport.prototype;
  let count = 0;
  WatchedTransport.prototype.write = function (bytes) {
    return ++count % 50 === 0 ? undefined : write.call(this, bytes);
  };
}

await answer({}, {
  run: async (seeds: number) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const converse = seed % 2 === 0 ? converseInFrames : converseInBodies;
      const harm = harms[seed % harms.length]!;
      try {
        await simulated(seed, async (random) => {
          await converse(planOf(random, seed, harm));
        });
      } catch (error) {
        return `seed ${seed}: ${
          error instanceof Error ? error.message : error
        }`;
      }
    }
    return "all held";
  },
});
