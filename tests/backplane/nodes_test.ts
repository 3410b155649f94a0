import { assert, assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { createBackplane, MemorySystem } from "../../src/backplane/mod.ts";
import { unavailable } from "../../src/backplane/errors.ts";
import { NetError } from "../../src/net/errors.ts";
import { inVirtualTime } from "../../src/testing/mod.ts";

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a node takes foreign bytes on its channels without an error", async () => {
  const engine = new MemorySystem().engine();
  const listeners: ((bytes: Uint8Array) => void)[] = [];
  const listen = engine.listen.bind(engine);
  engine.listen = (channel, onBytes) => {
    listeners.push(onBytes);
    return listen(channel, onBytes);
  };
  const node = await createBackplane(engine);
  assertEquals(listeners.length, 3);
  for (
    const text of [
      "",
      "\n",
      "{",
      "null",
      "1\n",
      "{}",
      "[]\n",
      '{"node":1}',
      "\xff",
    ]
  ) {
    for (const take of listeners) take(new TextEncoder().encode(text));
  }
  assertEquals([...node.nodes], [node.nodeId]);
  await node.close();
});

test("a node is dead after more than 4 silent beats", async () => {
  await inVirtualTime(async () => {
    const system = new MemorySystem();
    const dying = system.engine();
    const node = await createBackplane(system.engine());
    const silent = await createBackplane(dying);
    const { nodeId } = silent;
    await wait(2_500);
    await dying.close();
    const since = performance.now();
    let goneAfter = 0;
    node.onNode(() => goneAfter = performance.now() - since);
    await wait(3_900);
    assert(node.nodes.has(nodeId));
    await wait(1_500);
    assert(!node.nodes.has(nodeId));
    assert(goneAfter > 4_000 && goneAfter <= 5_000, `${goneAfter}`);
    await Promise.all([node.close(), silent.close()]);
  });
});

test("a node answers only to the one that asks", async () => {
  const system = new MemorySystem();
  const node = await createBackplane(system.engine());
  const asking = system.engine();
  const heard = { all: 0, asking: 0 };
  await asking.listen("nodes", () => heard.all++);
  await asking.listen("nodes:asking", () => heard.asking++);
  const beat = { node: "asking", serves: [], asks: true };
  asking.send("nodes", new TextEncoder().encode(JSON.stringify(beat)));
  assertEquals(heard, { all: 1, asking: 1 });
  await node.close();
});

test("a node that stood still finds the names that it has lost, and asks again", async () => {
  await inVirtualTime(async () => {
    const system = new MemorySystem();
    const [node, other] = [
      await createBackplane(system.engine()),
      system.engine(),
    ];
    const [kept, lost] = [await node.claim("kept"), await node.claim("lost")];
    for await (const [name, value] of other.registers()) {
      if (name === "lost") await other.swap(name, value, "another 1 ");
    }
    await wait(3_000);
    assert(!lost!.lost.aborted);
    let asked = false;
    await other.listen("nodes", (bytes) => {
      asked ||= new TextDecoder().decode(bytes).includes('"asks":true');
    });
    const { now } = performance;
    performance.now = () => now() + 10_000;
    await wait(1_100);
    assert(lost!.lost.aborted);
    assert(!kept!.lost.aborted);
    assert(asked);
    await node.close();
  });
});

test("claim() gets the name of a dead node that another node frees meanwhile", async () => {
  await inVirtualTime(async () => {
    const system = new MemorySystem();
    const [engine, other] = [system.engine(), system.engine()];
    const node = await createBackplane(engine);
    await wait(7_500); // by now, every living node has been heard
    const dead = "dead 1 ";
    await other.swap("name", undefined, dead);
    const swap = engine.swap.bind(engine);
    engine.swap = async (name, from, to) => {
      if (from === dead) await other.swap(name, dead, undefined);
      return await swap(name, from, to);
    };
    assert(await node.claim("name") !== undefined);
    assertEquals((await node.holder("name"))?.nodeId, node.nodeId);
    await node.close();
  });
});

test("close() ends a node whose engine refuses to send", async () => {
  await inVirtualTime(async () => {
    const engine = new MemorySystem().engine();
    const node = await createBackplane(engine);
    engine.send = () => {
      throw unavailable();
    };
    await wait(2_500); // beats
    await node.close();
  });
});

test("unsubscribe() of what a closed node served does not bring it back", async () => {
  const system = new MemorySystem();
  const engine = system.engine();
  engine.close = () => Promise.resolve(); // one that still sends
  const [a, b] = [
    await createBackplane(system.engine()),
    await createBackplane(engine),
  ];
  const serving = b.serve("work", (bytes) => bytes);
  await b.close();
  assertEquals([...a.nodes], [a.nodeId]);
  serving.unsubscribe();
  assertEquals([...a.nodes], [a.nodeId]);
  await a.close();
});

test("unsubscribe() twice does not end another handler of the subject", async () => {
  const node = await createBackplane(new MemorySystem().engine());
  const first = node.serve("work", () => Uint8Array.of(1));
  first.unsubscribe();
  node.serve("work", () => Uint8Array.of(2));
  first.unsubscribe();
  assertEquals(
    await node.request("work", new Uint8Array(0)),
    Uint8Array.of(2),
  );
  await node.close();
});

test("request() times out when its end cannot be told to the other node", async () => {
  const system = new MemorySystem();
  const engine = system.engine();
  const [a, b] = [
    await createBackplane(engine),
    await createBackplane(system.engine()),
  ];
  b.serve("never", () => new Promise<never>(() => undefined));
  const asked = a.request("never", new Uint8Array(0), { timeoutMs: 20 });
  engine.send = () => {
    throw unavailable();
  };
  const error = await assertRejects(() => asked, NetError);
  assertEquals(error.code, "TIMED_OUT");
  await Promise.all([a.close(), b.close()]);
});

test("release() of an old claim leaves a new one of the same node alone", async () => {
  const system = new MemorySystem();
  const [a, b] = [
    await createBackplane(system.engine()),
    await createBackplane(system.engine()),
  ];
  const old = await a.claim("name", "note");
  await old!.release();
  const claim = await a.claim("name", "note");
  await old!.release();
  assertEquals(await b.claim("name"), undefined);
  assertEquals(await b.holder("name"), { nodeId: a.nodeId, note: "note" });
  assert(!claim!.lost.aborted);
  await Promise.all([a.close(), b.close()]);
});

test("claim() gets a name while an old claim is being released", async () => {
  const system = new MemorySystem();
  const engine = system.engine();
  const node = await createBackplane(engine);
  const old = await node.claim("name", "note");
  // As over a network: it takes effect later than the call that comes next.
  const swap = engine.swap.bind(engine);
  const gate = Promise.withResolvers<void>();
  engine.swap = async (name, from, to) => {
    if (to === undefined && from !== undefined) await gate.promise;
    return await swap(name, from, to);
  };
  const releasing = old!.release();
  const claim = await node.claim("name", "note");
  assert(claim !== undefined);
  gate.resolve();
  await releasing;
  assertEquals((await node.holder("name"))?.nodeId, node.nodeId);
  await node.close();
});

test("claim() leaves no name behind when its answer was lost", async () => {
  const system = new MemorySystem();
  const [engine, other] = [system.engine(), system.engine()];
  const node = await createBackplane(engine);
  const swap = engine.swap.bind(engine);
  engine.swap = async (...args) => {
    await swap(...args);
    engine.setState("down");
    throw unavailable();
  };
  await assertRejects(() => node.claim("name"), NetError);
  assert(await other.swap("name", undefined, undefined) !== undefined);
  engine.swap = swap;
  engine.setState("up");
  // What was left over does not keep this node from the name.
  const claim = await node.claim("name");
  assert(claim !== undefined);
  await claim.release();
  assertEquals(await other.swap("name", undefined, undefined), undefined);
  await node.close();
});

test("release() while the engine is away is done when it is up again", async () => {
  const system = new MemorySystem();
  const [engine, other] = [system.engine(), system.engine()];
  const node = await createBackplane(engine);
  const claim = await node.claim("name");
  engine.setState("down");
  await assertRejects(() => claim!.release(), NetError);
  assert(await other.swap("name", undefined, undefined) !== undefined);
  engine.setState("up");
  assertEquals(await other.swap("name", undefined, undefined), undefined);
  assert(!claim!.lost.aborted);
  await node.close();
});
