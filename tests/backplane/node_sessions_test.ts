/** The connections between two nodes of a backplane, as transports. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  type Backplane,
  createBackplane,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { openSession } from "../../src/backplane/node_carrier.ts";
import { NetError } from "../../src/net/mod.ts";
import { Recorder } from "../../src/testing/recorder.ts";
import { transportTests } from "../../src/testing/mod.ts";

/** Both ends of a session of two nodes. */
async function sessionOf(a: Backplane, b: Backplane) {
  const id = crypto.randomUUID();
  const [to, from] = [`${id} to b`, `${id} to a`];
  return {
    a: await openSession(a, { nodeId: b.nodeId, to, from }),
    b: await openSession(b, { nodeId: a.nodeId, to: from, from: to }),
  };
}

async function twoNodes() {
  const system = new MemorySystem();
  const engines = { a: system.engine(), b: system.engine() };
  return {
    engines,
    a: await createBackplane(engines.a),
    b: await createBackplane(engines.b),
  };
}

const limits = { resets: true, maxBytesInFlight: 400_000 };
let nodes: Awaited<ReturnType<typeof twoNodes>>;
for (
  const { name, run } of transportTests(
    () => sessionOf(nodes.a, nodes.b),
    limits,
  )
) {
  test(`${name} [session of nodes]`, async () => {
    nodes = await twoNodes();
    await run();
    await nodes.a.close();
    await nodes.b.close();
  });
}

test("a session ends on both sides when the backplane loses a message of it", async () => {
  const { a, b } = await twoNodes();
  const session = await sessionOf(a, b);
  const sinks = [new Recorder(session.a), new Recorder(session.b)] as const;
  void session.a.write(Uint8Array.of(1));
  const { send } = a;
  a.send = () => undefined;
  void session.a.write(Uint8Array.of(2));
  a.send = send;
  void session.a.write(Uint8Array.of(3));
  for (const sink of sinks) {
    await sink.untilFailed();
    assert(sink.error instanceof NetError);
    assertEquals(sink.error.code, "CONNECTION_RESET");
  }
  session.a.abort();
  session.b.abort();
  await a.close();
  await b.close();
});

test("a session that one side has lost with its engine is reset when that is up again", async () => {
  const { a, b, engines } = await twoNodes();
  const session = await sessionOf(a, b);
  const sinks = { a: new Recorder(session.a), b: new Recorder(session.b) };
  engines.a.setState("down");
  await sinks.a.untilFailed();
  assert(sinks.a.error instanceof NetError);
  assertEquals(sinks.a.error.code, "UNAVAILABLE");
  session.a.abort();
  assertEquals(sinks.b.error, undefined);
  engines.a.setState("up");
  await sinks.b.untilFailed();
  assert(sinks.b.error instanceof NetError);
  assertEquals(sinks.b.error.code, "CONNECTION_RESET");
  session.b.abort();
  await a.close();
  await b.close();
});

test("a session ends when something else is sent on its channel", async () => {
  for (const length of [0, 4, 5, 6, 9, 100]) {
    const { a, b } = await twoNodes();
    const id = crypto.randomUUID();
    const end = { nodeId: b.nodeId, to: `${id} to b`, from: `${id} to a` };
    const transport = await openSession(a, end);
    const sink = new Recorder(transport);
    b.send(end.from, new Uint8Array(length).fill(9));
    await sink.untilFailed();
    assert(sink.error instanceof NetError);
    transport.abort();
    await a.close();
    await b.close();
  }
});
