import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { checksum, FrameError, lengthPrefixed } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";

const frames = lengthPrefixed({ lengthBytes: 1 });

// The check values of the two CRCs, as their catalogues give them.
for (
  const [kind, check] of [["crc32", "cbf43926"], [
    "crc32c",
    "e3069283",
  ]] as const
) {
  test(`checksum() puts the ${kind} behind the frame`, () => {
    const codec = checksum(frames, kind);
    const bytes = codec.encode(utf8("123456789"));
    assertEquals(bytes.subarray(10), hex(check));
    assertEquals(codec.decode(bytes), [utf8("123456789")]);
  });

  test(`checksum() with ${kind} finds every changed bit`, () => {
    const codec = checksum(frames, kind);
    const bytes = codec.encode(utf8("message"));
    for (let bit = 8; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const error = assertThrows(() => codec.decode(changed), FrameError);
      assertEquals(error.code, "CHECKSUM_MISMATCH");
    }
  });
}

test("checksum() refuses a frame that is shorter than a checksum", () => {
  for (const bytes of [hex("00"), hex("03 000000")]) {
    const error = assertThrows(
      () => checksum(frames, "crc32").decode(bytes),
      FrameError,
    );
    assertEquals(error.code, "CHECKSUM_MISMATCH");
  }
});

test("checksum() takes a checksum of one's own", () => {
  const sum = {
    length: 1,
    compute: (bytes: Uint8Array) =>
      Uint8Array.of(bytes.reduce((total, byte) => total + byte, 0)),
  };
  const codec = checksum(frames, sum);
  assertEquals(codec.encode(hex("01 02 ff")), hex("04 0102ff 02"));
  assertEquals(codec.decode(hex("04 0102ff 02 01 00")), [
    hex("0102ff"),
    hex(""),
  ]);
  assertThrows(() => codec.decode(hex("04 0102ff 03")), FrameError);
});
