/** The presets of protocols with lengths of their own kinds, with their peers' bytes. */

import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import type { Codec, FrameErrorCode } from "../../src/codec/mod.ts";
import {
  type GitPacket,
  gitPktLine,
  iso8583,
  minecraft,
  modbusTcp,
  mqtt,
  nativeMessaging,
} from "../../src/presets/mod.ts";
import { bytesOf } from "../support/byte_notation.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

// Bytes of real programs

const hello = { text: "HI" };

/** A preset, what a program wrote, and the frames of it. */
const written: Readonly<
  Record<string, [() => Codec<unknown>, Uint8Array, readonly unknown[]]>
> = {
  "modbusTcp: jsmodbus 5.0.0, a client": [
    of(modbusTcp),
    hex("000100000006010300000001 000200000006010600010007"),
    [
      { transactionId: 1, unit: 1, pdu: hex("0300000001") },
      { transactionId: 2, unit: 1, pdu: hex("0600010007") },
    ],
  ],
  "modbusTcp: jsmodbus 5.0.0, a server": [
    of(modbusTcp),
    hex("0001000000050103024849 000200000006010600010007"),
    [
      { transactionId: 1, unit: 1, pdu: hex("03024849") },
      { transactionId: 2, unit: 1, pdu: hex("0600010007") },
    ],
  ],
  "mqtt: mqtt-packet 9.0.2": [
    of(mqtt),
    concat([
      hex("100e00044d5154540402003c00026d65 30050001614849"),
      hex("8206000100016100 c000 e000"),
    ]),
    [
      hex("100e00044d5154540402003c00026d65"),
      hex("30050001614849"),
      hex("8206000100016100"),
      hex("c000"),
      hex("e000"),
    ],
  ],
  "mqtt: mqtt-packet 9.0.2, a length of two bytes": [
    of(mqtt),
    bytesOf("30af02000161 61*300"),
    [bytesOf("30af02000161 61*300")],
  ],
  "nativeMessaging: chrome-native-messaging 0.2.0": [
    of(nativeMessaging),
    bytesOf(`0d000000 '{"text":"HI"}' 02000000 '{}'`),
    [hello, {}],
  ],
  "minecraft: minecraft-protocol 1.54.0, ping()": [
    of(minecraft),
    hex("1000fb05093132372e302e302e31aca5010100"),
    [hex("00fb05093132372e302e302e31aca501"), hex("00")],
  ],
  "minecraft: minecraft-protocol 1.54.0, two bytes of length": [
    of(minecraft),
    bytesOf("ac02 61*300"),
    [bytesOf("61*300")],
  ],
  "gitPktLine: git 2.39.5, ls-remote": [
    of(gitPktLine),
    utf8(
      "0014command=ls-refs\n0014agent=git/2.39.50016object-format=sha10001" +
        "0009peel\n000csymrefs\n000bunborn\n00000000",
    ),
    [
      utf8("command=ls-refs\n"),
      utf8("agent=git/2.39.5"),
      utf8("object-format=sha1"),
      "delimiter",
      utf8("peel\n"),
      utf8("symrefs\n"),
      utf8("unborn\n"),
      "flush",
      "flush",
    ],
  ],
};

function of<T>(preset: () => Codec<T>): () => Codec<unknown> {
  return () => preset() as Codec<unknown>;
}

for (const [name, [make, bytes, frames]] of Object.entries(written)) {
  test(`${name}: reads and writes the same bytes`, () => {
    assertDecodes(() => make() as Codec<never, unknown>, bytes, { frames });
    const codec = make();
    assertEquals(concat(frames.map((frame) => codec.encode(frame))), bytes);
  });
}

// Laws

const data = fc.uint8Array({ maxLength: 20 });

/** A preset, and frames that it carries. */
const carried: Readonly<
  Record<string, [() => Codec<unknown>, fc.Arbitrary<unknown>]>
> = {
  modbusTcp: [
    of(modbusTcp),
    fc.record({
      transactionId: fc.nat(65_535),
      unit: fc.nat(255),
      pdu: data,
    }, { noNullPrototype: true }),
  ],
  mqtt: [
    of(mqtt),
    fc.tuple(fc.integer({ min: 16, max: 255 }), fc.nat(150)).map((
      [type, length],
    ) =>
      concat([
        length < 128
          ? Uint8Array.of(type, length)
          : Uint8Array.of(type, length & 127 | 128, 1),
        new Uint8Array(length),
      ])
    ),
  ],
  nativeMessaging: [
    of(nativeMessaging),
    fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 8 }), {
      noNullPrototype: true,
    }).map((object) => JSON.parse(JSON.stringify(object))),
  ],
  minecraft: [of(minecraft), data],
  "iso8583, binary": [of(iso8583), data],
  "iso8583, bcd": [of(() => iso8583({ length: "bcd" })), data],
  "iso8583, ascii": [of(() => iso8583({ length: "ascii" })), data],
  gitPktLine: [
    of(gitPktLine),
    fc.oneof(data, fc.constantFrom("flush", "delimiter", "response-end")),
  ],
};

for (const [name, [make, frame]] of Object.entries(carried)) {
  test(`${name} gives back what was encoded, however it is cut`, () => {
    const codec = make();
    const frames = fc.array(frame, { maxLength: 5 });
    fc.assert(fc.property(frames, fc.array(fc.nat(300)), (frames, cuts) => {
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(make, cutAt(bytes, cuts)), {
        frames,
        skipped: [],
        error: undefined,
      });
    }));
  });

  test(`${name} refuses a stream that ends inside a frame`, () => {
    const codec = make();
    const [sample] = fc.sample(frame, { numRuns: 1, seed: 3 });
    const bytes = codec.encode(sample);
    for (let end = 1; end < bytes.length; end++) {
      assertEquals(
        frameError(() => codec.decode(bytes.subarray(0, end))).code,
        "FRAME_TRUNCATED",
      );
    }
  });
}

// Limits and refusals

test("presets with lengths of their own have the limits of their peers", () => {
  const limits: [Codec<Uint8Array>, number][] = [
    [minecraft(), 2_097_151],
    [iso8583(), 65_535],
    [iso8583({ length: "bcd" }), 9_999],
    [iso8583({ length: "ascii" }), 9_999],
    [gitPktLine() as Codec<Uint8Array>, 65_516],
  ];
  for (const [codec, limit] of limits) {
    const bytes = codec.encode(new Uint8Array(limit));
    assertStrictEquals(codec.decode(bytes)[0]?.length, limit);
    assertEquals(
      frameError(() => codec.encode(new Uint8Array(limit + 1))).code,
      "FRAME_TOO_LARGE",
    );
  }
});

test("modbusTcp() limits a request to 260 bytes, if nothing else is said", () => {
  const frame = (length: number) => ({
    transactionId: 0,
    unit: 0,
    pdu: new Uint8Array(length),
  });
  assertStrictEquals(modbusTcp().encode(frame(253)).length, 260);
  const error = frameError(() => modbusTcp().encode(frame(254)));
  assertEquals(error.code, "FRAME_TOO_LARGE");
  const roomy = modbusTcp({ maxFrameLength: 100_000 });
  assertStrictEquals(
    roomy.decode(roomy.encode(frame(65_534)))[0]?.pdu.length,
    65_534,
  );
  assertEquals(
    frameError(() => roomy.encode(frame(65_535))).code,
    "FRAME_TOO_LARGE",
  );
});

test("modbusTcp() does not write numbers that do not fit", () => {
  const pdu = hex("03");
  for (
    const [transactionId, unit] of [
      [65_536, 0],
      [-1, 0],
      [1.5, 0],
      [0, 256],
      [0, -1],
      [0, NaN],
    ] as const
  ) {
    const frame = { transactionId, unit, pdu };
    assertEquals(
      frameError(() => modbusTcp().encode(frame)).code,
      "HEADER_INVALID",
    );
  }
});

test("nativeMessaging() has the limits of a host", () => {
  const host = nativeMessaging();
  const text = (length: number) => "a".repeat(length - 2);
  assertStrictEquals(host.encode(text(1_048_576)).length, 1_048_580);
  const error = frameError(() => host.encode(text(1_048_577)));
  assertEquals(error.code, "FRAME_TOO_LARGE");
  const browser = nativeMessaging({
    maxFrameLength: 1_048_576,
    maxEncodedLength: 64 * 1_048_576,
  });
  const long = browser.encode(text(1_048_577));
  assertEquals(host.decode(long), [text(1_048_577)]);
  assertEquals(
    frameError(() => browser.decode(long)).code,
    "FRAME_TOO_LARGE",
  );
  assertEquals(
    frameError(() => host.decode(hex("01000004"))).code,
    "FRAME_TOO_LARGE",
  );
});

test("minecraft() takes lengths that were given three bytes, and writes the shortest", () => {
  assertDecodes(() => minecraft(), bytesOf("828000 'HI' 8200 'HI' 02 'HI'"), {
    frames: [utf8("HI"), utf8("HI"), utf8("HI")],
  });
  assertEquals(minecraft().encode(utf8("HI")), bytesOf("02 'HI'"));
});

test("mqtt() takes a length that is not in its shortest form", () => {
  assertDecodes(() => mqtt(), hex("c0808000 c000"), {
    frames: [hex("c0808000"), hex("c000")],
  });
});

test("mqtt() does not write a packet of another length than its header says", () => {
  for (const packet of ["c001", "c00000", "c080", "30"]) {
    assertEquals(
      frameError(() => mqtt().encode(hex(packet))).code,
      "LENGTH_INVALID",
    );
  }
});

test("gitPktLine() hands out empty packets and the three special ones", () => {
  assertDecodes(() => gitPktLine(), utf8("000000040001000200050000"), {
    frames: ["flush", hex(""), "delimiter", "response-end", utf8("0")],
    error: { code: "FRAME_TRUNCATED", offset: 21 },
  });
  assertEquals(gitPktLine().encode(hex("")), utf8("0004"));
});

test("gitPktLine() reads digits in both cases and writes them in lower case", () => {
  const line = new Uint8Array(171 - 4);
  assertEquals(
    gitPktLine().decode(concat([utf8("00Ab"), line, utf8("00aB"), line])),
    [line, line],
  );
  assertEquals(gitPktLine().encode(line).subarray(0, 4), utf8("00ab"));
});

test("gitPktLine() refuses a text that is none of its packets", () => {
  assertThrows(
    () => gitPktLine().encode("done\n" as "flush"),
    TypeError,
    'expected bytes or one of flush, delimiter, response-end, got "done\\n"',
  );
});

test("iso8583() refuses a length that there is not", () => {
  assertThrows(
    () => iso8583({ length: "hex" as "bcd" }),
    TypeError,
    "Cannot use length",
  );
});

test("presets refuse lengths and headers that their peers do not write", () => {
  const refused: [Codec<never, unknown>, string, FrameErrorCode][] = [
    [modbusTcp(), "0001 0001 0006 01", "HEADER_INVALID"],
    [modbusTcp(), "0001 0000 0000 01", "LENGTH_INVALID"],
    [modbusTcp(), "0001 0000 00ff 01", "FRAME_TOO_LARGE"],
    [mqtt(), "00 00", "HEADER_INVALID"],
    [mqtt(), "30 80808080 01", "HEADER_INVALID"],
    [mqtt(), "30 ffffff7f", "FRAME_TOO_LARGE"],
    [minecraft(), "808080 01", "VARINT_OVERLONG"],
    [minecraft(), "ffffff ff0f", "VARINT_OVERLONG"],
    [iso8583({ length: "bcd" }), "00a0 41", "LENGTH_INVALID"],
    [iso8583({ length: "ascii" }), "2030 3031 41", "LENGTH_INVALID"],
    [gitPktLine(), "30303033", "LENGTH_INVALID"],
    [gitPktLine(), "30303067", "LENGTH_INVALID"],
    [gitPktLine(), "66666666", "FRAME_TOO_LARGE"],
    [nativeMessaging(), "02000000 7b7b", "MESSAGE_INVALID"],
  ];
  for (const [codec, digits, code] of refused) {
    assertDecodes(() => codec, hex(digits), {
      frames: [],
      error: { code, offset: 0 },
    });
  }
});

test("presets with lengths of their own skip what is too large when asked to", () => {
  assertDecodes<GitPacket>(
    (onSkip) => gitPktLine({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("0007abc0006HI00000007abc0001"),
    { frames: [utf8("HI"), "flush", "delimiter"], skipped: [0, 17] },
  );
  assertDecodes(
    (onSkip) => modbusTcp({ maxFrameLength: 1, onOversize: "skip", onSkip }),
    hex("0001 0000 0003 01 0304 0002 0000 0002 01 03"),
    {
      frames: [{ transactionId: 2, unit: 1, pdu: hex("03") }],
      skipped: [0],
    },
  );
});
