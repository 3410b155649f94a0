import { assertEquals, assertRejects } from "@std/assert";
import { test } from "node:test";
import { untilAborted } from "../../src/cli/until_aborted.ts";

/** Two numbers, then a wait that only an abort ends; notes how it ends. */
async function* numbers(ends: string[], last?: Promise<number>) {
  try {
    yield 1;
    yield 2;
    if (last !== undefined) yield await last;
  } finally {
    ends.push("ended");
  }
}

test("untilAborted() gives all items when nothing is aborted", async () => {
  const ends: string[] = [];
  const items: number[] = [];
  const { signal } = new AbortController();
  for await (const item of untilAborted(numbers(ends), signal)) {
    items.push(item);
  }
  assertEquals(items, [1, 2]);
  assertEquals(ends, ["ended"]);
});

test("untilAborted() ends a wait for the next item", async () => {
  const stop = new AbortController();
  const items: number[] = [];
  const never = new Promise<number>(() => undefined);
  for await (const item of untilAborted(numbers([], never), stop.signal)) {
    items.push(item);
    if (item === 2) queueMicrotask(() => stop.abort());
  }
  assertEquals(items, [1, 2]);
});

test("untilAborted() ends the iteration when the loop is left", async () => {
  const ends: string[] = [];
  const { signal } = new AbortController();
  for await (const _ of untilAborted(numbers(ends), signal)) break;
  assertEquals(ends, ["ended"]);
});

test("untilAborted() fails as the iteration does", async () => {
  const { signal } = new AbortController();
  const failing = numbers([], Promise.reject(new RangeError("broken")));
  await assertRejects(async () => {
    for await (const _ of untilAborted(failing, signal));
  }, RangeError);
});
