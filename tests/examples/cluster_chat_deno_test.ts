/** The chat service whose parts are killed while people talk. */

import { assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { connect, NetError } from "../../mod.ts";
import { Child } from "../interop/child.ts";
import { needsNats } from "../support/nats_server.ts";
import { projectFile } from "../support/programs.ts";
import { noRedis } from "../support/redis_server.ts";
import { until } from "../support/until.ts";

const demo = (...options: string[]) =>
  new Child([
    ...[Deno.execPath(), "run", "-A", "--no-check"],
    projectFile("examples/cluster_chat/main.ts"),
    ...options,
  ], 100_000);

for (
  const [engine, skip] of [
    ["nats", needsNats.skip ?? false],
    ["redis", noRedis],
    ["memory", false],
  ] as const
) {
  test(`deno task demo:cluster loses no word and doubles none over ${engine}`, {
    skip,
  }, async () => {
    await using child = demo("--engine", engine);
    const { code, output } = await child.ended;
    assertEquals(code, 0, output);
    assertEquals(output.match(/ is killed$/gm)?.length, 4, output);
    const rows = [...output.matchAll(/ (\d+) +(\d+) +yes +\d+$/gm)]
      .map(([, missed, twice]) => [missed, twice].map(Number));
    assertEquals(rows, Array.from({ length: 4 }, () => [0, 0]), output);
    assertMatch(output, /All right: \d+ words/);
  });
}

test(
  "deno task demo:cluster ends all that it has started on Ctrl-C",
  needsNats,
  async () => {
    await using child = demo("--engine", "nats");
    await child.printed("They talk");
    const addresses = child.output.match(/tcp:\S+/g) ?? [];
    assertEquals(addresses.length, 3);
    process.kill(child.pid, "SIGINT");
    assertEquals((await child.ended).code, 130);
    // The system takes a moment to end what was killed.
    for (const address of addresses) {
      await until(async () => await refuses(address));
    }
  },
);

/** Whether nobody listens at an address. */
async function refuses(address: string): Promise<boolean> {
  try {
    await using _connection = await connect(address);
    return false;
  } catch (error) {
    return error instanceof NetError && error.code === "CONNECTION_REFUSED";
  }
}
