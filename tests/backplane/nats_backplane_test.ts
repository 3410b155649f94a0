/** Nodes over NATS: what a backplane promises, on a real server. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { createBackplane } from "../../src/backplane/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";

test(
  "createBackplane() gives a topic in one order to nodes over NATS",
  needsNats,
  async () => {
    await using server = await NatsServer.start();
    await using a = await createBackplane(await server.engine());
    await using b = await createBackplane(await server.engine());
    const nodes = [a, b];
    const got: bigint[][] = [[], []];
    const all = Promise.all(
      nodes.map((node, i) =>
        new Promise<void>((resolve, reject) => {
          node.subscribe("t", ({ offset }) => {
            if (got[i]!.push(offset) === 1_000) resolve();
          }, {
            from: { epoch: "", offset: 0n },
          })
            .catch(reject);
        })
      ),
    );
    const sent = Array.from(
      { length: 1_000 },
      (_, i) => nodes[i % 2]!.publish("t", utf8(String(i))),
    );
    const offsets = (await Promise.all(sent)).map(({ offset }) => offset);
    await all;
    offsets.sort((one, other) => Number(one - other));
    assertEquals(got[0], offsets);
    assertEquals(got[1], offsets);
  },
);

test("request() reaches a node over NATS", needsNats, async () => {
  await using server = await NatsServer.start();
  await using a = await createBackplane(await server.engine());
  await using b = await createBackplane(await server.engine());
  b.serve("echo", (bytes) => bytes);
  // Other nodes know of it a moment later.
  while (a.serving("echo").length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const reply = await a.request("echo", utf8("hello"), { to: b.nodeId });
  assertEquals(reply, utf8("hello"));
  const claim = await a.claim("name", "mine");
  assertEquals(await b.claim("name"), undefined);
  assertEquals(await b.holder("name"), { nodeId: a.nodeId, note: "mine" });
  await claim!.release();
  assertEquals(await b.holder("name"), undefined);
});
