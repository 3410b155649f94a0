import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { type Decision, Decisions } from "../../../src/cli/faults/decisions.ts";
import type { Direction, Faults } from "../../../src/cli/faults/faults.ts";

const FAULTS: Faults = {
  drop: 0.2,
  dup: 0.1,
  corrupt: 0.05,
  delay: { from: 10, to: 20 },
  reorder: 3,
  cut: { from: 2, to: 4 },
};

/** A decision as plain values, with the pieces that follow. */
function plain(decision: Decision): unknown {
  const pieces = Array.from({ length: 5 }, () => decision.nextPiece());
  return { ...decision, nextPiece: pieces };
}

test("of() depends on the seed, the connection, the direction and the number only", () => {
  const place = fc.record({
    seed: fc.nat(),
    connection: fc.integer({ min: 1, max: 1_000 }),
    direction: fc.constantFrom<Direction>("toServer", "toClient"),
    message: fc.integer({ min: 1, max: 2 ** 40 }),
  });
  fc.assert(fc.property(place, fc.array(fc.nat()), (place, others) => {
    const { seed, connection, direction, message } = place;
    const make = () => new Decisions(FAULTS, seed, connection, direction);
    const decisions = make();
    for (const other of others) decisions.of(other);
    assertEquals(plain(decisions.of(message)), plain(make().of(message)));
  }));
});

test("of() decides otherwise for another seed, connection, direction or number", () => {
  const delay = (seed: number, connection: number, direction: Direction) =>
    new Decisions(FAULTS, seed, connection, direction).of(1).delayMs;
  const delays = new Set([
    delay(1, 1, "toServer"),
    delay(2, 1, "toServer"),
    delay(1 + 2 ** 32, 1, "toServer"),
    delay(1, 2, "toServer"),
    delay(2, 2, "toServer"),
    delay(1, 1, "toClient"),
    new Decisions(FAULTS, 1, 1, "toServer").of(2).delayMs,
  ]);
  assertEquals(delays.size, 7);
});

test("of() does each fault as often as it is to be done, within its bounds", () => {
  const decisions = new Decisions(FAULTS, 7, 1, "toServer");
  const all = Array.from({ length: 20_000 }, (_, i) => decisions.of(i + 1));
  const share = (is: (decision: Decision) => boolean) =>
    all.filter(is).length / all.length;
  const near = (got: number, expected: number) =>
    assert(Math.abs(got - expected) < 0.01, `${got} is not ${expected}`);
  near(share(({ drops }) => drops), 0.2);
  near(share(({ duplicates }) => duplicates), 0.1);
  near(share(({ corruptAt }) => corruptAt !== undefined), 0.05);
  for (const places of [0, 1, 2, 3]) {
    near(share((decision) => decision.places === places), 0.25);
  }
  for (const { delayMs, corruptAt = 0, corruptBits, nextPiece } of all) {
    assert(delayMs >= 10 && delayMs < 20);
    assert(corruptAt >= 0 && corruptAt < 1);
    assert(corruptBits > 0 && corruptBits < 256);
    assert([2, 3, 4].includes(nextPiece()));
  }
});

test("of() decides the same about one fault whatever the others are", () => {
  const { delay } = FAULTS;
  const all = new Decisions(FAULTS, 3, 1, "toClient");
  const one = new Decisions(delay ? { delay } : {}, 3, 1, "toClient");
  for (let i = 1; i < 50; i++) {
    assertEquals(one.of(i).delayMs, all.of(i).delayMs);
  }
});

test("of() leaves messages alone when there are no faults", () => {
  const decision = new Decisions({}, 1, 1, "toServer").of(1);
  const { drops, duplicates, places, delayMs, corruptAt } = decision;
  const nothing = [drops, duplicates, places, delayMs, corruptAt];
  assertEquals(nothing, [false, false, 0, 0, undefined]);
  assertEquals(decision.nextPiece(), Infinity);
});
