// A short form of `deno task fuzz`, with the same inputs each time.

import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { fuzz, FuzzFailure } from "../support/fuzz.ts";
import { fuzzTargets } from "../support/fuzz_targets.ts";

const seed = 20_000;

for (const { name } of fuzzTargets) {
  test(`${name}() survives random inputs`, () => {
    const count = Math.ceil(20_000 / fuzzTargets.length);
    try {
      const { counts } = fuzz({ seed, count, codec: name });
      assertEquals(counts.get(name)?.inputs, count);
    } catch (error) {
      if (!(error instanceof FuzzFailure)) throw error;
      const { message, options, input, replay } = error;
      throw new Error([message, options, input, replay].join("\n"));
    }
  });
}

test("fuzz() does the same for the same seed", () => {
  const range = { seed: 7, first: 11, count: 200 };
  assertEquals(fuzz(range).counts, fuzz(range).counts);
});

test("fuzz() knows its codecs by name", () => {
  assertThrows(() => fuzz({ seed, count: 1, codec: "none" }), TypeError);
});
