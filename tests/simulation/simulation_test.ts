import { assert } from "@std/assert";
import {
  converseInBodies,
  converseInFrames,
  type Outcome,
} from "./converse.ts";
import { type Harm, planOf } from "./plan.ts";
import { simulate } from "./seeds.ts";

const harms: readonly Harm[] = ["nothing", "reset", "failing call"];
const breaks: readonly Harm[] = ["reset", "failing call"];

simulate(
  "a conversation comes through delays and cuts",
  150,
  async (random, seed) => {
    assertWhole(await converseInFrames(planOf(random, seed, "nothing")));
  },
);

simulate(
  "a conversation in bodies comes through delays and cuts",
  100,
  async (random, seed) => {
    assertWhole(await converseInBodies(planOf(random, seed, "nothing")));
  },
);

simulate(
  "a conversation that breaks is whole or fails loudly",
  150,
  async (random, seed) => {
    await converseInFrames(planOf(random, seed, random.pick(breaks)));
  },
);

simulate(
  "a conversation in bodies that breaks is whole or fails loudly",
  100,
  async (random, seed) => {
    await converseInBodies(planOf(random, seed, random.pick(breaks)));
  },
);

simulate(
  "a handler that returns early loses nothing that it sent",
  100,
  async (random, seed) => {
    const plan = planOf(random, seed, random.pick(harms));
    const server = {
      ...plan.server,
      readsAtMost: 1 + random.below(4),
      reading: random.pick(
        ["for await", "batches", "receive", "readable"] as const,
      ),
    };
    await converseInFrames({ ...plan, server });
  },
);

simulate(
  "a server that closes meanwhile loses nothing that it sent",
  100,
  async (random, seed) => {
    const plan = planOf(random, seed, random.pick(harms));
    const closesAfterMs = random.pick([0, 1, 10, 100, 1_000]);
    await converseInFrames({ ...plan, closesAfterMs });
  },
);

/** Where nothing befell the network, nothing has failed. */
function assertWhole(outcomes: readonly Outcome[]): void {
  for (const { plan, info, receiveError, sendError } of outcomes) {
    for (const error of [receiveError, sendError, info.error]) {
      assert(error === undefined, `${plan.name} failed: ${String(error)}`);
    }
  }
}
