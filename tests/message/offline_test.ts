/** The parts of a reconnecting client that have no connection. */

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { NetError } from "../../mod.ts";
import { Latest } from "../../src/message/latest.ts";
import { OfflineQueue, type Waiting } from "../../src/message/offline_queue.ts";
import { RepeatBudget } from "../../src/message/repeat_budget.ts";
import { withVirtualTime } from "../client/virtual_time.ts";

/** How many repetitions a budget allows at a moment. */
function takeAll(budget: RepeatBudget, now: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.take(now)) taken++;
  return taken;
}

test("RepeatBudget allows its share of the requests of the last ten seconds", () => {
  const budget = new RepeatBudget(20);
  for (let i = 0; i < 1_000; i++) budget.countRequest(i);
  assertEquals(takeAll(budget, 1_000), 200);
  // What was repeated counts for as long.
  assertEquals(takeAll(budget, 9_999), 0);
  // The requests are too old then, and the repetitions of 1,000 ms are not yet.
  assertEquals(takeAll(budget, 10_999), 0);
  // All of them are.
  for (let i = 0; i < 100; i++) budget.countRequest(11_000);
  assertEquals(takeAll(budget, 11_000), 20);
});

test("RepeatBudget forgets the requests of before a pause", () => {
  const budget = new RepeatBudget(20);
  for (let i = 0; i < 1_000; i++) budget.countRequest(0);
  assertEquals(takeAll(budget, 15_000), 10);
});

test("RepeatBudget allows ten where there are few requests, and none with 0 percent", () => {
  assertEquals(takeAll(new RepeatBudget(20), 0), 10);
  const none = new RepeatBudget(0);
  for (let i = 0; i < 1_000; i++) none.countRequest(0);
  assertEquals(takeAll(none, 0), 0);
});

test("Latest gives a slow reader the newest value, and always the last", async () => {
  const latest = new Latest("a");
  const fast: string[] = [];
  const reading = (async () => {
    for await (const value of latest.values()) fast.push(value);
  })();
  const slow = latest.values();
  assertEquals((await slow.next()).value, "a");
  for (const value of ["b", "c", "c", "d"]) {
    latest.set(value);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals((await slow.next()).value, "d");
  latest.set("e");
  latest.set("end", true);
  latest.set("after the end");
  assertEquals((await slow.next()).value, "end");
  assertEquals(await slow.next(), { done: true, value: undefined });
  await reading;
  assertEquals(fast, ["a", "b", "c", "d", "end"]);
  // One that begins after the end gets the end.
  const late: string[] = [];
  for await (const value of latest.values()) late.push(value);
  assertEquals(late, ["end"]);
});

/** Something that waits, and how it failed. */
class One implements Waiting {
  readonly name: string;
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly errors: unknown[] = [];

  constructor(name: string, timeoutMs = Infinity, signal?: AbortSignal) {
    this.name = name;
    this.timeoutMs = timeoutMs;
    this.deadline = performance.now() + timeoutMs;
    this.signal = signal;
  }

  readonly fail = (error: unknown) => void this.errors.push(error);
}

test("OfflineQueue hands over in order, as long as it is taken", () => {
  const queue = new OfflineQueue<One>(10);
  for (const name of ["a", "b", "c"]) queue.add(new One(name));
  const taken: string[] = [];
  queue.drain(({ name }) => taken.length < 2 && taken.push(name) > 0);
  assertEquals([taken, queue.size], [["a", "b"], 1]);
  queue.drain(({ name }) => taken.push(name) > 0);
  assertEquals([taken, queue.size], [["a", "b", "c"], 0]);
});

test("OfflineQueue refuses more than it has room for", () => {
  const queue = new OfflineQueue<One>(2);
  const all = ["a", "b", "c"].map((name) => new One(name));
  for (const one of all) queue.add(one);
  assertEquals(all.map(({ errors }) => errors.length), [0, 0, 1]);
  const error = all[2]!.errors[0];
  assert(error instanceof NetError && error.code === "SEND_BUFFER_FULL");
  assert(error.message.includes("(maxQueued)"), error.message);
});

test("OfflineQueue gives up what has waited too long, or was cancelled, and nothing twice", async () => {
  await withVirtualTime(Math.random, async (time) => {
    const queue = new OfflineQueue<One>(10);
    const stop = new AbortController();
    const reason = new Error("enough");
    const late = new One("late", 100);
    const cancelled = new One("cancelled", 200, stop.signal);
    const taken = new One("taken", 300);
    const never = new One("never", 100, AbortSignal.abort(reason));
    for (const one of [late, cancelled, taken, never]) queue.add(one);
    assertEquals(never.errors, [reason]);
    await time.run(99);
    assertEquals(queue.size, 3);
    await time.run(100);
    assertEquals(queue.size, 2);
    assertEquals((late.errors[0] as NetError).code, "TIMED_OUT");
    stop.abort(reason);
    queue.drain((one) => one === taken);
    await time.run(1_000);
    queue.failAll(() => new Error("nobody is left"));
    assertEquals(cancelled.errors, [reason]);
    assertEquals([late.errors.length, taken.errors.length], [1, 0]);
  });
});
