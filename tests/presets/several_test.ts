import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { mysqlPackets, oncRpc, syslogAny } from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";
import { frameError, runDecoder } from "../support/run_decoder.ts";

test("syslogAny() reads any mix of the two framings, however it is cut", () => {
  const message = fc.stringMatching(/^<[a-z0-9< ]{0,12}$/);
  const messages = fc.array(fc.tuple(message, fc.boolean()));
  fc.assert(
    fc.property(messages, fc.array(fc.nat(200)), (messages, cuts) => {
      const bytes = messages.map(([text, counted]) =>
        counted ? syslogAny().encode(utf8(text)) : utf8(`${text}\n`)
      );
      const outcome = runDecoder(
        () => syslogAny(),
        cutAt(concat(bytes), cuts),
      );
      assertEquals(outcome, {
        frames: messages.map(([text]) => utf8(text)),
        skipped: [],
        error: undefined,
      });
    }),
  );
});

test("syslogAny() takes a message that begins with a digit from 1 to 9 for a counted one, and any other for a line", () => {
  for (let first = 0; first < 256; first++) {
    const decoded = () => syslogAny().decode(Uint8Array.of(first, 0x0a));
    if (first === 0x0a) assertEquals(decoded(), []);
    else if (first < 0x30 || first > 0x39) {
      assertEquals(decoded(), [Uint8Array.of(first)]);
    } else assertStrictEquals(frameError(decoded).code, "LENGTH_INVALID");
  }
});

test("syslogAny() reads a stack trace line by line", () => {
  assertEquals(
    syslogAny().decode(utf8("<11>Error\n    at f\n\n<13>next\n3 abc\n<13>b\n")),
    ["<11>Error", "    at f", "<13>next", "abc", "<13>b"].map(utf8),
  );
});

test("oncRpc() decodes records of any fragments, however they are cut", () => {
  const record = fc.uint8Array({ maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(record, fc.integer({ min: 1, max: 9 }))),
      fc.array(fc.nat(200)),
      (records, cuts) => {
        const bytes = records.map(([record, maxFragmentLength]) =>
          oncRpc({ maxFragmentLength }).encode(record)
        );
        const outcome = runDecoder(() => oncRpc(), cutAt(concat(bytes), cuts));
        assertEquals(outcome.frames, records.map(([record]) => record));
        assertEquals(outcome.error, undefined);
      },
    ),
  );
});

test("oncRpc() refuses a length that no fragment can have", () => {
  for (const maxFragmentLength of [0, -1, 1.5, NaN, 2 ** 31]) {
    assertThrows(
      () => oncRpc({ maxFragmentLength }),
      RangeError,
      "maxFragmentLength",
    );
  }
});

test("the presets of several frames have one encoder for all streams", () => {
  for (const codec of [syslogAny(), oncRpc(), mysqlPackets()]) {
    assertStrictEquals(codec.encoder(), codec.encoder());
  }
});

test("mysqlPackets() continues a packet of 16,777,215 bytes, also with an empty one", () => {
  const full = 0xff_ffff;
  const codec = mysqlPackets({ maxFrameLength: full + 1 });
  for (
    const [more, second] of [[0, "000000 00"], [1, "010000 00 2a"]] as const
  ) {
    const body = new Uint8Array(full + more).fill(0x2a);
    const bytes = codec.encode({ sequence: 255, body });
    assertStrictEquals(bytes.length, 4 + full + hex(second).length);
    assertEquals(bytes.subarray(0, 4), hex("ffffff ff"));
    assertEquals(bytes.subarray(4 + full), hex(second));
    const [packet] = codec.decode(bytes);
    assertStrictEquals(packet!.sequence, 255);
    // Not by `assertEquals`, which would take seconds.
    assertStrictEquals(packet!.body.length, body.length);
    assertStrictEquals(packet!.body.findIndex((byte) => byte !== 0x2a), -1);
  }
  const tooLong = concat([
    hex("ffffff 00"),
    new Uint8Array(full),
    hex("020000 01 0000"),
  ]);
  const { code, offset } = frameError(() => codec.decode(tooLong));
  assertEquals([code, offset], ["FRAME_TOO_LARGE", 0]);
});
