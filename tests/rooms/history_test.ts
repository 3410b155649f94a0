import { assertEquals } from "@std/assert";
import { test } from "node:test";
import { History } from "../../src/rooms/history.ts";

test("History.breakOff() forgets all, and begins with the next message", () => {
  const history = new History(1_000);
  const line = new Uint8Array(100);
  for (let offset = 1n; offset <= 7n; offset++) history.add({ line, offset });
  assertEquals(history.all.map(({ offset }) => offset), [4n, 5n, 6n, 7n]);
  assertEquals([2n, 3n].map((one) => history.hasAllAfter(one)), [false, true]);
  history.breakOff();
  assertEquals(history.all, []);
  assertEquals(history.hasAllAfter(6n), false);
  for (let offset = 20n; offset <= 22n; offset++) {
    history.add({ line, offset });
  }
  assertEquals(history.all.map(({ offset }) => offset), [20n, 21n, 22n]);
  assertEquals(
    [6n, 18n, 19n].map((one) => history.hasAllAfter(one)),
    [false, false, true],
  );
});
