import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  createBackplane,
  MemorySystem,
  type Position,
} from "../../src/backplane/mod.ts";
import { unavailable } from "../../src/backplane/errors.ts";
import { inVirtualTime } from "../../src/testing/mod.ts";
import { until } from "../support/until.ts";

/** A node that reads the topic "t", and an engine that adds to it. */
async function reader(system: MemorySystem) {
  const engine = system.engine();
  const node = await createBackplane(engine);
  const other = system.engine();
  const texts: string[] = [];
  const gaps: Position[] = [];
  const add = (text: string) =>
    other.append("t", new TextEncoder().encode(text), undefined);
  await add("before");
  const subscription = await node.subscribe("t", ({ bytes }) => {
    texts.push(new TextDecoder().decode(bytes));
  }, { onGap: (from) => void gaps.push(from) });
  return { engine, node, other, texts, gaps, add, subscription };
}

test("subscribe() tells once of a gap, with the position before it", async () => {
  const system = new MemorySystem({ maxTopicBytes: 6 });
  const { engine, node, texts, gaps, add, subscription } = await reader(system);
  await add("first");
  const { position } = subscription;
  engine.setState("down");
  for (const text of ["a", "bb", "ccc", "ddd"]) await add(text);
  engine.setState("up");
  await until(() => texts.length >= 3);
  await add("live");
  assertEquals(texts, ["first", "ccc", "ddd", "live"]);
  assertEquals(gaps, [position]);
  await node.close();
});

test("subscribe() reads what did not arrive, and gives all in one order", async () => {
  const system = new MemorySystem();
  const engine = system.engine();
  const watch = engine.watch.bind(engine);
  // Every third message does not arrive, and the others arrive twice.
  engine.watch = (topic, onMessage) =>
    watch(topic, (message) => {
      if (message.offset % 3n === 0n) return;
      onMessage(message);
      onMessage(message);
    });
  const node = await createBackplane(engine);
  const offsets: bigint[] = [];
  await node.subscribe("t", ({ offset }) => void offsets.push(offset));
  for (let i = 0; i < 20; i++) await node.publish("t", new Uint8Array(1));
  await until(() => offsets.length >= 20);
  assertEquals(offsets, Array.from({ length: 20 }, (_, i) => BigInt(i + 1)));
  await node.close();
});

test("subscribe() reads what it has missed at once when the engine is up again", async () => {
  await inVirtualTime(async () => {
    const { engine, node, texts, add } = await reader(new MemorySystem());
    engine.setState("down");
    await add("missed");
    const since = performance.now();
    engine.setState("up");
    await until(() => texts.length > 0);
    assertEquals(texts, ["missed"]);
    // A read that fails is tried again after a second.
    assert(performance.now() - since < 100);
    await node.close();
  });
});

test("subscribe() gives what arrives while it reads after that, once", async () => {
  const { engine, node, texts, gaps, add } = await reader(new MemorySystem());
  const gate = Promise.withResolvers<void>();
  const read = engine.read.bind(engine);
  engine.read = async (...args) => {
    const history = await read(...args);
    await gate.promise;
    return history;
  };
  engine.setState("down");
  await add("missed");
  engine.setState("up");
  await add("while it reads");
  await add("and more");
  assertEquals(texts, []);
  gate.resolve();
  await until(() => texts.length >= 3);
  assertEquals(texts, ["missed", "while it reads", "and more"]);
  assertEquals(gaps, []);
  await node.close();
});

test("subscribe() begins anew when the engine has lost the topic", async () => {
  const system = new MemorySystem({ maxTopics: 1 });
  const { node, other, texts, gaps, add } = await reader(system);
  await add("old");
  // Of two topics, the system forgets this one.
  await other.append("another", new Uint8Array(1), undefined);
  await add("new");
  await until(() => texts.length >= 2);
  await add("next");
  assertEquals(texts, ["old", "new", "next"]);
  assertEquals(gaps.length, 1);
  await node.close();
});

test("subscribe() begins anew when offsets are given again", async () => {
  const { engine, node, texts, gaps, add } = await reader(new MemorySystem());
  for (const text of ["a", "b", "c"]) await add(text);
  const { end } = await node.history("t");
  engine.read = () =>
    Promise.resolve({
      messages: [{ offset: 1n, bytes: new TextEncoder().encode("again") }],
      recovered: false,
      end: { epoch: end.epoch, offset: 1n },
    });
  engine.setState("down");
  engine.setState("up");
  await until(() => texts.includes("again"));
  assertEquals(gaps, [end]);
  await node.close();
});

test("subscribe() reads again when a read fails, and not after unsubscribe()", async () => {
  await inVirtualTime(async () => {
    const { engine, node, texts, add, subscription } = await reader(
      new MemorySystem(),
    );
    const read = engine.read.bind(engine);
    let reads = 0;
    engine.read = (...args) =>
      ++reads % 2 === 1 ? Promise.reject(unavailable()) : read(...args);
    engine.setState("down");
    await add("missed");
    engine.setState("up");
    await until(() => texts.length > 0);
    assertEquals([reads, texts], [2, ["missed"]]);
    engine.setState("down");
    engine.setState("up");
    await until(() => reads === 3);
    await Promise.resolve();
    subscription.unsubscribe();
    // No timer may be left, which inVirtualTime() checks.
    await node.close();
  });
});

test("unsubscribe() in a call is the end, and keeps the position", async () => {
  const { engine, node, add } = await reader(new MemorySystem());
  const texts: string[] = [];
  const subscription = await node.subscribe("t", ({ bytes }) => {
    texts.push(new TextDecoder().decode(bytes));
    subscription.unsubscribe();
  });
  const { offset } = subscription.position;
  engine.setState("down");
  for (const text of ["a", "b", "c"]) await add(text);
  engine.setState("up");
  await until(() => texts.length > 0);
  await Promise.resolve();
  assertEquals(texts, ["a"]);
  assertEquals(subscription.position.offset, offset + 1n);
  await node.close();
});
