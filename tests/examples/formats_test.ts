/** The formats of `examples/formats/`, with the examples of their specifications. */

import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import { concat } from "@std/bytes";
import { bencode } from "../../examples/formats/bencode.ts";
import { cbor } from "../../examples/formats/cbor.ts";
import { fix } from "../../examples/formats/fix.ts";
import { httpChunks } from "../../examples/formats/http_chunks.ts";
import { messagePack } from "../../examples/formats/message_pack.ts";
import { webSocketFrames } from "../../examples/formats/websocket.ts";
import type { Codec } from "../../mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

interface Example {
  readonly codec: Codec<unknown>;
  /** Bytes, and the frame that they are: they themselves, if absent. */
  readonly frames: readonly (readonly [Uint8Array, unknown?])[];
  /** Bytes that are no frame, and the code of the error. */
  readonly invalid: readonly (readonly [Uint8Array, string])[];
  /** A frame that costs linear time, and, where it can nest, one that is too deep. */
  readonly long: Uint8Array;
  readonly deep?: Uint8Array;
}

const hexes = (...all: string[]) => all.map((digits) => [hex(digits)] as const);
const fails = (code: string, ...all: string[]) =>
  all.map((digits) => [hex(digits), code] as const);
const many = (part: Uint8Array, count: number) =>
  concat(Array<Uint8Array>(count).fill(part));
const soh = (text: string) => utf8(text.replaceAll("|", "\x01"));

/** Of Wikipedia's article on FIX. */
const executionReport = soh(
  "8=FIX.4.2|9=178|35=8|49=PHLX|56=PERS|52=20071123-05:30:00.000|" +
    "11=ATOMNOCCC9990900|20=3|150=E|39=E|55=MSFT|167=CS|54=1|38=15|40=2|44=15|" +
    "58=PHLX EQUITY TESTING|59=0|47=C|32=0|31=0|151=15|14=0|6=0|10=128|",
);
const longOrder = (body: string) => {
  const start = soh(`8=FIX.4.2|9=${body.length}|${body}`);
  const sum = start.reduce((sum, byte) => sum + byte, 0) % 256;
  return concat([start, soh(`10=${`${sum}`.padStart(3, "0")}|`)]);
};

const chunk = (data: string, ...trailers: string[]) => ({
  data: utf8(data),
  trailers,
});
const webSocket = (first: number, payload: Uint8Array, mask?: string) => ({
  isFinal: first > 127,
  opcode: first & 15,
  mask: mask === undefined ? undefined : hex(mask),
  payload,
});

const examples: readonly Example[] = [
  {
    codec: messagePack as Codec<unknown>,
    frames: hexes(
      // {"compact":true,"schema":0}, of the format's own page
      "82 a7636f6d70616374 c3 a6736368656d61 00",
      ...["00", "7f", "e0", "ff", "c0", "c2", "c3", "80", "90", "a0"],
      ...["ca 00000000", "cb 0000000000000000", "cc ff", "cd 0000"],
      ...["ce 00000000", "cf 0000000000000000", "d0 80", "d1 0000"],
      ...["d2 00000000", "d3 0000000000000000", "d4 01 61", "d5 01 6161"],
      ...["d6 ff 00000000", "d7 ff 0000000000000000"],
      `d8 01 ${"00".repeat(16)}`,
      ...["c4 01 61", "c5 0001 61", "c6 00000001 61"],
      ...["c7 01 05 61", "c8 0001 05 61", "c9 00000001 05 61"],
      ...["d9 01 61", "da 0001 61", "db 00000001 61", "a1 61"],
      ...["dc 0002 01 c0", "dd 00000001 91 91 90"],
      ...["de 0001 01 c0", "df 00000001 a161 81 01 02"],
    ),
    invalid: [
      ...fails("HEADER_INVALID", "c1", "91 c1"),
      ...fails("FRAME_TOO_LARGE", "c6 00100000", "db ffffffff"),
      ...fails("FRAME_TRUNCATED", "91", "81 01", "c7 00", "cd 00"),
    ],
    long: concat([hex("dc 2000"), many(hex("a2 4849"), 0x2000)]),
    deep: new Uint8Array(100_000).fill(0x91),
  },
  {
    codec: cbor as Codec<unknown>,
    // RFC 8949, appendix A.
    frames: hexes(
      ...["00", "17", "1818", "1903e8", "1a000f4240", "1b000000e8d4a51000"],
      ...["20", "3903e7", "c249010000000000000000", "f90000", "fa47c35000"],
      ...["fb3ff199999999999a", "f4", "f6", "f7", "f0", "f8ff"],
      ...["c11a514b67b0", "d818456449455446", "40", "4401020304", "60"],
      ...["6161", "62225c", "80", "83010203", "8301820203820405"],
      ...["98190102030405060708090a0b0c0d0e0f101112131415161718181819"],
      ...["a0", "a201020304", "826161a161626163"],
      ...["5f42010243030405ff", "7f657374726561646d696e67ff", "9fff"],
      ...["9f018202039f0405ffff", "83018202039f0405ff"],
      ...["bf61610161629f0203ffff", "826161bf61626163ff"],
    ),
    // Appendix F.
    invalid: [
      ...fails(
        "HEADER_INVALID",
        "1c",
        "3d",
        "5e",
        "7c",
        "9d",
        "be",
        "dc",
        "fd",
      ),
      ...fails("HEADER_INVALID", "f800", "f81f", "1f", "3f", "df", "ff"),
      ...fails("HEADER_INVALID", "5f00ff", "5f6100ff", "5fc000ff", "5fe0ff"),
      ...fails("HEADER_INVALID", "7f4100ff", "5f5f4100ffff", "7f7f6100ffff"),
      ...fails("HEADER_INVALID", "81ff", "8200ff", "a1ff", "a100ff", "9f81ff"),
      ...fails("HEADER_INVALID", "bf00ff", "bf000000ff", "c0ff"),
      ...fails("FRAME_TRUNCATED", "18", "1901", "81", "a100", "c0", "5f4100"),
      ...fails("FRAME_TRUNCATED", "9f", "bf", "5bffffff".slice(0, 6)),
      ...fails("FRAME_TOO_LARGE", "5affffffff", "7b7fffffffffffffff"),
    ],
    long: concat([hex("9f"), many(hex("624849"), 0x2000), hex("ff")]),
    deep: new Uint8Array(100_000).fill(0x9f),
  },
  {
    codec: bencode as Codec<unknown>,
    // BEP 3.
    frames: [
      "4:spam",
      "i3e",
      "i-3e",
      "i0e",
      "0:",
      "l4:spam4:eggse",
      "d3:cow3:moo4:spam4:eggse",
      "d4:spaml1:a1:bee",
      "lledee",
    ].map((text) => [utf8(text)]),
    invalid: [
      ...["i-0e", "i03e", "ie", "03:abc", "-1:a", "x:", "1x:a"].map((text) =>
        [utf8(text), "HEADER_INVALID"] as const
      ),
      ...["e", "d3:cowe", "di1ei2ei3ee"].map((text) =>
        [utf8(text), "MARK_INVALID"] as const
      ),
      [utf8("2000000:"), "FRAME_TOO_LARGE"],
      [utf8(`i${"1".repeat(21)}`), "FRAME_TOO_LARGE"],
      [utf8("l"), "FRAME_TRUNCATED"],
      [utf8("3:ab"), "FRAME_TRUNCATED"],
    ],
    long: utf8(`l${"4:spam".repeat(0x2000)}e`),
    deep: new Uint8Array(100_000).fill(0x6c),
  },
  {
    codec: httpChunks as Codec<unknown>,
    frames: [
      [utf8("4\r\nWiki\r\n"), chunk("Wiki")],
      [utf8("a\r\n0\r\n\r\n12345\r\n"), chunk("0\r\n\r\n12345")],
      [utf8("0\r\n\r\n"), chunk("")],
      [utf8("0\r\na: b\r\nc: d\r\n\r\n"), chunk("", "a: b", "c: d")],
    ],
    invalid: [
      ...["\r\n", "x\r\n", "-1\r\n", "0x4\r\n", "4 4\r\n", "4;a\n0\r\n"].map(
        (text) => [utf8(text), "LENGTH_INVALID"] as const,
      ),
      [utf8("4\r\nWikis\r\n"), "MARK_INVALID"],
      [utf8("4\r\nWiki4\r\n"), "MARK_INVALID"],
      [utf8(`${"f".repeat(20)}\r\n`), "FRAME_TOO_LARGE"],
      [utf8(`1;${"a".repeat(8_192)}\r\n`), "FRAME_TOO_LARGE"],
      [utf8("4\r\nWiki"), "FRAME_TRUNCATED"],
      [utf8("0\r\na: b\r\n"), "FRAME_TRUNCATED"],
    ],
    long: utf8(`0\r\n${"a: b\r\n".repeat(0x2000)}\r\n`),
  },
  {
    codec: fix as Codec<unknown>,
    frames: [[executionReport], [longOrder("35=0|")], [longOrder("")]],
    invalid: [
      [soh("9=5|35=0|10=161|"), "HEADER_INVALID"],
      [soh("8=FIX.4.2|35=0|10=161|"), "LENGTH_INVALID"],
      [soh("8=FIX.4.2|9=-5|35=0|10=161|"), "LENGTH_INVALID"],
      [soh("8=FIX.4.2|9=2000000|"), "FRAME_TOO_LARGE"],
      [soh("8=FIX.4.2|9=5|35=0|10=000|"), "CHECKSUM_MISMATCH"],
      [soh("8=FIX.4.2|9=4|35=0|10=161|"), "CHECKSUM_MISMATCH"],
      [executionReport.subarray(0, -1), "FRAME_TRUNCATED"],
    ],
    long: longOrder(`58=${"a".repeat(0x8000)}|`.replaceAll("|", "\x01")),
  },
  {
    codec: webSocketFrames as Codec<unknown>,
    // RFC 6455, section 5.7.
    frames: [
      [hex("81 05 48656c6c6f"), webSocket(0x81, utf8("Hello"))],
      [
        hex("81 85 37fa213d 7f9f4d5158"),
        webSocket(0x81, utf8("Hello"), "37fa213d"),
      ],
      [hex("01 03 48656c"), webSocket(0x01, utf8("Hel"))],
      [hex("80 02 6c6f"), webSocket(0x80, utf8("lo"))],
      [hex("89 05 48656c6c6f"), webSocket(0x89, utf8("Hello"))],
      [
        hex("8a 85 37fa213d 7f9f4d5158"),
        webSocket(0x8a, utf8("Hello"), "37fa213d"),
      ],
      [
        concat([hex("82 7e 0100"), new Uint8Array(256)]),
        webSocket(0x82, new Uint8Array(256)),
      ],
    ],
    invalid: [
      ...fails("HEADER_INVALID", "c1 00", "09 00", "89 7e 0100"),
      ...fails("LENGTH_INVALID", "82 7e 007d", "82 7f 000000000000ffff"),
      ...fails("FRAME_TOO_LARGE", "82 7f 7fffffffffffffff"),
      ...fails("FRAME_TRUNCATED", "81", "81 01", "81 81 000000", "82 7e 01"),
    ],
    long: concat([hex("82 7f 0000000000010000"), new Uint8Array(65_536)]),
  },
];

for (const { codec, frames, invalid, long, deep } of examples) {
  const make = () => codec as Codec<never, unknown>;

  test(`${codec.name} reads the examples of its specification, and writes them`, () => {
    for (const [bytes, frame = bytes] of frames) {
      if (bytes.length < 30) assertDecodes(make, bytes, { frames: [frame] });
      assertEquals(codec.encode(frame), bytes);
    }
    const all = concat(frames.map(([bytes]) => bytes));
    const expected = frames.map(([bytes, frame = bytes]) => frame);
    assertEquals(codec.decode(all), expected);
    const decoder = codec.decoder();
    const decoded: unknown[] = [];
    for (const byte of all) {
      decoder.push(Uint8Array.of(byte));
      const frame = decoder.next();
      if (frame !== undefined) decoded.push(frame);
    }
    assertEquals(decoded, expected);
  });

  test(`${codec.name} refuses what is not of its format`, () => {
    const [first, frame = first] = frames[0]!;
    for (const [bytes, code] of invalid) {
      const error = frameError(() => codec.decode(bytes));
      assertStrictEquals(error.code, code, `${bytes}`);
      if (bytes.length > 10) continue;
      assertDecodes(make, concat([first, bytes]), {
        frames: [frame],
        error: { code, offset: first.length },
      });
    }
  });

  test(`${codec.name} takes time linear in a frame that comes byte by byte`, () => {
    const { frame, work } = decodeByteByByte(codec as Codec<never>, long);
    assertEquals(codec.encode(frame), long);
    assertLessOrEqual(work.scanned, 2 * long.length);
  });

  if (deep === undefined) continue;
  test(`${codec.name} refuses 100,000 levels by its limit`, () => {
    const error = frameError(() => codec.decode(deep));
    assertStrictEquals(error.expected, "at most 128 levels (maxDepth)");
  });
}
