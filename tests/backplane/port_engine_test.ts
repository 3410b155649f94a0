import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import {
  createBackplane,
  type Engine,
  MemorySystem,
  type MessagePortLike,
  portEngine,
  shareEngine,
} from "../../src/backplane/mod.ts";
import { NetError } from "../../src/net/errors.ts";
import { until } from "../support/until.ts";

/** A thread with a node over an engine of this thread. */
class OtherThread {
  readonly worker: Worker;
  readonly #answers: unknown[] = [];

  constructor(engine: Engine) {
    const { port1, port2 } = new MessageChannel();
    shareEngine(engine, port1);
    const url = new URL("./port_worker.ts", import.meta.url);
    const port = port2 as unknown as import("node:worker_threads").MessagePort;
    this.worker = new Worker(url, { workerData: port2, transferList: [port] });
    this.worker.on("message", (answer) => void this.#answers.push(answer));
  }

  async answer(): Promise<unknown> {
    await until(() => this.#answers.length > 0);
    return this.#answers.shift();
  }

  async ask(command: string): Promise<unknown> {
    this.worker.postMessage(command);
    return await this.answer();
  }
}

test("portEngine() makes a thread a node: names are unique, topics in order", async () => {
  const system = new MemorySystem();
  const main = await createBackplane(system.engine());
  const threads = [1, 2].map(() => new OtherThread(system.engine()));
  const ids = await Promise.all(threads.map((thread) => thread.answer()));
  await until(() => main.nodes.size === 3);
  assertEquals([...main.nodes].sort(), [main.nodeId, ...ids].sort());

  const claims = await Promise.all([
    ...threads.map((thread) => thread.ask("claim")),
    main.claim("name").then((claim) => claim !== undefined),
  ]);
  assertEquals(claims.filter((claim) => claim === true).length, 1);

  const texts: string[] = [];
  await main.subscribe("t", ({ bytes }) => {
    texts.push(new TextDecoder().decode(bytes));
  });
  await Promise.all(threads.map((thread) => thread.ask("publish")));
  await main.publish("t", new TextEncoder().encode("end"));
  assertEquals(texts.length, 401);
  for (const thread of threads) assertEquals(await thread.answer(), texts);

  await Promise.all(threads.map((thread) => thread.ask("close")));
  await until(() => main.nodes.size === 1);
  await Promise.all(threads.map(({ worker }) => worker.terminate()));
  await main.close();
});

test("shareEngine() stops what a thread listened to when the thread is terminated", async () => {
  const engine = new MemorySystem().engine();
  const { listeners, counted } = counting(engine);
  const thread = new OtherThread(counted);
  await thread.answer();
  assert(listeners.size >= 3, `${listeners.size}`); // nodes, requests, topic
  await thread.worker.terminate();
  await until(() => listeners.size === 0);
  assertEquals(engine.state, "up");
});

test("portEngine() is down when the other end closes the port", async () => {
  const engine = new MemorySystem().engine();
  const { port1, port2 } = new MessageChannel();
  const stop = shareEngine(engine, port1);
  const there = portEngine(port2);
  const states: string[] = [];
  there.onState((state) => void states.push(state));
  await there.append("t", new Uint8Array(1), undefined);
  stop();
  stop();
  await until(() => there.state === "down");
  assertEquals(states, ["down"]);
  await assertRejects(() => there.swap("n", undefined, "v"), NetError, "away");
  await there.close();
});

test("portEngine() rejects what is under way when the engine goes down", async () => {
  const engine = new MemorySystem().engine();
  engine.append = () => new Promise(() => undefined);
  const { port1, port2 } = new MessageChannel();
  shareEngine(engine, port1);
  const there = portEngine(port2);
  const appending = there.append("t", new Uint8Array(1), undefined);
  await there.read("t", undefined, 0);
  engine.setState("down");
  const error = await assertRejects(() => appending, NetError);
  assertEquals(error.code, "UNAVAILABLE");
  await there.close();
});

test("portEngine() rejects with the NetError of the engine", async () => {
  const engine = new MemorySystem().engine();
  engine.append = () =>
    Promise.reject(
      new NetError("MESSAGE_TOO_LARGE", "It is too long", { limit: "some" }),
    );
  engine.swap = () => Promise.reject(new TypeError("It is no name"));
  const { port1, port2 } = new MessageChannel();
  shareEngine(engine, port1);
  const there = portEngine(port2);
  const error = await assertRejects(
    () => there.append("t", new Uint8Array(1), undefined),
    NetError,
    "It is too long",
  );
  assertEquals([error.code, error.limit], ["MESSAGE_TOO_LARGE", "some"]);
  await assertRejects(
    () => there.swap("n", undefined, "v"),
    Error,
    "It is no name",
  );
  await there.close();
});

test("portEngine() stops a listener whose call was given up", async () => {
  const engine = new MemorySystem().engine();
  const { listeners, counted } = counting(engine);
  const { port1, port2 } = new MessageChannel();
  const gate = Promise.withResolvers<void>();
  const { listen } = counted;
  counted.listen = async (channel, onBytes) => {
    const stop = await listen(channel, onBytes);
    await gate.promise;
    return stop;
  };
  shareEngine(counted, port1);
  const there = portEngine(port2);
  const listening = there.listen("c", () => undefined);
  await there.read("t", undefined, 0);
  assertEquals(listeners.size, 1);
  engine.setState("down");
  await assertRejects(() => listening, NetError);
  engine.setState("up");
  gate.resolve();
  await until(() => listeners.size === 0);
  await there.close();
});

test("portEngine() and shareEngine() throw TypeError for what is no port", () => {
  const engine = new MemorySystem().engine();
  const port = {} as MessagePortLike;
  const told = "Cannot use port: expected an object with postMessage()";
  assertThrows(() => portEngine(port), TypeError, told);
  assertThrows(() => shareEngine(engine, port), TypeError, told);
});

/** An engine, and what listens and watches over it. */
function counting(engine: Engine) {
  const listeners = new Set<() => void>();
  const keep = (stop: () => void) => {
    listeners.add(stop);
    return () => {
      listeners.delete(stop);
      stop();
    };
  };
  const { listen, watch } = engine;
  const counted = engine;
  counted.listen = async (channel, onBytes) =>
    keep(await listen.call(engine, channel, onBytes));
  counted.watch = async (topic, onMessage) =>
    keep(await watch.call(engine, topic, onMessage));
  return { listeners, counted };
}
