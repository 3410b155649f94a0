/** Connections that are not ready have places of their own. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { test, type TestContext } from "node:test";
import { connect, NetError } from "../../mod.ts";
import { connectMessages, serveMessages } from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { deferred } from "../../src/net/deferred.ts";
import type { CloseInfo } from "../../src/net/types.ts";
import { Unready } from "../../src/server/unready.ts";
import { turn } from "../support/scripted_transport.ts";

/** A connection, and whether it was cut. */
function arrival() {
  const { promise: closed, resolve } = deferred<CloseInfo>();
  const connection = {
    closed,
    error: undefined as unknown,
    abort(error?: unknown) {
      connection.error = error;
      resolve({ by: "local", error });
    },
  };
  return connection;
}

/** Runs something with a choice of its own in the place of chance. */
function withChance(value: number, body: () => void): void {
  const real = Math.random;
  Math.random = () => value;
  try {
    body();
  } finally {
    Math.random = real;
  }
}

test("Unready cuts one by chance where there are too many, and never the newcomer", () => {
  for (const [chance, expected] of [[0, 0], [0.5, 1], [0.999, 2]] as const) {
    const unready = new Unready("maxUnready", 3);
    const connections = Array.from({ length: 4 }, arrival);
    withChance(chance, () => {
      for (const connection of connections) unready.arrive(connection);
    });
    const cut = connections.map(({ error }) => error !== undefined);
    assertEquals(cut.indexOf(true), expected);
    assertEquals(cut.filter(Boolean).length, 1);
    const { error } = connections[expected]!;
    assert(error instanceof NetError && error.code === "CONNECTION_CLOSED");
    assertEquals(error.limit, "maxUnready");
    assert(!unready.leave(connections[expected]!));
    assert(unready.leave(connections[3]!));
  }
});

test("Unready counts neither those that are ready nor those that have left", async () => {
  const unready = new Unready("maxUnready", 2);
  const [ready, gone, ...others] = Array.from({ length: 4 }, arrival);
  unready.arrive(ready!);
  unready.arrive(gone!);
  unready.leave(ready!);
  gone!.abort(new Error("has left"));
  await turn();
  for (const other of others) unready.arrive(other);
  assertEquals(others.map(({ error }) => error), [undefined, undefined]);
  assertEquals(ready!.error, undefined);
});

for (
  const [name, place] of Object.entries({
    sockets: { address: { port: 0 } },
    memory: { address: "memory:unready", network: memoryNetwork() },
  })
) {
  test(`maxUnready keeps a crowd of strangers from keeping out clients, over ${name}`, async (context: TestContext) => {
    const printed = context.mock.method(console, "error", () => undefined);
    await using server = await serveMessages(
      { ...place, maxUnready: 5 },
      async (peer) => ({ user: await peer.request("token", null) }),
    );
    server.on("whoami", (_, { context }) => context.user);
    const dial = "network" in place ? place.network.connect : connect;
    const strangers = [];
    for (let i = 0; i < 20; i++) {
      strangers.push(await dial(server.address));
      if (i % 5 > 0) continue;
      while (server.peers.size < Math.min(i + 1, 5)) await turn();
      const client = await connectMessages({
        ...place,
        address: server.address,
        handlers: { token: () => "Ann" },
      });
      assertEquals(await client.request("whoami", null), "Ann");
      await client.close();
    }
    while (server.peers.size > 5) await turn();
    // Nobody is told of each of them.
    assertEquals(printed.mock.calls.length, 0);
    printed.mock.restore();
    for (const stranger of strangers) stranger.abort();
    while (server.peers.size > 0) await turn();
  });
}

test("maxUnready tells onConnectionError which limit it was", async () => {
  const network = memoryNetwork();
  const errors: unknown[] = [];
  await using server = await serveMessages({
    address: "memory:told",
    network,
    maxUnready: 1,
    onConnectionError: (error) => void errors.push(error),
  }, (peer) => peer.request("token", null));
  const first = await connectMessages({
    address: server.address,
    network,
    handlers: { token: () => new Promise(() => {}) },
  });
  while (server.peers.size < 1) await turn();
  const asked = assertRejects(() => first.request("never", null), NetError);
  const second = await network.connect(server.address);
  await asked;
  while (errors.length === 0) await turn();
  const [error] = errors;
  assert(error instanceof NetError);
  assertEquals(error.limit, "maxUnready");
  second.abort();
});

test("maxUnready counts no client whose setup has returned", async () => {
  const network = memoryNetwork();
  await using server = await serveMessages(
    { address: "memory:ready", network, maxUnready: 1 },
    () => "ready",
  );
  server.on("whoami", (_, { context }) => context);
  const options = { address: server.address, network };
  await using first = await connectMessages(options);
  assertEquals(await first.request("whoami", null), "ready");
  await using second = await connectMessages(options);
  assertEquals(await second.request("whoami", null), "ready");
  assertEquals(await first.request("whoami", null), "ready");
});
