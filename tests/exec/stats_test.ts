/** What a server of commands counts and tells of its connections. */

import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import type { ObservedEvent } from "../../mod.ts";
import { CommandError, connectCommands } from "../../src/exec/mod.ts";
import { serveCommands } from "../../src/exec/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import { pair, script } from "./support.ts";

const secret = "a secret of the tests";

test("CommandServer.stats() counts connections, frames and bytes", async () => {
  await using at = await pair({ say: script("echo hello") });
  const opened = at.server.stats();
  assertEquals(opened.connections.open, 1);
  assertEquals(opened.framesSent, 1); // the hello
  await at.client.run("say").exit;
  const ran = at.server.stats();
  // The output and the exit, for the request.
  assertEquals([ran.framesReceived, ran.framesSent], [1, 3]);
  await at.client.close();
  await at.server.close();
  assertEquals(at.server.state, "closed");
  await at.server.drained;
  const { connections, handlers } = at.server.stats();
  assertEquals([connections.open, connections.accepted, handlers], [0, 1, 0]);
});

test("CommandServer counts clients that it refuses by the reason, and observe is told", async () => {
  const network = memoryNetwork();
  const address = "memory:commands";
  for (const onError of [undefined, () => undefined]) {
    const events: ObservedEvent[] = [];
    await using server = await serveCommands({
      address,
      network,
      secret,
      commands: {},
      maxConnections: 1,
      observe: (event) => void events.push(event),
      ...(onError && { onError }),
    });
    const at = { address, network, secret };
    await using _first = await connectCommands(at);
    for (const wrong of [at, { ...at, secret: `${secret}?` }]) {
      await assertRejects(() => connectCommands(wrong), CommandError);
    }
    assertEquals(server.stats().connections.refused, {
      maxConnections: 1,
      AUTHENTICATION_FAILED: 1,
    });
    const refused = events.filter((event) => event.type === "refused");
    assertEquals(
      refused.map(({ reason, peer }) => [reason, peer?.transport]),
      [["maxConnections", "memory"], ["AUTHENTICATION_FAILED", "memory"]],
    );
    assertEquals(events.filter(({ type }) => type === "open").length, 3);
  }
});

test("serveCommands() takes a client that leaves before it authenticates for none that failed", async () => {
  const network = memoryNetwork();
  const errors: unknown[] = [];
  const ended = deferred<string>();
  await using server = await serveCommands({
    address: "memory:commands",
    network,
    secret,
    commands: {},
    onError: (error) => void errors.push(error),
    observe: (event) => event.type === "close" && ended.resolve(event.reason),
  });
  const check = await network.connect(server.address);
  await check.close();
  assertEquals(await ended.promise, "peer-done");
  await server.close();
  assertEquals(errors, []);
  assertEquals(server.stats().connections.refused, {});
});
