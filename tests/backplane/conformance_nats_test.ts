/** The conformance tests of engines, on NATS. */

import { jetstreamManager } from "@nats-io/jetstream";
import { test } from "node:test";
import { backplaneTests } from "../../src/testing/mod.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";

async function start() {
  const server = await NatsServer.start();
  return {
    engine: () => server.engine(),
    cut: () => server.kill(),
    restore: () => server.start(),
    async forget() {
      const { streams } = await jetstreamManager(await server.connect());
      await streams.purge("framewire-topics");
    },
    dispose: () => server[Symbol.asyncDispose](),
  };
}

/** Its connections stay when it is cut off. */
async function startStanding() {
  const server = await NatsServer.start();
  return {
    engine: () => server.engine(),
    cut: () => server.stop(),
    restore: () => server.resume(),
    dispose: () => server[Symbol.asyncDispose](),
  };
}

const all = backplaneTests(start, {
  cuts: true,
  forgets: true,
  tooLong: 1_048_577,
});
for (const { name, run } of all) test(`${name} [NATS]`, needsNats, run);

const calm = new Set(backplaneTests(start).map(({ name }) => name));
for (const { name, run } of backplaneTests(startStanding, { cuts: true })) {
  if (calm.has(name)) continue;
  test(`${name} [NATS that stands still]`, needsNats, run);
}
