import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  FrameError,
  lengthPrefixed,
  type PrefixedCodec,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";

const formats: Record<string, [PrefixedCodec, string]> = {
  "lengthPrefixed()": [lengthPrefixed({ maxFrameLength: 300 }), "0000012c"],
  "lengthPrefixed(), inclusive,": [
    lengthPrefixed({
      endian: "little",
      lengthIncludes: "frame",
      maxFrameLength: 300,
    }),
    "30010000",
  ],
  "varintPrefixed()": [varintPrefixed({ maxFrameLength: 300 }), "ac02"],
};

for (const [name, [{ header }, wire]] of Object.entries(formats)) {
  test(`${name} has a codec of its header alone`, () => {
    assertEquals(header.encode(300), hex(wire));
    assertDecodes(() => header, hex(wire + wire), { frames: [300, 300] });
  });

  test(`${name} leaves what follows a header unread`, () => {
    const decoder = header.decoder();
    decoder.push(hex(`${wire} 414243`));
    assertEquals(decoder.next(), 300);
    assertEquals(decoder.takeUnread(2), hex("4142"));
    assertEquals(decoder.takeUnread(), hex("43"));
    decoder.push(hex(wire));
    assertEquals(decoder.next(), 300);
  });

  test(`${name} refuses a header over the limit in both directions`, () => {
    assertThrows(() => header.encode(301), FrameError, "too large");
    const over = name.startsWith("varint") ? "ad02" : "ffffff7f";
    assertDecodes(() => header, hex(wire + over), {
      frames: [300],
      error: { code: "FRAME_TOO_LARGE", offset: wire.length / 2 },
    });
  });

  test(`${name} refuses a header that ends too early`, () => {
    assertDecodes(() => header, hex(wire + wire.slice(0, 2)), {
      frames: [300],
      error: { code: "FRAME_TRUNCATED", offset: wire.length / 2 },
    });
  });
}

test("lengthPrefixed() has no header alone where it is left to the frame", () => {
  const { header } = lengthPrefixed({ stripBytes: 0 });
  assertThrows(() => header.encode(10), TypeError);
});
