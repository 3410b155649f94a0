import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { lengthPrefixed, lines } from "../../src/codec/mod.ts";
import {
  type CuttingCodec,
  FrameCutter,
} from "../../src/testing/frame_cutter.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import { codecOf, formatNamed, vectorFiles } from "../support/vectors.ts";

/** The longest input that is cut into single bytes. */
const LONGEST = 1_000;

/** The frames of a stream, and what is left of it. */
function cut(
  codec: CuttingCodec | undefined,
  chunks: readonly Uint8Array[],
): { frames: Uint8Array[]; rest: Uint8Array } {
  const cutter = new FrameCutter(codec);
  const frames = chunks.flatMap((chunk) => [...cutter.push(chunk)]);
  frames.push(...cutter.end());
  return { frames, rest: cutter.takeRest() };
}

test("FrameCutter cuts the streams of every format at the same places, however they arrive", () => {
  let cases = 0;
  for (const { format, vectors } of vectorFiles()) {
    for (const { name, input, options, frames, unread } of vectors) {
      if (input === undefined || unread !== undefined) continue;
      const what = `${format}: ${name}`;
      const codec = codecOf(formatNamed(format), options);
      const bytes = bytesOf(input);
      if (bytes.length > LONGEST) continue;
      const whole = cut(codec, [bytes]);
      assertEquals(whole.frames.length, frames.length, what);
      const joined = [...whole.frames, whole.rest].flatMap((one) => [...one]);
      assertEquals(joined, [...bytes], what);
      assert(whole.frames.every(({ length }) => length > 0), what);
      // The cases in which every byte is an own chunk, and pieces of a few.
      for (const chunks of [singleBytes(bytes), randomCut(bytes, 1)]) {
        assertEquals(cut(codec, chunks), whole, what);
      }
      cases++;
    }
  }
  assert(cases > 200, `${cases}`);
});

test("FrameCutter finds no frames without a codec, and behind bytes that are none", () => {
  const uncut = new FrameCutter(undefined);
  assertEquals([...uncut.push(utf8("a\n"))], []);
  assert(uncut.isUncut);
  assertEquals(uncut.takeRest(), utf8("a\n"));

  const cutter = new FrameCutter(lengthPrefixed({ maxFrameLength: 2 }));
  assertEquals([...cutter.push(hex("00000001 07 00000003 07"))], [
    hex("00000001 07"),
  ]);
  assert(cutter.isUncut);
  assertEquals(cutter.takeRest(), hex("00000003 07"));
  assertEquals([...cutter.push(hex("00000001 07"))], []);
  assertEquals(cutter.takeRest(), hex("00000001 07"));
});

test("FrameCutter keeps what a codec passes over with the frame behind it", () => {
  const codec = lines({ maxFrameLength: 3, onOversize: "skip" });
  assertEquals(cut(codec, singleBytes(utf8("a\nlonger\nb\nlonger"))), {
    frames: [utf8("a\n"), utf8("longer\nb\n")],
    rest: utf8("longer"),
  });
});
