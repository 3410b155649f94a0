/** Views that pass over frames whose content is not valid. */

import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checksum,
  type Codec,
  compressed,
  FrameError,
  json,
  lengthPrefixed,
  mapCodec,
  type RecoveryOptions,
  text,
} from "../../src/codec/mod.ts";
import { recovery } from "../../src/codec/bytes/recovery.ts";
import { gzip } from "../../src/algorithms/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { cutAt } from "../support/cuts.ts";

const frames = lengthPrefixed({ lengthBytes: 1 });

interface Case {
  readonly make: (options?: RecoveryOptions) => Codec<unknown>;
  readonly good: unknown;
  readonly bad: Uint8Array;
  readonly code: string;
}

const views: Readonly<Record<string, Case>> = {
  json: {
    make: (options) => json(frames, options) as Codec<unknown>,
    good: { a: 1 },
    bad: utf8("{a:1}"),
    code: "MESSAGE_INVALID",
  },
  text: {
    make: (options) =>
      text(frames, "utf-8", { fatal: true, ...options }) as Codec<unknown>,
    good: "text",
    bad: hex("ff fe"),
    code: "TEXT_INVALID",
  },
  checksum: {
    make: (options) => checksum(frames, "crc32", options) as Codec<unknown>,
    good: hex("01 02 03"),
    bad: hex("01 02 03 00 00 00 00"),
    code: "CHECKSUM_MISMATCH",
  },
  compressed: {
    make: (options) => compressed(frames, gzip, options) as Codec<unknown>,
    good: hex("01 02 03"),
    bad: hex("01 02 03 00 00 00 00"),
    code: "COMPRESSION_INVALID",
  },
};

for (const [name, { make, good, bad, code }] of Object.entries(views)) {
  test(`${name}() passes invalid frames over, each with one report, when asked to`, () => {
    const codec = make();
    const isGood = fc.array(fc.boolean(), { maxLength: 6 });
    fc.assert(
      fc.property(isGood, fc.array(fc.nat(200)), (kinds, cuts) => {
        const errors: FrameError[] = [];
        const { decoder } = make({
          onInvalid: "skip",
          onSkip: (error) => errors.push(error),
        });
        const offsets: number[] = [];
        const bytes: number[] = [];
        for (const kind of kinds) {
          if (!kind) offsets.push(bytes.length);
          bytes.push(...kind ? codec.encode(good) : frames.encode(bad));
        }
        const decoded: unknown[] = [];
        const whole = decoder();
        for (const chunk of cutAt(Uint8Array.from(bytes), cuts)) {
          whole.push(chunk);
          for (
            let frame = whole.next();
            frame !== undefined;
            frame = whole.next()
          ) decoded.push(frame);
        }
        assertEquals(decoded, kinds.filter(Boolean).map(() => good));
        assertEquals(errors.map((error) => error.offset), offsets);
        for (const error of errors) {
          assertEquals(error.code, code);
          assertEquals(error.bytes, bad);
        }
      }),
    );
  });

  test(`${name}() ends the stream at an invalid frame when not asked to go on`, () => {
    const decoder = make().decoder();
    decoder.push(frames.encode(bad));
    decoder.push(make().encode(good));
    const error = assertThrows(() => decoder.next(), FrameError);
    assertEquals(error.code, code);
    assertEquals(error.bytes, bad);
    assertStrictEquals(assertThrows(() => decoder.next()), error);
  });

  test(`${name}() ends the stream with what onSkip throws`, () => {
    const reason = new Error("enough");
    const decoder = make({
      onInvalid: "skip",
      onSkip: () => {
        throw reason;
      },
    }).decoder();
    decoder.push(frames.encode(bad));
    decoder.push(make().encode(good));
    assertStrictEquals(assertThrows(() => decoder.next()), reason);
    assertStrictEquals(assertThrows(() => decoder.next()), reason);
  });
}

test("mapCodec() ends the stream at what is no FrameError, also where it passes over", () => {
  const fault = new Error("a bug of the mapping");
  const decoder = mapCodec(frames, {
    name: "faulty",
    onInvalid: "skip",
    decode: (): Uint8Array => {
      throw fault;
    },
    encode: (frame: Uint8Array) => frame,
  }).decoder();
  decoder.push(frames.encode(hex("01")));
  assertStrictEquals(assertThrows(() => decoder.next()), fault);
});

test("recovery() has an error made only where it is thrown or reported", () => {
  const error = new FrameError("MESSAGE_INVALID", {
    reason: "no frame",
    expected: "one",
    got: "none",
  });
  let made = 0;
  const refusal = () => {
    made++;
    return error;
  };
  recovery({ onInvalid: "skip" }).refuse(refusal, undefined);
  assertEquals(made, 0);
  const told: FrameError[] = [];
  const onSkip = (error: FrameError) => void told.push(error);
  recovery({ onInvalid: "skip", onSkip }).refuse(refusal, undefined);
  assertEquals([made, told], [1, [error]]);
  assertThrows(() => recovery({}).refuse(refusal, undefined), FrameError);
  assertEquals(made, 2);
});

test("An error shows at most 64 bytes of its frame", () => {
  const error = assertThrows(
    () => json(frames).decode(frames.encode(new Uint8Array(200))),
    FrameError,
  );
  assertEquals(error.bytes, new Uint8Array(64));
});

test("Views refuse a value of onInvalid that there is not", () => {
  assertThrows(
    () => json(frames, { onInvalid: "ignore" as "skip" }),
    TypeError,
    "onInvalid",
  );
});
