import { test } from "node:test";
import { assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { hl7Mllp, nmea, p1 } from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

// hl7Mllp

test("hl7Mllp() takes line ends between messages, and nothing else", () => {
  assertDecodes(
    () => hl7Mllp(),
    utf8("\r\n\x0bMSH|1\r\x1c\r\r\n\r\n\x0bMSH|2\r\x1c\r\x0b\x1c\r\r\n"),
    { frames: [utf8("MSH|1\r"), utf8("MSH|2\r"), utf8("")] },
  );
  for (const noise of ["\n", "\r", "x", "\x1c\r", " "]) {
    assertDecodes(() => hl7Mllp(), utf8(`\x0ba\x1c\r\r\n${noise}\x0bb\x1c\r`), {
      frames: [utf8("a")],
      error: { code: "MARK_INVALID", offset: 6 },
    });
  }
});

test("hl7Mllp() does not join a message that is broken off to the next", () => {
  const bytes = utf8("\x0bMSH|1\x0bMSH|2\x1c\rnoise\x0bMSH|3\x1c\r");
  assertDecodes(() => hl7Mllp(), bytes, {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
  assertDecodes((onSkip) => hl7Mllp({ onInvalid: "skip", onSkip }), bytes, {
    frames: [utf8("MSH|2"), utf8("MSH|3")],
    skipped: [0, 14].map((offset) => ({ code: "MARK_INVALID", offset })),
  });
  assertEquals(
    frameError(() => hl7Mllp().encode(utf8("a\x0bb"))).code,
    "DELIMITER_IN_FRAME",
  );
});

// nmea

// From descriptions of the format. The sums were computed apart from this module.
const sentences: [string, string][] = [
  ["$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,", "76"],
  ["$GPGLL,4916.45,N,12311.12,W,225444,A", "31"],
  ["!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0", "7D"],
  ["!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0", "5C"],
];
const wireOf = ([sentence, sum]: [string, string]) => `${sentence}*${sum}\r\n`;

test("nmea() reads and writes sentences with their checksum", () => {
  const frames = sentences.map(([sentence]) => sentence);
  const bytes = utf8(sentences.map(wireOf).join(""));
  assertDecodes(() => nmea(), bytes, { frames });
  assertEquals(
    frames.flatMap((frame) => [...nmea().encode(frame)]),
    [...bytes],
  );
});

test("nmea() takes lower-case digits, no checksum, and other line ends", () => {
  assertDecodes(
    () => nmea(),
    utf8("$GPGLL,,,,,,V*06\r\n$PABC\r\n\r\n\n!AIVDM,1*6a\n"),
    {
      frames: ["$GPGLL,,,,,,V", "$PABC"],
      error: { code: "CHECKSUM_MISMATCH", offset: 28 },
    },
  );
  assertDecodes(
    () => nmea(),
    utf8("$GPGLL,4916.45,N,12311.12,W,225444,A,*1d\n"),
    {
      frames: ["$GPGLL,4916.45,N,12311.12,W,225444,A,"],
    },
  );
});

test("nmea() refuses what is no sentence", () => {
  for (
    const bad of ["$", "$A*", "$A*4", "$A*411", "$A*4G", "$A**41", "$é", "$\t"]
  ) {
    assertDecodes(
      (onSkip) => nmea({ onInvalid: "skip", onSkip }),
      utf8(`$A*41\r\n${bad}\r\n$B\r\n`),
      {
        frames: ["$A", "$B"],
        skipped: [{ code: "MESSAGE_INVALID", offset: 7 }],
      },
    );
  }
});

test("nmea() refuses to write what is no sentence", () => {
  const codes = ["", "$", "GPGLL", "$A*41", "$é", "$A\r"].map((bad) =>
    frameError(() => nmea().encode(bad)).code
  );
  assertEquals(new Set(codes), new Set(["MESSAGE_INVALID"]));
  for (const bad of ["$A$", "$A!B"]) {
    assertEquals(
      frameError(() => nmea().encode(bad)).code,
      "DELIMITER_IN_FRAME",
    );
  }
});

test("nmea() has a limit of 1,024 bytes with the checksum", () => {
  const longest = `$${"A".repeat(1_020)}`;
  assertEquals(nmea().decode(nmea().encode(longest)), [longest]);
  assertEquals(
    frameError(() => nmea().encode(`${longest}A`)).code,
    "FRAME_TOO_LARGE",
  );
  assertEquals(
    frameError(() => nmea().decode(utf8(`${longest}AAAA`))).code,
    "FRAME_TOO_LARGE",
  );
});

test("nmea() begins to listen in the middle of a sentence", () => {
  const second = wireOf(sentences[1]!);
  const pieces = [",W,1*76\r\n", second, "\x01b\r\n", "$GPGGA,09", second];
  const offsetOf = (i: number) => pieces.slice(0, i).join("").length;
  assertDecodes(
    (onSkip) => nmea({ onInvalid: "skip", onSkip }),
    utf8(pieces.join("")),
    {
      frames: [sentences[1]![0], sentences[1]![0]],
      skipped: [0, 2, 3].map((i) => ({
        code: "MARK_INVALID",
        offset: offsetOf(i),
      })),
    },
  );
});

test("nmea() loses to a flipped bit at most the sentence that was hit and its neighbour", () => {
  const frames = sentences.slice(0, 3).map(([sentence]) => sentence);
  const wire = utf8(sentences.slice(0, 3).map(wireOf).join(""));
  for (let at = 0; at < 8 * wire.length; at++) {
    const bytes = wire.slice();
    bytes[at >> 3]! ^= 1 << (at & 7);
    const { frames: got, skipped, error } = runDecoder(
      (onSkip) => nmea({ onInvalid: "skip", onSkip }),
      [bytes],
    );
    const kept = got.filter((frame) => frames.includes(frame));
    assertEquals(kept, frames.filter((frame) => kept.includes(frame)));
    assertLessOrEqual(frames.length - kept.length, 2);
    assertLessOrEqual(skipped.length, 2);
    // Nothing false comes out, except where the `*` was hit: a sentence need not
    // have a checksum.
    const isTold = skipped.length > 0 || error !== undefined;
    if (wire[at >> 3] !== 0x2a) {
      assertEquals(isTold, kept.length < frames.length);
    }
  }
});

// p1

// Lines of a meter's telegram; its CRC was computed bit by bit, apart from this module.
const telegram = [
  "/ISK5\\2M550T-1012",
  "",
  "1-3:0.2.8(50)",
  "0-0:1.0.0(190324150541W)",
  "0-0:96.1.1(4530303434303037313331363530363138)",
  "1-0:1.8.1(003432.829*kWh)",
  "1-0:99.97.0(1)(0-0:96.7.19)(180417201458S)(0000000236*s)",
  "0-0:96.13.0()",
  "1-0:32.7.0(236.7*V)",
  "",
].join("\r\n");
const telegramCheck = "1378";

test("p1() reads and writes telegrams with their CRC", () => {
  const bytes = utf8(`${telegram}!${telegramCheck}\r\n/A\r\n!8196\r\n`);
  const frames = [telegram, "/A\r\n"];
  assertDecodes(() => p1(), bytes, { frames });
  assertEquals(
    frames.flatMap((frame) => [...p1().encode(frame)]),
    [...bytes],
  );
});

test("p1() reports each telegram that is not whole, and goes on", () => {
  assertDecodes(
    (onSkip) => p1({ onInvalid: "skip", onSkip }),
    utf8(
      "50)\r\n!0000\r\n/A\r\n!8196\r\n\r\n/B\r\n/B\r\n!c596\r\n/B\r\n!C597\r\n" +
        "/A\r\n!8196\n\n/A\r\n!8196\r\n",
    ),
    {
      frames: ["/A\r\n", "/B\r\n", "/A\r\n"],
      skipped: [
        { code: "MARK_INVALID", offset: 0 },
        { code: "MARK_INVALID", offset: 25 },
        { code: "CHECKSUM_MISMATCH", offset: 40 },
        { code: "CHECKSUM_MISMATCH", offset: 51 },
      ],
    },
  );
});

test("p1() refuses other characters also where the CRC is right", () => {
  for (const bad of ["/\x01!41F0\r\n", "/é!A046\r\n"]) {
    assertDecodes(
      (onSkip) => p1({ onInvalid: "skip", onSkip }),
      utf8(`${bad}/A\r\n!8196\r\n`),
      { frames: ["/A\r\n"], skipped: [{ code: "MESSAGE_INVALID", offset: 0 }] },
    );
  }
});

test("p1() refuses to write what is no telegram", () => {
  const codes = ["A", "", "/é", "/\0", "/A/", "/A!"].map((bad) =>
    frameError(() => p1().encode(bad)).code
  );
  assertEquals(codes, [
    ...Array(4).fill("MESSAGE_INVALID"),
    ...Array(2).fill("DELIMITER_IN_FRAME"),
  ]);
});

test("p1() hands out the good telegrams of any mixture, with one report for each bad one", () => {
  const piece = fc.constantFrom(
    ["/A\r\n!8196\r\n", "/A\r\n"],
    ["/B\r\n!C596\r\n", "/B\r\n"],
    ["/B\r\n!8196\r\n", undefined],
    ["/A\r\n", undefined],
    ["/A\x01!8196\r\n", undefined],
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const all = [...pieces, ["/A\r\n!8196\r\n", "/A\r\n"]];
      let at = 0;
      const offsets: number[] = [];
      for (const [text, frame] of all) {
        if (frame === undefined) offsets.push(at);
        at += text!.length;
      }
      const { frames, skipped, error } = runDecoder(
        (onSkip) => p1({ onInvalid: "skip", onSkip }),
        cutAt(utf8(all.map(([text]) => text).join("")), cuts),
      );
      assertEquals(error, undefined);
      assertEquals(
        frames,
        all.flatMap(([, frame]) => frame === undefined ? [] : [frame]),
      );
      assertEquals(skipped.map(({ offset }) => offset), offsets);
    }),
  );
});
