// Cuts of a stream, as the page edits them.

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { test } from "node:test";
import {
  atRandom,
  chunkAt,
  cutsOf,
  everyByte,
  moved,
  toggled,
} from "../../../site/play/logic/cuts.ts";
import { frameStarts, pieceAt } from "../../../site/play/logic/pieces.ts";

test("cutsOf() keeps what is inside, once, in order", () => {
  assertEquals(cutsOf([5, 0, 2, 5, 9, 10, -1, 1.5, NaN], 10), [2, 5, 9]);
});

test("toggled() adds a cut and takes it away", () => {
  assertEquals(toggled([2, 5], 3, 10), [2, 3, 5]);
  assertEquals(toggled([2, 3, 5], 3, 10), [2, 5]);
  assertEquals(toggled([2], 10, 10), [2]);
});

test("moved() keeps a cut between its neighbours", () => {
  assertEquals(moved([2, 5, 8], 1, 6, 10), [2, 6, 8]);
  assertEquals(moved([2, 5, 8], 1, 99, 10), [2, 7, 8]);
  assertEquals(moved([2, 5, 8], 0, -4, 10), [1, 5, 8]);
  assertEquals(moved([2, 5, 8], 2, 99, 10), [2, 5, 9]);
});

test("everyByte() and atRandom() cut inside the bytes", () => {
  assertEquals(everyByte(4), [1, 2, 3]);
  assertEquals(everyByte(0), []);
  for (const length of [0, 1, 2, 50, 100_000]) {
    const cuts = atRandom(length);
    assertEquals(cuts, cutsOf(cuts, length));
  }
});

test("chunkAt() and pieceAt() find what a byte is in", () => {
  fc.assert(fc.property(
    fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1 }),
    fc.integer({ min: 0, max: 99 }),
    (numbers, offset) => {
      const cuts = cutsOf(numbers, 100);
      const before = cuts.filter((cut) => cut <= offset).length;
      assertEquals(chunkAt(cuts, offset), before);
      assertEquals(pieceAt([0, ...cuts, 100], offset), before);
    },
  ));
  assertEquals(pieceAt([], 0), -1);
  assertEquals(pieceAt([0, 4], 4), -1);
});

test("frameStarts() leaves out what is passed over", () => {
  assertEquals(frameStarts([0, 4, 6, 9], [0, 1, 0]), [0, 6]);
  assert(frameStarts([], []).length === 0);
});
