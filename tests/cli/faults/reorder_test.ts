import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { Reorder } from "../../../src/cli/faults/reorder.ts";

/** What leaves when items let so many pass, and is flushed behind them. */
function order(places: readonly number[]): string {
  const reorder = new Reorder<number>();
  const left = places.flatMap((count, i) => reorder.push(i + 1, count));
  const flushed = reorder.flush();
  assert(reorder.isEmpty);
  const shown = ({ item, isOvertaken }: typeof left[number]) =>
    isOvertaken ? `${item}!` : `${item}`;
  return `${left.map(shown).join(" ")} | ${flushed.map(shown).join(" ")}`;
}

test("push() lets as many items pass as it is told", () => {
  assertEquals(order([0, 0, 0]), "1 2 3 | ");
  assertEquals(order([1, 0, 0]), "2 1! 3 | ");
  assertEquals(order([2, 0, 0, 0]), "2 3 1! 4 | ");
  assertEquals(order([2, 1, 0]), "3 2! 1! | ");
  assertEquals(order([0, 3, 0, 2]), "1 3 | 2! 4");
  assertEquals(order([1]), " | 1");
});

test("push() and flush() lose nothing, and move nothing farther than it is told", () => {
  fc.assert(fc.property(fc.array(fc.nat({ max: 3 })), (places) => {
    const reorder = new Reorder<number>();
    const left = places.flatMap((count, i) => reorder.push(i, count));
    const all = [...left, ...reorder.flush()].map(({ item }) => item);
    assertEquals(all.toSorted((a, b) => a - b), places.map((_, i) => i));
    all.forEach((item, at) => assert(Math.abs(at - item) <= 3));
  }));
});
