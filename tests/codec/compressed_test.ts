import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { deflate, gzip } from "../../src/algorithms/mod.ts";
import { compressed, FrameError, lengthPrefixed } from "../../src/codec/mod.ts";
import { utf8 } from "../support/bytes.ts";

for (const compression of [gzip, deflate]) {
  const { name } = compression;

  test(`compressed() with ${name} gives back what was given`, () => {
    const codec = compressed(lengthPrefixed(), compression);
    for (const frame of [utf8(""), utf8("粘包".repeat(1000))]) {
      assertEquals(codec.decode(codec.encode(frame)), [frame]);
    }
  });

  test(`compressed() with ${name} refuses a bomb before it unfolds`, () => {
    const bomb = compression.compress(new Uint8Array(64 * 1024 * 1024));
    const bytes = lengthPrefixed().encode(bomb);
    const before = process.memoryUsage().arrayBuffers;
    const error = assertThrows(
      () =>
        compressed(lengthPrefixed(), compression, { maxFrameLength: 1000 })
          .decode(bytes),
      FrameError,
    );
    assertEquals(error.code, "FRAME_TOO_LARGE");
    const grown = process.memoryUsage().arrayBuffers - before;
    assert(grown < 16 * 1024 * 1024, `${grown} bytes more are held`);
  });

  test(`compressed() with ${name} takes a frame of exactly the limit`, () => {
    const codec = compressed(lengthPrefixed(), compression, {
      maxFrameLength: 3,
    });
    assertEquals(codec.decode(codec.encode(utf8("abc"))), [utf8("abc")]);
    const error = assertThrows(() => codec.encode(utf8("abcd")), FrameError);
    assertEquals(error.code, "FRAME_TOO_LARGE");
    const over = lengthPrefixed().encode(compression.compress(utf8("abcd")));
    assertThrows(() => codec.decode(over), FrameError, "too large");
  });

  test(`compressed() with ${name} refuses what is not compressed`, () => {
    const bytes = lengthPrefixed().encode(utf8("not compressed at all"));
    const error = assertThrows(
      () => compressed(lengthPrefixed(), compression).decode(bytes),
      FrameError,
    );
    assertEquals(error.code, "COMPRESSION_INVALID");
    assertEquals(error.offset, 0);
  });

  test(`compressed() with ${name} refuses what is cut`, () => {
    const whole = compression.compress(utf8("a message, cut on its way"));
    const bytes = lengthPrefixed().encode(whole.subarray(0, -3));
    const error = assertThrows(
      () => compressed(lengthPrefixed(), compression).decode(bytes),
      FrameError,
    );
    assertEquals(error.code, "COMPRESSION_INVALID");
  });
}
