import { test } from "node:test";
import {
  assertEquals,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import { BoundedQueue, ITEM_OVERHEAD } from "../../src/net/bounded_queue.ts";

/** A queue of texts, counted by their length, with what it told its source. */
function textQueue(highWaterMark: number): {
  queue: BoundedQueue<string>;
  told: string[];
} {
  const told: string[] = [];
  const queue = new BoundedQueue<string>({
    highWaterMark,
    sizeOf: (text) => text.length,
    pause: () => void told.push("pause"),
    resume: () => void told.push("resume"),
  });
  return { queue, told };
}

/** A signal that counts who listens to it. */
function countedSignal(): {
  controller: AbortController;
  listeners: () => number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: AddEventListenerOptions | boolean,
  ) => {
    listening.add(listener);
    add(type, listener, options);
  };
  signal.removeEventListener = (
    type: string,
    listener: EventListenerOrEventListenerObject,
  ) => {
    listening.delete(listener);
    remove(type, listener);
  };
  return { controller, listeners: () => listening.size };
}

test("BoundedQueue gives items in their order, through take() and next()", async () => {
  const { queue } = textQueue(Infinity);
  for (const item of ["a", "b", "c"]) {
    assertStrictEquals(queue.push(item), true);
  }
  assertStrictEquals(queue.size, 3);
  assertStrictEquals(queue.take(), "a");
  assertStrictEquals(await queue.next(), "b");
  assertStrictEquals(queue.take(), "c");
  assertStrictEquals(queue.take(), undefined);
  assertStrictEquals(queue.heldBytes, 0);
});

test("BoundedQueue answers several waiting readers in the order of their calls", async () => {
  const { queue } = textQueue(Infinity);
  const reading = [queue.next(), queue.next(), queue.next()];
  queue.push("a");
  queue.push("b");
  queue.end();
  assertEquals(await Promise.all(reading), ["a", "b", undefined]);
});

test("BoundedQueue pauses above the mark and resumes at the half", () => {
  const { queue, told } = textQueue(2 * ITEM_OVERHEAD + 20);
  assertStrictEquals(queue.push("x".repeat(10)), true);
  assertStrictEquals(queue.push("x".repeat(10)), true);
  assertEquals(told, []);
  assertStrictEquals(queue.push(""), false);
  assertStrictEquals(queue.push(""), false);
  assertEquals(told, ["pause"]);
  queue.take();
  queue.take();
  assertEquals(told, ["pause"]);
  queue.take();
  assertEquals(told, ["pause", "resume"]);
  assertStrictEquals(queue.paused, false);
});

test("BoundedQueue resumes a source that pushes within resume()", () => {
  const items = ["a", "b", "c", "d"];
  let running = true;
  const queue: BoundedQueue<string> = new BoundedQueue({
    highWaterMark: 0,
    sizeOf: (text: string) => text.length,
    pause: () => running = false,
    resume: () => {
      running = true;
      flow();
    },
  });
  const flow = () => {
    while (running && items.length > 0) queue.push(items.shift()!);
  };
  flow();
  const taken: (string | undefined)[] = [];
  for (let i = 0; i < 5; i++) taken.push(queue.take());
  assertEquals(taken, ["a", "b", "c", "d", undefined]);
});

test("BoundedQueue counts an item as it was when it came", () => {
  const queue = new BoundedQueue<Uint8Array>({
    highWaterMark: Infinity,
    sizeOf: ({ length }) => length,
  });
  const bytes = new Uint8Array(100);
  queue.push(bytes);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  queue.take();
  assertStrictEquals(queue.heldBytes, 0);
});

test("BoundedQueue.next() gives its turn back when it is aborted", async () => {
  const { queue } = textQueue(Infinity);
  const { controller, listeners } = countedSignal();
  const first = queue.next({ signal: controller.signal });
  const second = queue.next();
  controller.abort(new Error("enough"));
  queue.push("a");
  await assertRejects(() => first, Error, "enough");
  assertStrictEquals(await second, "a");
  await assertRejects(
    () => queue.next({ signal: controller.signal }),
    Error,
    "enough",
  );
  assertStrictEquals(listeners(), 1); // It fired once, which removes it.
});

test("BoundedQueue.next() loses no item when it is aborted after the push", async () => {
  const { queue } = textQueue(Infinity);
  const { controller, listeners } = countedSignal();
  const reading = queue.next({ signal: controller.signal });
  queue.push("a");
  controller.abort();
  assertStrictEquals(await reading, "a");
  assertStrictEquals(listeners(), 0);
});

test("BoundedQueue.next() leaves no listener behind when the queue ends", async () => {
  const { queue } = textQueue(Infinity);
  const { controller, listeners } = countedSignal();
  const reading = queue.next({ signal: controller.signal });
  queue.end();
  assertStrictEquals(await reading, undefined);
  assertStrictEquals(listeners(), 0);
});

test("BoundedQueue.fail() gives what has arrived before, then the error to all", async () => {
  const { queue, told } = textQueue(0);
  queue.push("a");
  queue.fail(new Error("broken"));
  queue.end();
  queue.fail(new Error("again"));
  assertStrictEquals(queue.push("late"), false);
  assertStrictEquals(await queue.next(), "a");
  await assertRejects(() => queue.next(), Error, "broken");
  await assertRejects(() => queue.next(), Error, "broken");
  assertEquals(told, ["pause"]); // There is no source to resume.
});

test("BoundedQueue.fail() rejects those that wait, also with undefined", async () => {
  const { queue } = textQueue(0);
  const reading = [queue.next(), queue.next()];
  queue.fail(undefined);
  assertEquals(
    (await Promise.allSettled(reading)).map(({ status }) => status),
    ["rejected", "rejected"],
  );
});

test("BoundedQueue.clear() drops what is held and resumes the source", () => {
  const { queue, told } = textQueue(1);
  queue.push("a");
  queue.push("b");
  queue.clear();
  assertEquals(told, ["pause", "resume"]);
  assertEquals([queue.size, queue.heldBytes], [0, 0]);
  queue.push("c");
  assertStrictEquals(queue.take(), "c");
});

test("BoundedQueue.hasRoomFor() is true when it is empty or stays below the mark", () => {
  const { queue } = textQueue(ITEM_OVERHEAD + 3);
  assertStrictEquals(queue.hasRoomFor("far too long"), true);
  queue.push("far too long");
  assertStrictEquals(queue.hasRoomFor(""), false);
});

test("BoundedQueue takes the same time for an item however many are held", async () => {
  const { queue } = textQueue(Infinity);
  const count = 150_000;
  const start = performance.now();
  for (let i = 0; i < count; i++) queue.push("a");
  for (let i = 0; i < count; i++) queue.take();
  const reading = Array.from({ length: count }, () => queue.next());
  for (let i = 0; i < count; i++) queue.push("a");
  await Promise.all(reading);
  // It takes a fraction of a second. Were it quadratic, it would take minutes.
  assertLess(performance.now() - start, 40_000);
});

type Step =
  | { readonly type: "push"; readonly length: number }
  | { readonly type: "take" | "next" | "abortable" | "abort" }
  | { readonly type: "clear" | "end" | "fail" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.nat(600).map((length): Step => ({ type: "push", length })),
    },
    {
      weight: 8,
      arbitrary: fc.constantFrom("take", "next", "abortable", "abort")
        .map((type): Step => ({ type } as Step)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("clear", "end", "fail")
        .map((type): Step => ({ type } as Step)),
    },
  ),
  { maxLength: 60 },
);

test("BoundedQueue keeps its laws whatever happens in whatever order", async () => {
  await fc.assert(fc.asyncProperty(
    steps,
    fc.nat(2_000),
    async (steps, highWaterMark) => {
      let paused = false;
      const queue = new BoundedQueue<number[]>({
        highWaterMark,
        sizeOf: ([, length]) => length!,
        pause: () => {
          assertStrictEquals(paused, false);
          paused = true;
        },
        resume: () => {
          assertStrictEquals(paused, true);
          paused = false;
        },
      });
      // The model: an array of items, an array of readers.
      let held: number[][] = [];
      let waiting: { answer: unknown; controller?: AbortController }[] = [];
      let end: string | undefined;
      const answers: Promise<void>[] = [];
      let count = 0;
      const read = (controller?: AbortController) => {
        const reader: (typeof waiting)[number] = {
          answer: "none",
          ...(controller && { controller }),
        };
        if (held.length > 0) reader.answer = held.shift();
        else if (end !== undefined) reader.answer = end;
        else waiting.push(reader);
        const signal = controller?.signal;
        answers.push(
          queue.next({ signal }).then(
            (item) => item ?? "end",
            (error) => String(error),
          ).then((answer) => assertEquals(answer, reader.answer)),
        );
      };
      for (const step of steps) {
        switch (step.type) {
          case "push": {
            const item = [count++, step.length];
            const more = queue.push(item);
            if (end !== undefined) {
              assertStrictEquals(more, false);
              break;
            }
            const reader = waiting.shift();
            if (reader === undefined) held.push(item);
            else reader.answer = item;
            assertStrictEquals(more, queue.heldBytes <= highWaterMark);
            break;
          }
          case "take":
            assertEquals(queue.take(), held.shift());
            break;
          case "next":
            read();
            break;
          case "abortable":
            read(new AbortController());
            break;
          case "abort": {
            const at = waiting.findIndex(({ controller }) => controller);
            const [reader] = at < 0 ? [] : waiting.splice(at, 1);
            if (reader === undefined) break;
            reader.answer = "aborted";
            reader.controller?.abort("aborted");
            break;
          }
          case "clear":
            queue.clear();
            held = [];
            break;
          case "end":
          case "fail":
            if (step.type === "end") queue.end();
            else queue.fail("broken");
            if (end !== undefined) break;
            end = step.type === "end" ? "end" : "broken";
            for (const reader of waiting) reader.answer = end;
            waiting = [];
        }
        const bytes = held.reduce(
          (sum, [, length]) => sum + length! + ITEM_OVERHEAD,
          0,
        );
        assertEquals([queue.size, queue.heldBytes], [held.length, bytes]);
        assertStrictEquals(queue.ended, end !== undefined);
        if (end !== undefined) continue;
        assertStrictEquals(queue.paused, paused);
        if (bytes > highWaterMark) assertStrictEquals(paused, true);
        if (bytes <= highWaterMark / 2) assertStrictEquals(paused, false);
      }
      if (end === undefined) {
        queue.end();
        for (const reader of waiting) reader.answer = "end";
      }
      await Promise.all(answers);
    },
  ));
});
