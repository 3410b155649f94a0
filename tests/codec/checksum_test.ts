import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checksum,
  FrameError,
  headerPrefixed,
  lengthPrefixed,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

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

// A header that the checksum covers

/** The checksum of UBX: of all bytes but the mark at the start (RFC 1145). */
const fletcher = {
  length: 2,
  compute(frame: Uint8Array) {
    let [a, b] = [0, 0];
    for (const byte of frame.subarray(2)) {
      a += byte;
      b += a;
    }
    return Uint8Array.of(a, b);
  },
};
const ubx = checksum(
  lengthPrefixed({
    lengthOffset: 4,
    lengthBytes: 2,
    endian: "little",
    lengthAdjustment: 2,
    stripBytes: 0,
  }),
  fletcher,
);
/** Messages of the u-blox 8 protocol description: MON-VER polled, and CFG-RATE. */
const messages = ["b562 0a04 0000", "b562 0608 0600 640001000100"];

test("checksum() covers a header whose length does not count the checksum", () => {
  const wire = ["b562 0a04 0000 0e34", "b562 0608 0600 640001000100 7a12"];
  for (const [i, message] of messages.entries()) {
    assertEquals(ubx.encode(hex(message)), hex(wire[i]!));
  }
  assertDecodes(() => ubx, hex(wire.join("")), { frames: messages.map(hex) });
});

test("checksum() fills in the length before it sums", () => {
  // The length given is wrong: the encoder does not read it.
  assertEquals(ubx.encode(hex("b562 0a04 ffff")), hex("b562 0a04 0000 0e34"));
});

test("checksum() covers a header whose length counts the checksum", () => {
  // AWS event stream encoding: the empty message of its specification, whose
  // length, number of header bytes and checksum of these two are the prelude.
  const codec = checksum(
    lengthPrefixed({ lengthIncludes: "frame", stripBytes: 0 }),
    "crc32",
  );
  const bytes = hex("00000010 00000000 05c248eb 7d98c8ff");
  const prelude = bytes.slice(0, 12);
  assertDecodes(() => codec, bytes, { frames: [prelude] });
  assertEquals(codec.encode(prelude), bytes);
  const blank = prelude.slice().fill(0, 0, 4);
  assertEquals(codec.encode(blank), bytes);
  assertEquals(
    blank.subarray(0, 4),
    hex("00000000"),
    "the frame is not changed",
  );
});

test("checksum() refuses a frame without the header that it is to cover", () => {
  for (const stripBytes of [0, 1]) {
    const frames = lengthPrefixed({ stripBytes, lengthIncludes: "frame" });
    const codec = checksum(frames, "crc32");
    for (let length = 0; length < 8; length++) {
      const frame = new Uint8Array(length);
      if (length < 4 - stripBytes) {
        const error = frameError(() => codec.encode(frame));
        assertEquals(error.code, "LENGTH_INVALID");
        assertEquals(error.expected, `at least ${4 - stripBytes} bytes`);
        assertEquals(error.got, `${length} bytes`);
      } else codec.decode(codec.encode(frame));
    }
  }
});

test("checksum() refuses a frame with its header that is over the limit", () => {
  const codec = checksum(
    lengthPrefixed({ stripBytes: 0, maxFrameLength: 20 }),
    "crc32",
  );
  assertEquals(codec.decode(codec.encode(new Uint8Array(16))).length, 1);
  assertEquals(
    frameError(() => codec.encode(new Uint8Array(17))).code,
    "FRAME_TOO_LARGE",
  );
});

test("checksum() covers a header that a function reads", () => {
  const codec = checksum(
    headerPrefixed({ headerLength: 1, frameLength: (header) => header[0]! }),
    fletcher,
  );
  const frame = hex("05 01 02");
  assertEquals(codec.decode(codec.encode(frame)), [frame]);
  assertEquals(
    frameError(() => codec.encode(hex("03 01 02"))).code,
    "LENGTH_INVALID",
  );
});

test("checksum() reads what it writes, whatever of the header the frame includes", () => {
  const layout = fc.record({
    lengthBytes: fc.integer({ min: 1, max: 4 }),
    lengthOffset: fc.nat(3),
    stripBytes: fc.nat(8),
    lengthIncludes: fc.constantFrom("body" as const, "frame" as const),
    endian: fc.constantFrom("big" as const, "little" as const),
  });
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 20 });
  fc.assert(fc.property(layout, bytes, (options, frame) => {
    const codec = checksum(lengthPrefixed(options), "crc32");
    const wire = codec.encode(frame);
    const [decoded] = codec.decode(wire);
    assertEquals(decoded?.length, frame.length);
    assertEquals(codec.encode(decoded!), wire);
  }));
});

test("checksum() refuses a name that there is not", () => {
  assertThrows(
    () => checksum(lengthPrefixed(), "crc16" as "crc32"),
    TypeError,
    "Cannot use kind",
  );
});
