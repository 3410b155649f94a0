import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteWriter, fixedLength } from "../../src/codec/mod.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";
import { hex } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";

test("fixedLength() cuts a stream into frames of the same length", () => {
  assertDecodes(() => fixedLength({ frameLength: 3 }), hex("010203 040506"), {
    frames: [hex("01 02 03"), hex("04 05 06")],
  });
});

test("fixedLength() makes a frame of every byte when the length is 1", () => {
  assertDecodes(() => fixedLength({ frameLength: 1 }), hex("01 00 02"), {
    frames: [hex("01"), hex("00"), hex("02")],
  });
});

test("fixedLength() takes an empty stream for a clean end", () => {
  assertDecodes(() => fixedLength({ frameLength: 3 }), hex(""), { frames: [] });
});

test("fixedLength() refuses a stream that ends inside a frame", () => {
  assertDecodes(() => fixedLength({ frameLength: 3 }), hex("010203 0405"), {
    frames: [hex("01 02 03")],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
});

test("fixedLength() says how much of the last frame was missing", () => {
  const error = frameError(() =>
    fixedLength({ frameLength: 3 }).decode(hex("01 02"))
  );
  assertStrictEquals(
    error.message,
    "The stream ended inside a frame: expected a frame of 3 bytes, got 2 bytes, in the frame at byte offset 0",
  );
});

test("fixedLength() encodes frames of its length as they are", () => {
  assertEquals(
    fixedLength({ frameLength: 2 }).encode(hex("01 02")),
    hex("01 02"),
  );
});

test("fixedLength() refuses to encode a frame of another length and writes nothing", () => {
  const encoder = fixedLength({ frameLength: 3 }).encoder();
  const output = new ByteWriter();
  output.write(hex("ff"));
  for (const length of [0, 2, 4]) {
    const error = frameError(() =>
      encoder.encode(new Uint8Array(length), output)
    );
    assertStrictEquals(error.code, "LENGTH_INVALID");
    assertStrictEquals(error.offset, undefined);
    assertEquals(output.view(), hex("ff"));
  }
});

test("fixedLength() refuses a length that is not a whole number of at least 1", () => {
  for (const frameLength of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => fixedLength({ frameLength }),
      RangeError,
      "Cannot use frameLength",
    );
  }
});

test("fixedLength() gives back what was encoded, however it is cut", () => {
  const frames = fc.integer({ min: 1, max: 20 }).chain((frameLength) =>
    fc.record({
      frameLength: fc.constant(frameLength),
      frames: fc.array(
        fc.uint8Array({ minLength: frameLength, maxLength: frameLength }),
        { maxLength: 5 },
      ),
    })
  );
  fc.assert(
    fc.property(frames, ({ frameLength, frames }) => {
      const codec = fixedLength({ frameLength });
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertDecodes(() => codec, bytes, { frames });
    }),
    { numRuns: 30 },
  );
});

test("fixedLength() takes time and memory linear in a frame that comes byte by byte", () => {
  const frameLength = 1 << 18;
  const bytes = new Uint8Array(frameLength);
  const { frame } = decodeByteByByte(fixedLength({ frameLength }), bytes);
  assertStrictEquals(frame?.length, frameLength);
});

test("fixedLength() keeps no room for bytes that have not come", () => {
  const decoder = fixedLength({ frameLength: 2 ** 40 }).decoder();
  const work = countWork(() => {
    for (let i = 0; i < 10; i++) {
      decoder.push(hex("01 02"));
      assertStrictEquals(decoder.next(), undefined);
    }
  });
  assertStrictEquals(decoder.bufferedBytes, 20);
  assertLessOrEqual(work.largestAllocation, 40);
});
