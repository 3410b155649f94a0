import { assert, assertEquals, assertRejects } from "@std/assert";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { inVirtualTime, watchedNetwork } from "../../src/testing/mod.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";

const nothing = () => undefined;

test("inVirtualTime() leaps to the next timer", async () => {
  const real = Date.now();
  const order: string[] = [];
  await inVirtualTime(async () => {
    setTimeout(() => order.push(`late ${performance.now()}`), 90_000);
    setTimeout(() => order.push(`early ${performance.now()}`), 1_000);
    await new Promise((resolve) => setTimeout(resolve, 100_000));
  });
  assertEquals(order, ["early 1000", "late 90000"]);
  assert(Date.now() - real < 50_000);
});

test("inVirtualTime() refuses a simulation that waits for nothing", async () => {
  await assertRejects(
    () => inVirtualTime(() => new Promise(nothing)),
    Error,
    "It waits for something that never comes",
  );
});

test("inVirtualTime() refuses a timer that is left", async () => {
  await assertRejects(
    () =>
      inVirtualTime(() => {
        setTimeout(nothing, 1_000);
        return Promise.resolve();
      }),
    Error,
    "1 timers were left",
  );
});

test("inVirtualTime() refuses a rejection that nobody handles", () => {
  const [program, ...args] = thisRuntime;
  const file = projectFile("tests/testing/unhandled.ts");
  assertEquals(
    execFileSync(program!, [...args, file], { encoding: "utf8" }),
    "A rejection was not handled: Nobody handles it\n",
  );
});

test("inVirtualTime() gives the timers back when a simulation fails", async () => {
  const { setTimeout: before } = globalThis;
  const failure = new Error("failed");
  const error = await assertRejects(() =>
    inVirtualTime(() => Promise.reject(failure))
  );
  assertEquals(error, failure);
  assertEquals(globalThis.setTimeout, before);
});

test("inVirtualTime() refuses a second simulation", async () => {
  await assertRejects(
    () => inVirtualTime(() => inVirtualTime(() => Promise.resolve())),
    TypeError,
    "Cannot run two simulations at a time",
  );
});

test("watchedNetwork() finds an end that is never released", async () => {
  const network = watchedNetwork();
  await using listener = await network.listen("memory:watched");
  const client = await network.connect("memory:watched");
  const { value: server } = await listener[Symbol.asyncIterator]().next();
  assertEquals(network.violations().length, 2);
  client.abort();
  assertEquals(network.violations(), ["a transport was never released"]);
  server!.abort();
  assertEquals(network.violations(), []);
});

test("watchedNetwork() finds two writes at a time", async () => {
  const network = watchedNetwork();
  await using listener = await network.listen("memory:watched");
  const client = await network.connect("memory:watched");
  const { value: server } = await listener[Symbol.asyncIterator]().next();
  const [transport] = network.transports;
  const large = new Uint8Array(200_000);
  const one = transport!.write(large);
  const two = transport!.write(large);
  two?.catch(nothing);
  one?.catch(nothing);
  assertEquals(
    network.violations()[0],
    "write was called while a write was under way",
  );
  client.abort();
  server!.abort();
});
