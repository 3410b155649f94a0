// Where JSR answers, Deno runs these against the real modules: so they also say
// that the stand-ins behave as the real ones do.
import {
  assert,
  assertEquals,
  assertExists,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";
import {
  concat,
  copy,
  endsWith,
  equals,
  includesNeedle,
  indexOfNeedle,
  lastIndexOfNeedle,
  repeat,
  startsWith,
} from "@std/bytes";
import { Buffer } from "node:buffer";
import { test } from "node:test";

const bytes = (...values: number[]) => new Uint8Array(values);

test("assertEquals() compares structure and kind", () => {
  assertEquals([bytes(1, 2), { a: [1n, NaN] }], [bytes(1, 2), {
    a: [1n, NaN],
  }]);
  assertEquals(new Map([["a", new Set([1])]]), new Map([["a", new Set([1])]]));
  // A view of a longer buffer equals an array of its own.
  assertEquals(bytes(0, 1, 2, 3).subarray(1, 3), bytes(1, 2));
  for (
    const [actual, expected] of [
      [1, 2],
      [1, "1"],
      [bytes(1), bytes(2)],
      [bytes(1), bytes(1, 0)],
      [bytes(1), Buffer.from([1])],
      [bytes(1), [1]],
      [{ a: undefined }, {}],
      [[undefined], []],
      [null, undefined],
      [new Error("a"), new Error("b")],
      [new Error("a"), new TypeError("a")],
    ]
  ) {
    assertThrows(() => assertEquals(actual, expected), AssertionError);
    assertNotEquals(actual, expected);
  }
});

test("assertStrictEquals() is Object.is", () => {
  const object = {};
  assertStrictEquals(object, object);
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals({}, {});
  assertNotStrictEquals(0, -0);
  assertThrows(() => assertStrictEquals({}, {}), AssertionError);
  assertThrows(() => assertNotStrictEquals(1, 1), AssertionError);
});

test("the plain assertions pass and fail", () => {
  assert(1);
  assertExists(0);
  assertInstanceOf(bytes(), Uint8Array);
  assertStringIncludes("frame", "ram");
  assertMatch("frame", /^f/);
  assertGreater(2, 1);
  assertGreaterOrEqual(2n, 2n);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  for (
    const failing of [
      () => assert(""),
      () => assertExists(null),
      () => assertInstanceOf([], Uint8Array),
      () => assertStringIncludes("frame", "x"),
      () => assertMatch("frame", /^x/),
      () => assertGreater(1, 1),
      () => assertGreaterOrEqual(1, 2),
      () => assertLess(1, 1),
      () => assertLessOrEqual(2, 1),
      () => fail("always"),
    ]
  ) assertThrows(failing, AssertionError);
});

test("assertThrows() returns the error and checks class and message", () => {
  const thrown = new RangeError("length 9 is over the limit");
  const throwing = () => {
    throw thrown;
  };
  assertStrictEquals(assertThrows(throwing), thrown);
  assertStrictEquals(assertThrows(throwing, RangeError, "over the"), thrown);
  assertThrows(() => assertThrows(throwing, TypeError), AssertionError);
  assertThrows(
    () => assertThrows(throwing, RangeError, "under"),
    AssertionError,
  );
  assertThrows(() => assertThrows(() => {}), AssertionError);
});

test("assertRejects() returns the error and checks class and message", async () => {
  const reason = new RangeError("length 9 is over the limit");
  const rejecting = () => Promise.reject(reason);
  assertStrictEquals(await assertRejects(rejecting), reason);
  assertStrictEquals(
    await assertRejects(rejecting, RangeError, "over the"),
    reason,
  );
  await assertRejects(
    () => assertRejects(rejecting, TypeError),
    AssertionError,
  );
  await assertRejects(
    () => assertRejects(() => Promise.resolve()),
    AssertionError,
  );
  await assertRejects(
    () =>
      assertRejects(() => {
        throw reason;
      }),
    AssertionError,
  );
});

test("@std/bytes finds, compares and joins", () => {
  const source = bytes(0, 1, 2, 1, 2, 3);
  assertEquals(concat([bytes(0), bytes(), bytes(1, 2)]), bytes(0, 1, 2));
  assertEquals(repeat(bytes(1, 2), 2), bytes(1, 2, 1, 2));
  assert(equals(source, source.slice()));
  assert(!equals(source, source.subarray(1)));
  assert(startsWith(source, bytes(0, 1)) && startsWith(source, bytes()));
  assert(endsWith(source, bytes(2, 3)) && !endsWith(bytes(3), source));
  assertEquals(indexOfNeedle(source, bytes(1, 2)), 1);
  assertEquals(indexOfNeedle(source, bytes(1, 2), 2), 3);
  assertEquals(indexOfNeedle(source, bytes(1, 2), -2), -1);
  assertEquals(indexOfNeedle(source, bytes()), -1);
  assertEquals(lastIndexOfNeedle(source, bytes(1, 2)), 3);
  assertEquals(lastIndexOfNeedle(source, bytes(1, 2), 3), 1);
  assertEquals(lastIndexOfNeedle(source, bytes(1, 2), -1), -1);
  assert(includesNeedle(source, bytes(3)) && !includesNeedle(source, bytes(9)));
  const target = bytes(0, 0, 0);
  assertEquals(copy(bytes(7, 8, 9), target, 1), 2);
  assertEquals(target, bytes(0, 7, 8));
});
