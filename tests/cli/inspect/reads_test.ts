import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { Reads } from "../../../src/cli/inspect/reads.ts";

test("Reads knows in which read a byte came, and where reads began", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
  fc.assert(
    fc.property(lengths, fc.nat(20), fc.nat(), (lengths, start, kept) => {
      const reads = new Reads(start);
      const numbers: number[] = [];
      lengths.forEach((length, i) => {
        reads.add(length);
        for (let n = 0; n < length; n++) numbers.push(i + 1);
      });
      assertEquals(reads.end, start + numbers.length);
      const from = kept % numbers.length;
      reads.forgetBefore(start + from);
      assertEquals(reads.count, lengths.length);
      assertEquals(
        numbers.slice(from).map((_, i) => reads.numberOf(start + from + i)),
        numbers.slice(from),
      );
      const marks = numbers.flatMap((number, i) =>
        i > from && number !== numbers[i - 1] ? [start + i] : []
      );
      assertEquals(reads.marksIn(start + from + 1, reads.end), marks);
      // Those before the one of that byte are not kept.
      assertEquals(reads.marksIn(0, reads.end).length, marks.length + 1);
    }),
  );
});
