import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertMatch,
} from "@std/assert";
import { FrameError, lengthPrefixed } from "../../src/codec/mod.ts";
import { hintFor } from "../../src/format/hint_for.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { fuzzTargets } from "../support/fuzz_targets.ts";
import { Random } from "../support/random.ts";
import { noHints, outcomeOf, wrongGuesses } from "./hint_cases.ts";

for (const wrongGuess of wrongGuesses) {
  const { name, hint: expected } = wrongGuess;
  const does = expected === undefined ? "is silent about" : "explains";
  test(`hintFor() ${does} ${name}`, () => {
    const { hint } = outcomeOf(wrongGuess);
    if (expected === undefined) assertEquals(hint, undefined);
    else assertMatch(hint ?? "silent", expected);
  });
}

for (const noHint of noHints) {
  test(`hintFor() is silent about ${noHint.name}`, () => {
    assertEquals(outcomeOf(noHint).hint, undefined);
  });
}

test("hintFor() is right about most wrong guesses, and never wrong", () => {
  const verdicts = wrongGuesses.map((guess) => outcomeOf(guess).verdict);
  const count = (verdict: string) =>
    verdicts.filter((one) => one === verdict).length;
  assertEquals(count("wrong"), 0);
  assertGreaterOrEqual(verdicts.length, 40);
  assertGreaterOrEqual(count("right") / verdicts.length, 0.75);
  assertGreaterOrEqual(noHints.length, 20);
});

test("hintFor() is silent when the codec refuses a frame to encode", () => {
  const error = new FrameError("FRAME_TOO_LARGE", {
    reason: "The frame is too large",
    expected: "at most 10 bytes (maxFrameLength)",
    got: "83886080 bytes",
  });
  assertEquals(hintFor(error, hex("05 00 00 00 01 02 03 04 05")), undefined);
});

test("hintFor() is silent when the error lies behind the bytes", () => {
  const bytes = hex("05 00 00 00 01 02 03 04 05");
  const details = {
    reason: "The frame is too large",
    expected: "at most 10 bytes (maxFrameLength)",
    got: "83886080 bytes",
  };
  const here = new FrameError("FRAME_TOO_LARGE", { ...details, offset: 0 });
  const there = new FrameError("FRAME_TOO_LARGE", { ...details, offset: 20 });
  assert(hintFor(here, bytes) !== undefined);
  assertEquals(hintFor(there, bytes), undefined);
  assertEquals(hintFor(here, hex("")), undefined);
});

test("hintFor() needs no more than the first 64 bytes", () => {
  const bytes = new Uint8Array(5_000).fill(0x61);
  bytes.set(hex("00 00 00 00"));
  new DataView(bytes.buffer).setUint32(0, 4_996, true);
  const error = errorOf(bytes);
  const hint = hintFor(error, bytes.subarray(0, 64));
  assertMatch(hint ?? "", /84 13 00 00 are 4996 in little-endian/);
  assertEquals(hintFor(error, bytes), hint);
});

test("hintFor() looks at a bounded part of a large input", () => {
  const bytes = new Uint8Array(5_000_000).fill(0x61);
  bytes.set(utf8("hello\nthere"));
  const start = performance.now();
  assertMatch(hintFor(errorOf(bytes), bytes) ?? "", /are text/);
  assertLessOrEqual(performance.now() - start, 200);
});

test("hintFor() is silent about random bytes, but for a few in 10,000", () => {
  let errors = 0;
  let hints = 0;
  for (let seed = 0; seed < 4_000; seed++) {
    const random = new Random(seed);
    const target = fuzzTargets[seed % fuzzTargets.length]!;
    const codec = target.make(target.options(random));
    const bytes = random.bytes(4 + random.below(60));
    try {
      codec.decode(bytes);
    } catch (error) {
      assert(error instanceof FrameError);
      errors++;
      if (hintFor(error, bytes) !== undefined) hints++;
    }
  }
  assertGreaterOrEqual(errors, 3_000);
  assertLessOrEqual(hints, 3);
});

function errorOf(bytes: Uint8Array): FrameError {
  try {
    lengthPrefixed().decode(bytes);
  } catch (error) {
    assert(error instanceof FrameError);
    return error;
  }
  throw new TypeError("The bytes can be read");
}
