import { test } from "node:test";
import {
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  type CommandFrame,
  commandFrame,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const hi: CommandFrame = { command: 2, wantsReply: true, body: utf8("HI") };

test("commandFrame() lays a frame out in both byte orders", () => {
  const bigEndian = hex("00000002 00000002 00000001 4849");
  const littleEndian = hex("02000000 02000000 01000000 4849");
  assertEquals(commandFrame().encode(hi), bigEndian);
  assertEquals(commandFrame({ endian: "little" }).encode(hi), littleEndian);
  assertDecodes(() => commandFrame(), bigEndian, { frames: [hi] });
  assertDecodes(() => commandFrame({ endian: "little" }), littleEndian, {
    frames: [hi],
  });
});

test("commandFrame() reads what Python's struct.pack() writes", () => {
  // struct.pack("3I", 25, 2, 1) + b'{"hello": "\\u4e16\\u754c"}'
  const body = utf8('{"hello": "\\u4e16\\u754c"}');
  assertDecodes(
    () => commandFrame({ endian: "little" }),
    concat([hex("19000000 02000000 01000000"), body]),
    { frames: [{ command: 2, wantsReply: true, body }] },
  );
  // The same with "!3I".
  assertDecodes(
    () => commandFrame(),
    concat([hex("00000019 00000002 00000001"), body]),
    { frames: [{ command: 2, wantsReply: true, body }] },
  );
});

test("commandFrame() takes frames without a body, and every command", () => {
  const frames = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff].map((
    command,
  ) => ({ command, wantsReply: false, body: hex("") }));
  for (const endian of ["big", "little"] as const) {
    const codec = commandFrame({ endian });
    const bytes = concat(frames.map((frame) => codec.encode(frame)));
    assertStrictEquals(bytes.length, 12 * frames.length);
    assertDecodes(() => codec, bytes, { frames });
  }
});

test("commandFrame() hands out a third number of the peer's own, and writes it", () => {
  const codec = commandFrame({ maxFrameLength: 2 });
  for (const recv of [2, 3, 4, 0x0100_0000, 0xffff_ffff]) {
    const digits = recv.toString(16).padStart(8, "0");
    const own = { command: 1, wantsReply: false, recv, body: utf8("A") };
    const bytes = concat([
      hex(`00000001 00000001 ${digits} 41`),
      codec.encode(hi),
    ]);
    assertDecodes(() => codec, bytes, { frames: [own, hi] });
    assertEquals(codec.encode(own), bytes.subarray(0, 13));
  }
});

test("commandFrame() writes the third number that it is given, and refuses a contradiction", () => {
  const codec = commandFrame();
  assertEquals(codec.encode({ ...hi, recv: 1 }), codec.encode(hi));
  const none = { ...hi, wantsReply: false };
  assertEquals(codec.encode({ ...none, recv: 0 }), codec.encode(none));
  const encoder = codec.encoder();
  const output = new ByteWriter();
  for (
    const [wantsReply, recv, message] of [
      [true, 0, "expected a recv of 1, got 0"],
      [true, 2, "expected a recv of 1, got 2"],
      [false, 1, "expected a recv other than 1, got 1"],
      [false, -1, "The recv does not fit its field"],
      [false, 2 ** 32, "The recv does not fit its field"],
      [false, 1.5, "The recv does not fit its field"],
    ] as const
  ) {
    const frame = { ...hi, wantsReply, recv };
    const error = frameError(() => encoder.encode(frame, output));
    assertStrictEquals(error.code, "HEADER_INVALID");
    assertStringIncludes(error.message, message);
    assertStrictEquals(output.length, 0);
  }
});

test("commandFrame() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => commandFrame(), hex(""), { frames: [] });
  const whole = "00000002 00000002 00000001 4849";
  for (
    const rest of [
      "00",
      "00000000 00000000 000000",
      "00000001 00000000 00000000",
      "00000002 00000000 00000000 41",
    ]
  ) {
    assertDecodes(() => commandFrame(), hex(whole + rest), {
      frames: [hi],
      error: { code: "FRAME_TRUNCATED", offset: 14 },
    });
  }
  const error = frameError(() => commandFrame().decode(utf8("EXIT")));
  assertStrictEquals(error.expected, "a header of 12 bytes");
  assertStrictEquals(error.got, "4 bytes");
});

test("commandFrame() holds bodies to the limit in both directions", () => {
  const codec = commandFrame({ maxFrameLength: 2 });
  const bytes = codec.encode(hi);
  assertDecodes(
    () => codec,
    concat([bytes, hex("00000003 00000000 00000000")]),
    {
      frames: [hi],
      error: { code: "FRAME_TOO_LARGE", offset: 14 },
    },
  );
  const error = frameError(() => codec.encode({ ...hi, body: utf8("HI!") }));
  assertStrictEquals(
    error.message,
    "The frame is too large: expected at most 2 bytes (maxFrameLength), got 3 bytes",
  );
});

test("commandFrame() passes over bodies over the limit when asked to", () => {
  assertDecodes(
    (onSkip) => commandFrame({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    hex(
      "00000003 00000001 00000000 414243" +
        "00000002 00000002 00000001 4849",
    ),
    { frames: [hi], skipped: [0] },
  );
});

test("commandFrame() refuses a command that does not fit, and writes nothing", () => {
  const encoder = commandFrame().encoder();
  const output = new ByteWriter();
  for (const command of [-1, 0.5, 2 ** 32, NaN]) {
    const error = frameError(() => encoder.encode({ ...hi, command }, output));
    assertStrictEquals(error.code, "HEADER_INVALID");
    assertStrictEquals(error.got, `${command}`);
    assertStrictEquals(output.length, 0);
  }
});

test("commandFrame() hands out bodies as views, or as copies when asked to", () => {
  const bytes = commandFrame().encode(hi);
  const [view] = commandFrame().decode(bytes);
  assertStrictEquals(view?.body.buffer, bytes.buffer);
  const [copy] = commandFrame({ copy: true }).decode(bytes);
  assertStrictEquals(copy?.body.buffer.byteLength, 2);
});

test("commandFrame() refuses options that it does not know", () => {
  const endian = "middle" as unknown as "big";
  assertThrows(() => commandFrame({ endian }), TypeError, "Cannot use endian");
  assertThrows(() => commandFrame({ maxFrameLength: -1 }), RangeError);
});

test("commandFrame() takes time linear in a frame that comes byte by byte", () => {
  const length = 1 << 16;
  const codec = commandFrame();
  const bytes = codec.encode({ ...hi, body: new Uint8Array(length) });
  const { frame } = decodeByteByByte(codec, bytes);
  assertStrictEquals(frame?.body.length, length);
});

test("commandFrame() gives back what was encoded, however it is cut", () => {
  const command = fc.nat(0xffff_ffff);
  const body = fc.uint8Array({ maxLength: 20 });
  const frame: fc.Arbitrary<CommandFrame> = fc.oneof(
    fc.record({ command, wantsReply: fc.boolean(), body }, {
      noNullPrototype: true,
    }),
    fc.record({
      command,
      wantsReply: fc.constant(false),
      recv: fc.integer({ min: 2, max: 0xffff_ffff }),
      body,
    }, { noNullPrototype: true }),
  );
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 5 }),
    fc.array(fc.nat(160)),
    fc.constantFrom("big" as const, "little" as const),
    (frames, indices, endian) => {
      const codec = commandFrame({ endian });
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames,
        skipped: [],
        error: undefined,
      });
    },
  ));
});
