import { test } from "node:test";
import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { RequestTable } from "../../src/message/request_table.ts";

test("RequestTable does what a Map does when numbers grow, and when they do not", () => {
  const id = fc.oneof(
    fc.nat({ max: 100 }),
    fc.nat({ max: 2 ** 20 }).map((n) => n * 16),
    fc.maxSafeNat(),
  );
  const step = fc.record({ id, taken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const table = new RequestTable<{ readonly id: number }>();
      const map = new Map<number, { readonly id: number }>();
      for (const { id, taken } of steps) {
        assertEquals(table.get(id), map.get(id));
        if (taken) {
          assertEquals(table.take(id), map.get(id));
          map.delete(id);
        } else if (!map.has(id)) {
          const request = { id };
          table.add(request);
          map.set(id, request);
        }
        assertEquals(table.size, map.size);
      }
      const expected = [...map.values()].sort((a, b) => a.id - b.id);
      assertEquals(table.all(), expected);
    }),
  );
});

test("RequestTable keeps a request while a million newer ones come and go", () => {
  const table = new RequestTable<{ readonly id: number }>();
  const first = { id: 1 };
  table.add(first);
  for (let id = 2; id <= 1_000_000; id++) {
    table.add({ id });
    if (id > 9) table.take(id - 8);
  }
  assertEquals(table.get(1), first);
  assertLessOrEqual(table.size, 9 + 1);
  assertEquals(table.take(1), first);
});
