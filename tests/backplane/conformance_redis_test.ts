/** The conformance tests of engines, on Redis. */

import { test } from "node:test";
import { redisEngine } from "../../src/backplane/redis/mod.ts";
import { REDIS_MAX_MESSAGE_LENGTH } from "../../src/defaults.ts";
import { backplaneTests } from "../../src/testing/mod.ts";
import { noRedis, RedisServer } from "../support/redis_server.ts";

/** The most bytes of a topic: one message of so many removes all others. */
const MAX_TOPIC_BYTES = 500_000;

async function start() {
  const server = await RedisServer.start();
  const engine = () =>
    redisEngine({ client: server.client(), maxTopicBytes: MAX_TOPIC_BYTES });
  return {
    engine,
    cut: () => server.kill(),
    restore: () => server.start(),
    async forget(topic: string) {
      const other = await engine();
      await other.append(topic, new Uint8Array(MAX_TOPIC_BYTES), undefined);
      await other.close();
    },
    dispose: () => server[Symbol.asyncDispose](),
  };
}

/** Its connections stay when it is cut off. */
async function startStanding() {
  const server = await RedisServer.start();
  return {
    engine: () => redisEngine({ client: server.client() }),
    cut: () => server.stop(),
    restore: () => server.resume(),
    dispose: () => server[Symbol.asyncDispose](),
  };
}

const options = { skip: noRedis };
const all = backplaneTests(start, {
  cuts: true,
  forgets: true,
  tooLong: REDIS_MAX_MESSAGE_LENGTH + 1,
});
for (const { name, run } of all) test(`${name} [Redis]`, options, run);

const calm = new Set(backplaneTests(start).map(({ name }) => name));
for (const { name, run } of backplaneTests(startStanding, { cuts: true })) {
  if (calm.has(name)) continue;
  test(`${name} [Redis that stands still]`, options, run);
}
