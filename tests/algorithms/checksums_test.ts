import { test } from "node:test";
import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  crc16Ccitt,
  crc16Modbus,
  crc16X25,
  crc16Xmodem,
  lrc8,
  sum8,
  xor8,
} from "../../src/algorithms/checksums.ts";
import { checksum, lengthPrefixed } from "../../src/codec/mod.ts";
import { crcOf } from "../../src/codec/bytes/crc.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";
import { runDecoder } from "../support/run_decoder.ts";

const checksums = {
  crc16Modbus,
  crc16Ccitt,
  crc16X25,
  crc16Xmodem,
  xor8,
  lrc8,
  sum8,
};
type Name = keyof typeof checksums;
const all = Object.entries(checksums) as [Name, typeof xor8][];

/**
 * The check values of the catalogue of parametrised CRCs, in the order of the bytes
 * on the wire, and the sums of 31 to 39, which are 1DD.
 */
const checks: Readonly<Record<Name, string>> = {
  crc16Modbus: "374b",
  crc16Ccitt: "29b1",
  crc16X25: "6e90",
  crc16Xmodem: "31c3",
  xor8: "31",
  lrc8: "23",
  sum8: "dd",
};

for (const [name, { length, compute }] of all) {
  test(`${name} has the check value of its catalogue`, () => {
    const computed = compute(utf8("123456789"));
    assertEquals(computed, hex(checks[name]));
    assertEquals(computed.length, length);
  });

  test(`${name} finds every changed bit`, () => {
    const bytes = utf8("message");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assertNotEquals(compute(changed), compute(bytes));
    }
  });

  test(`${name} gives back what was encoded, however it is cut`, () => {
    const codec = checksum(
      lengthPrefixed({ lengthBytes: 1 }),
      checksums[name],
    );
    const frames = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 5 });
    fc.assert(fc.property(frames, fc.array(fc.nat(90)), (frames, cuts) => {
      const bytes = frames.flatMap((frame) => [...codec.encode(frame)]);
      const chunks = cutAt(Uint8Array.from(bytes), cuts);
      assertEquals(runDecoder(() => codec, chunks).frames, frames);
    }));
  });
}

for (const [name, kind] of all) {
  test(`${name}: a flipped bit loses one frame, with one report`, () => {
    const frames = lengthPrefixed({ lengthBytes: 1 });
    const sent = [utf8("one"), utf8("two"), utf8("three")];
    const encoded = sent.map((frame) => checksum(frames, kind).encode(frame));
    const [, second] = encoded;
    // Every bit of the second frame behind its length.
    for (let bit = 8; bit < second!.length * 8; bit++) {
      const reports: (number | undefined)[] = [];
      const { decoder } = checksum(frames, kind, {
        onInvalid: "skip",
        onSkip: ({ offset }) => reports.push(offset),
      });
      const hit = second!.slice();
      hit[bit >> 3]! ^= 1 << (bit & 7);
      const whole = decoder();
      for (const bytes of [encoded[0]!, hit, encoded[2]!]) whole.push(bytes);
      assertEquals([whole.next(), whole.next()], [sent[0], sent[2]]);
      assertEquals(whole.next(), undefined);
      assertEquals(reports, [encoded[0]!.length]);
    }
  });
}

// Frames of the protocols, to which the order of the bytes belongs.

test("crc16Modbus ends a frame of Modbus RTU", () => {
  // Read ten holding registers of unit 1: 01 03 00 00 00 0A C5 CD.
  assertEquals(crc16Modbus.compute(hex("01 03 00 00 00 0a")), hex("c5 cd"));
});

test("crc16X25 leaves the remainder of RFC 1662 behind its own checksum", () => {
  const frame = hex("ff 03 c0 21");
  const whole = Uint8Array.of(...frame, ...crc16X25.compute(frame));
  // F0B8 without the exclusive or at the end, so 0F47 with it.
  assertEquals(crc16X25.compute(whole), hex("47 0f"));
});

test("xor8 is the checksum of an NMEA sentence", () => {
  const sentence =
    "GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,";
  assertEquals(xor8.compute(utf8(sentence)), hex("47"));
});

test("lrc8 makes the sum of all bytes 0", () => {
  // A record of Intel HEX: 10 0100 00 214601360121470136007EFE09D21901 40.
  const record = hex("10 0100 00 214601360121470136007efe09d21901");
  assertEquals(lrc8.compute(record), hex("40"));
  assertEquals(sum8.compute(Uint8Array.of(...record, 0x40)), hex("00"));
});

test("crcOf() has CRCs of 8 and 32 bits too", () => {
  const bytes = utf8("123456789");
  const smbus = crcOf({
    width: 8,
    polynomial: 0x07,
    initial: 0,
    reflected: false,
    xorOut: 0,
  });
  const mpeg2 = crcOf({
    width: 32,
    polynomial: 0x04c11db7,
    initial: 0xffff_ffff,
    reflected: false,
    xorOut: 0,
  });
  assertEquals([smbus(bytes), mpeg2(bytes)], [0xf4, 0x0376e6e7]);
});
