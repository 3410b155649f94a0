// The rows of a long list that are drawn.

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { test } from "node:test";
import {
  MOST_PIXELS,
  scrollTo,
  windowOf,
} from "../../../site/play/logic/window.ts";

const lists = fc.record({
  count: fc.integer({ min: 1, max: 5_000_000 }),
  height: fc.integer({ min: 20, max: 60 }),
  view: fc.integer({ min: 60, max: 400 }),
});

test("windowOf() draws few rows, and all that are in view", () => {
  fc.assert(fc.property(lists, fc.double({ min: 0, max: 1, noNaN: true }), (
    { count, height, view },
    share,
  ) => {
    const whole = Math.min(count * height, MOST_PIXELS);
    const scrollTop = share * Math.max(0, whole - view);
    const window = windowOf(count, height, view, scrollTop);
    assertEquals(window.height, whole);
    assert(window.to - window.from <= view / height + 12);
    assert(window.top <= scrollTop || window.from === 0);
    const end = window.top + (window.to - window.from) * height;
    assert(window.to === count || end >= scrollTop + view, "no gap below");
  }));
});

test("scrollTo() brings any row into view", () => {
  fc.assert(fc.property(lists, fc.nat(), fc.nat(), (
    { count, height, view },
    a,
    b,
  ) => {
    const row = a % count;
    const whole = Math.min(count * height, MOST_PIXELS);
    const before = b % Math.max(1, whole - view);
    const scrollTop = scrollTo(row, count, height, view, before);
    const { from, to } = windowOf(count, height, view, scrollTop);
    assert(row >= from && row < to, `${row} in ${from} to ${to}`);
    assertEquals(
      scrollTo(row, count, height, view, scrollTop).toFixed(3),
      scrollTop.toFixed(3),
    );
  }));
});

test("windowOf() has no rows of an empty list", () => {
  assertEquals(windowOf(0, 28, 300, 0), { from: 0, to: 0, height: 0, top: 0 });
});
