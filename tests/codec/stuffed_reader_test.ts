/** What all formats whose frames end at a flag do with frames that are not valid. */

import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  cobs,
  type Codec,
  type Decoder,
  FrameError,
  type FrameLimitOptions,
  hdlc,
  type RecoveryOptions,
  slip,
  stuffed,
} from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";

interface Case {
  readonly make: (
    options: RecoveryOptions & FrameLimitOptions,
  ) => Codec<Uint8Array>;
  readonly flag: string;
  /** What is not valid, without its flag. */
  readonly bad: string;
  /** The frame 41, and one of 4 bytes. */
  readonly good: string;
  readonly long: string;
  readonly code: string;
}

const formats: Readonly<Record<string, Case>> = {
  cobs: {
    make: cobs,
    flag: "00",
    bad: "220233",
    good: "0241",
    long: "0541424344",
    code: "MARK_INVALID",
  },
  slip: {
    make: slip,
    flag: "c0",
    bad: "41db42",
    good: "41",
    long: "41424344",
    code: "MARK_INVALID",
  },
  stuffed: {
    make: (options) =>
      stuffed({
        ...options,
        end: 10,
        escape: 92,
        map: { 10: 110, 92: 92 },
      }),
    flag: "0a",
    bad: "415c42",
    good: "41",
    long: "41424344",
    code: "MARK_INVALID",
  },
  hdlc: {
    make: hdlc,
    flag: "7e",
    bad: "41f5a2",
    good: "41f5a3",
    long: "61626364 6ba3",
    code: "CHECKSUM_MISMATCH",
  },
};

for (
  const [name, { make, flag, bad, good, long, code }] of Object.entries(formats)
) {
  const frame = hex("41");
  const wire = (...pieces: string[]) =>
    hex(pieces.map((piece) => piece + flag).join(""));

  test(`${name}() ends the stream at a frame that is not valid by default`, () => {
    const decoder = make({}).decoder();
    decoder.push(wire(good, bad, good));
    assertEquals(decoder.next(), frame);
    const error = assertThrows(() => decoder.next(), FrameError);
    assertEquals([error.code, error.offset], [code, wire(good).length]);
    assertEquals(error.bytes, hex(bad));
    assertStrictEquals(assertThrows(() => decoder.next()), error);
  });

  test(`${name}() shows at most 64 bytes of a frame that is not valid`, () => {
    // A block of cobs that goes beyond its frame, and a wrong checksum of hdlc.
    const large = "7a".repeat(100) + bad;
    const error = assertThrows(() => make({}).decode(wire(large)), FrameError);
    assertEquals(error.bytes, hex(large).subarray(0, 64));
  });

  test(`${name}() passes over frames too large and frames not valid, each on its own`, () => {
    assertDecodes(
      (onSkip) =>
        make({
          maxFrameLength: 3,
          onOversize: "skip",
          onInvalid: "skip",
          onSkip,
        }),
      wire(bad, long, good, long, bad, "", good),
      {
        frames: [frame, frame],
        skipped: [
          { code, offset: 0 },
          wire(bad).length,
          wire(bad, long, good).length,
          { code, offset: wire(bad, long, good, long).length },
        ],
      },
    );
    assertDecodes(
      (onSkip) => make({ maxFrameLength: 3, onInvalid: "skip", onSkip }),
      wire(bad, good, long, good),
      {
        frames: [frame],
        skipped: [{ code, offset: 0 }],
        error: { code: "FRAME_TOO_LARGE", offset: wire(bad, good).length },
      },
    );
  });

  test(`${name}() may be read while it reports`, () => {
    for (const damaged of [bad, long, "7a".repeat(100)]) {
      const got: unknown[] = [];
      const pull = () => {
        const next = decoder.next();
        if (next !== undefined) got.push([next, decoder.frameOffset]);
        return next !== undefined;
      };
      const decoder: Decoder<Uint8Array> = make({
        maxFrameLength: 3,
        onOversize: "skip",
        onInvalid: "skip",
        onSkip: ({ offset }) => {
          got.push(offset);
          pull();
        },
      }).decoder();
      decoder.push(wire(damaged, good, good));
      while (pull());
      const first = wire(damaged).length;
      const second = wire(damaged, good).length;
      assertEquals(got, [0, [frame, first], [frame, second]]);
    }
  });

  test(`${name}() ends the stream with what onSkip throws`, () => {
    const reason = new Error("enough");
    const decoder = make({
      onInvalid: "skip",
      onSkip: () => {
        throw reason;
      },
    }).decoder();
    decoder.push(wire(bad, good));
    assertStrictEquals(assertThrows(() => decoder.next()), reason);
    assertStrictEquals(assertThrows(() => decoder.next()), reason);
  });

  test(`${name}() may be left behind a frame that it passed over`, () => {
    const decoder = make({ onInvalid: "skip" }).decoder();
    decoder.push(wire(bad, good, bad, good));
    assertEquals(decoder.next(), frame);
    assertEquals(decoder.takeUnread(), wire(bad, good));
    assertEquals(decoder.pendingBytes, 0);
  });
}
