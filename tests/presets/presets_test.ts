import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import { md5 } from "../../src/algorithms/mod.ts";
import type { Codec, FrameErrorCode } from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

type Limits = { maxFrameLength?: number };

const presetsOfBytes: [string, (options?: Limits) => Codec<Uint8Array>][] = [
  ["erlang(1)", (options) => presets.erlang(1, options)],
  ["erlang(2)", (options) => presets.erlang(2, options)],
  ["erlang(4)", (options) => presets.erlang(4, options)],
  ["tokioUtil", presets.tokioUtil],
  ["twistedInt16", presets.twistedInt16],
  ["twistedInt32", presets.twistedInt32],
  ["twistedNetstring", presets.twistedNetstring],
  ["protobufDelimited", presets.protobufDelimited],
  ["gob", presets.gob],
  ["dnsTcp", presets.dnsTcp],
  ["syslogOctetCounting", presets.syslogOctetCounting],
  ["kafka", presets.kafka],
  ["tpkt", presets.tpkt],
  ["hl7Mllp", presets.hl7Mllp],
  ["csharpDemo", presets.csharpDemo],
];

for (const [name, preset] of presetsOfBytes) {
  test(`${name} reads what it writes, and has a limit on the body`, () => {
    const codec = preset({ maxFrameLength: 200 });
    const bodies: Uint8Array[] = [utf8("HI"), new Uint8Array(200).fill(0x30)];
    if (name !== "syslogOctetCounting") bodies.push(hex(""));
    for (const body of bodies) {
      assertDecodes(() => codec, codec.encode(body), { frames: [body] });
    }
    const tooLong = new Uint8Array(201).fill(0x30);
    const codes = [
      frameError(() => codec.encode(tooLong)).code,
      frameError(() => codec.decode(preset().encode(tooLong))).code,
    ];
    assertEquals(codes, ["FRAME_TOO_LARGE", "FRAME_TOO_LARGE"]);
  });

  test(`${name} has one encoder for all streams`, () => {
    const codec = preset();
    assertStrictEquals(codec.encoder(), codec.encoder());
  });

  test(`${name} refuses a stream that ends inside a frame`, () => {
    const bytes = preset().encode(utf8("HI"));
    for (let end = 1; end < bytes.length; end++) {
      assertEquals(
        frameError(() => preset().decode(bytes.subarray(0, end))).code,
        "FRAME_TRUNCATED",
      );
    }
  });
}

test("presets have the limits of their peers", () => {
  for (
    const [codec, limit] of [
      [presets.erlang(1), 255],
      [presets.erlang(2), 65_535],
      [presets.tokioUtil(), 8_388_608],
      [presets.twistedInt16(), 65_535],
      [presets.twistedInt32(), 99_999],
      [presets.twistedNetstring(), 99_999],
      [presets.dnsTcp(), 65_535],
      [presets.tpkt(), 65_531],
      [presets.tpkt({ maxFrameLength: 1_000_000 }), 65_531],
    ] as const
  ) {
    const longest = new Uint8Array(limit);
    assertEquals(codec.decode(codec.encode(longest)), [longest]);
    assertEquals(
      frameError(() => codec.encode(new Uint8Array(limit + 1))).code,
      "FRAME_TOO_LARGE",
    );
  }
});

test("presets refuse headers that their peers do not write", () => {
  const refused: [string, Codec<never, unknown>, Uint8Array, FrameErrorCode][] =
    [
      ["kafka", presets.kafka(), hex("ffffffff"), "LENGTH_INVALID"],
      ["kafka", presets.kafka(), hex("06400001"), "FRAME_TOO_LARGE"],
      ["postgres", presets.postgres(), hex("5a 00000003"), "LENGTH_INVALID"],
      ["postgres", presets.postgres(), hex("5a 80000000"), "LENGTH_INVALID"],
      ["tpkt", presets.tpkt(), hex("03000003"), "LENGTH_INVALID"],
      ["tpkt", presets.tpkt(), hex("04000008 00000000"), "HEADER_INVALID"],
      ["grpc", presets.grpc(), hex("02 00000000"), "HEADER_INVALID"],
      ["grpc", presets.grpc(), hex("00 00400001"), "FRAME_TOO_LARGE"],
      ["gob", presets.gob(), hex("f7"), "LENGTH_INVALID"],
      ["gob", presets.gob(), hex("f8ffffffffffffffff"), "FRAME_TOO_LARGE"],
      ["hl7Mllp", presets.hl7Mllp(), utf8("MSH|"), "MARK_INVALID"],
      ["csharpDemo", presets.csharpDemo(), hex("03000000"), "LENGTH_INVALID"],
      ...["0 ", "03 abc", " 3 abc", "+3 abc", "3:abc", "a"].map((text) =>
        [
          `syslogOctetCounting ${text}`,
          presets.syslogOctetCounting(),
          utf8(text),
          "LENGTH_INVALID",
        ] as [string, Codec<never, unknown>, Uint8Array, FrameErrorCode]
      ),
      [
        "syslogOctetCounting, too many digits",
        presets.syslogOctetCounting(),
        utf8("1234567890123456 "),
        "LENGTH_INVALID",
      ],
      [
        "syslogOctetCounting, too large",
        presets.syslogOctetCounting(),
        utf8("1048577 "),
        "FRAME_TOO_LARGE",
      ],
    ];
  for (const [name, codec, bytes, code] of refused) {
    // What comes before is handed out, and the offset is that of the bad one.
    assertDecodes(() => codec, bytes, {
      frames: [],
      error: { code, offset: 0 },
    });
    assertEquals(frameError(() => codec.decode(bytes)).code, code, name);
  }
});

test("a preset with onOversize skips what is too large, and no invalid length", () => {
  assertDecodes(
    (onSkip) =>
      presets.kafka({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    hex("00000003 616263 00000002 4849 ffffffff"),
    {
      frames: [utf8("HI")],
      skipped: [0],
      error: { code: "LENGTH_INVALID", offset: 13 },
    },
  );
});

test("syslogOctetCounting() cannot write an empty message", () => {
  assertEquals(
    frameError(() => presets.syslogOctetCounting().encode(hex(""))).code,
    "LENGTH_INVALID",
  );
});

test("gob() writes every length in its shortest form", () => {
  const header = (length: number) =>
    presets.gob().encode(new Uint8Array(length)).slice(0, -length);
  assertEquals(header(127), hex("7f"));
  assertEquals(header(128), hex("ff 80"));
  assertEquals(header(255), hex("ff ff"));
  assertEquals(header(256), hex("fe 0100"));
  assertEquals(header(65_535), hex("fe ffff"));
  assertEquals(header(65_536), hex("fd 010000"));
});

test("netty() counts in maxFrameLength what is stripped, as Netty does", () => {
  const options = {
    maxFrameLength: 6,
    lengthFieldOffset: 0,
    lengthFieldLength: 4,
  } as const;
  for (const initialBytesToStrip of [0, 4]) {
    const codec = presets.netty({ ...options, initialBytesToStrip });
    assertEquals(codec.decode(hex("00000002 4849")).length, 1);
    assertEquals(
      frameError(() => codec.decode(hex("00000003 484950"))).code,
      "FRAME_TOO_LARGE",
    );
  }
  assertThrows(
    () => presets.netty({ ...options, initialBytesToStrip: 7 }),
    RangeError,
  );
});

test("javaUtf() writes and reads any text", () => {
  const units = [
    0,
    1,
    0x7f,
    0x80,
    0x7ff,
    0x800,
    0xd7ff,
    0xd800,
    0xdfff,
    0xffff,
  ];
  const texts = [
    String.fromCharCode(...units),
    "😀",
    "\udc00\ud800",
    "a".repeat(10_000),
  ];
  for (const text of texts) {
    assertEquals(presets.javaUtf().decode(presets.javaUtf().encode(text)), [
      text,
    ]);
  }
  assertEquals(
    frameError(() => presets.javaUtf().encode("你".repeat(21_846))).code,
    "FRAME_TOO_LARGE",
  );
});

test("javaUtf() refuses what readUTF refuses", () => {
  for (const digits of ["80", "bf", "f09f9880", "ff", "41c3", "e4bd", "c341"]) {
    const body = hex(digits);
    const bytes = Uint8Array.of(0, 1, 0x41, 0, body.length, ...body);
    assertDecodes(() => presets.javaUtf(), bytes, {
      frames: ["A"],
      error: { code: "TEXT_INVALID", offset: 3 },
    });
  }
});

test("postgres() refuses to write a type that the phase does not have", () => {
  const body = hex("");
  for (
    const [startup, type] of [[false, ""], [false, "QQ"], [false, "你"], [
      true,
      "Q",
    ]] as const
  ) {
    assertEquals(
      frameError(() => presets.postgres({ startup }).encode({ type, body }))
        .code,
      "HEADER_INVALID",
    );
  }
});

test("remoteCommand() writes its version and digest, and refuses a wrong one", () => {
  const codec = presets.remoteCommand({ digest: md5 });
  const bytes = codec.encode({ body: utf8("hello\n") });
  assertEquals(codec.decode(bytes)[0]?.header, {
    ver: "1",
    md5: "b1946ac92492d2347c6235b4d2611184",
    lenth: 6,
  });
  bytes[bytes.length - 1] = 0;
  assertEquals(
    frameError(() => codec.decode(bytes)).code,
    "CHECKSUM_MISMATCH",
  );
});

test("gbkOutput() can only be read", () => {
  const codec: Codec<string> = presets.gbkOutput() as Codec<never, string>;
  assertThrows(() => codec.encode("你好"), TypeError);
});

test("redisLines() ends a line at CR LF only", () => {
  assertDecodes(() => presets.redisLines(), utf8("$3\r\na\nb\r\n"), {
    frames: ["$3", "a\nb"],
  });
});

test("dotnetString() and protobufDelimited() take padded lengths, as their peers do", () => {
  const padded = Uint8Array.of(0x82, 0x80, 0, 0x48, 0x49);
  assertEquals(presets.dotnetString().decode(padded), ["HI"]);
  assertEquals(
    presets.protobufDelimited().decode(padded),
    [Uint8Array.of(0x48, 0x49)],
  );
  const sixBytes = Uint8Array.of(0x82, 0x80, 0x80, 0x80, 0x80, 0, 0x48, 0x49);
  assertEquals(
    frameError(() => presets.dotnetString().decode(sixBytes)).code,
    "VARINT_OVERLONG",
  );
});
