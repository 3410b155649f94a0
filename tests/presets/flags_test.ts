import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
} from "@std/assert";
import fc from "fast-check";
import { FrameError } from "../../src/codec/mod.ts";
import { dlmsHdlc, type DlmsHdlcFrame } from "../../src/presets/mod.ts";
import { hex } from "../support/bytes.ts";
import { cutAt, singleBytes } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const none = new Uint8Array(0);
const client = hex("21");
const server = hex("00020023");

// “Examples for DLMS/COSEM information exchange” by Gyozo Kmethy, sections 1 and 2.
const snrm = hex("7e a00a 00020023 21 93 1871 7e");
const ua = hex(
  "7e a023 21 00020023 73 f6c5 " +
    "818014 05020080 06020080 070400000001 080400000001 ce6a 7e",
);
const aarq = hex(
  "7e a02e 00020023 21 10 7ecb e6e600 601d a109060760857405080101 " +
    "be10040e01000000065f1f040000301dffff d4c5 7e",
);
const snrmFrame = frameOf({ control: 0x93 });
const uaFrame = frameOf({
  destination: client,
  source: server,
  control: 0x73,
  information: ua.slice(11, -3),
});
const aarqFrame = frameOf({
  control: 0x10,
  information: aarq.slice(11, -3),
});

function frameOf(frame: Partial<DlmsHdlcFrame>): DlmsHdlcFrame {
  return {
    segmented: false,
    destination: server,
    source: client,
    control: 0,
    information: none,
    ...frame,
  };
}

test("dlmsHdlc() reads and writes the frames of the examples", () => {
  const frames = [snrmFrame, uaFrame, aarqFrame];
  const wire = Uint8Array.of(...snrm, ...ua, ...aarq);
  assertDecodes(() => dlmsHdlc(), wire, { frames });
  const written = frames.flatMap((frame) => [...dlmsHdlc().encode(frame)]);
  assertEquals(written, [...wire]);
});

test("dlmsHdlc() takes one flag between frames, or many", () => {
  assertDecodes(
    () => dlmsHdlc(),
    Uint8Array.of(...snrm, ...ua.slice(1), 0x7e, 0x7e, ...aarq, 0x7e),
    { frames: [snrmFrame, uaFrame, aarqFrame] },
  );
});

test("dlmsHdlc() reads flags inside of a frame", () => {
  const frame = frameOf({ segmented: true, information: hex("7e7ea0077e") });
  const bytes = dlmsHdlc().encode(frame);
  assertEquals(bytes.subarray(1, 3), hex("a811"));
  assertDecodes(() => dlmsHdlc(), bytes, { frames: [frame] });
});

for (
  const [what, bytes, code] of [
    [
      "a format that is not a",
      "7e 900a 00020023 21 93 1871 7e",
      "HEADER_INVALID",
    ],
    [
      "an address without end",
      "7e a00a 0002002220 93 1871 7e",
      "HEADER_INVALID",
    ],
    ["a length of nothing", "7e a006 00020023 21 93 1871 7e", "LENGTH_INVALID"],
    [
      "a length within its header",
      "7e a009 00020023 21 93 1871 7e",
      "LENGTH_INVALID",
    ],
    [
      "a length of half a checksum",
      "7e a00b 00020023 21 93 1871 7e",
      "LENGTH_INVALID",
    ],
    [
      "a length that is too short",
      "7e a00c 00020023 21 93 1871 7e",
      "CHECKSUM_MISMATCH",
    ],
    ["a wrong checksum", "7e a00a 00020023 21 93 1872 7e", "CHECKSUM_MISMATCH"],
    ["no flag at the end", "7e a00a 00020023 21 93 1871 7f", "MARK_INVALID"],
    ["no flag at the start", "a00a 00020023 21 93 1871 7e", "MARK_INVALID"],
  ] as const
) {
  test(`dlmsHdlc() refuses ${what}, or passes over it`, () => {
    const first = hex(bytes);
    const offset = first[0] === 0x7e ? 1 : 0;
    const wire = Uint8Array.of(...first, ...ua, ...ua);
    assertDecodes(() => dlmsHdlc(), wire, {
      frames: [],
      error: { code, offset },
    });
    assertDecodes(
      (onSkip) => dlmsHdlc({ onInvalid: "skip", onSkip }),
      wire,
      { frames: [uaFrame, uaFrame], skipped: [{ code, offset }] },
    );
  });
}

test("dlmsHdlc() refuses a frame that ends too early", () => {
  for (let end = 2; end < ua.length; end++) {
    assertEquals(
      frameError(() => dlmsHdlc({ onInvalid: "skip" }).decode(ua.slice(0, end)))
        .code,
      "FRAME_TRUNCATED",
    );
  }
});

test("dlmsHdlc() refuses a stream that ends in noise", () => {
  const noise = new Uint8Array(100);
  for (const wire of [noise, noise.subarray(0, 10)]) {
    const skipped = wire === noise ? [{ code: "MARK_INVALID", offset: 0 }] : [];
    assertDecodes((onSkip) => dlmsHdlc({ onInvalid: "skip", onSkip }), wire, {
      frames: [],
      skipped,
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    });
  }
});

test("dlmsHdlc() passes over frames that share their flags", () => {
  const bad = snrm.with(-2, 0);
  const wire = Uint8Array.of(...bad, ...bad.slice(1), ...ua.slice(1));
  const offsets: number[] = [];
  const decoder = dlmsHdlc({
    onInvalid: "skip",
    onSkip: ({ offset }) => offsets.push(offset!),
  }).decoder();
  decoder.push(wire);
  assertEquals(decoder.next(), uaFrame);
  offsets.push(decoder.frameOffset);
  assertEquals(offsets, [1, 12, 23]);
});

test("dlmsHdlc() does not keep noise without a flag", () => {
  const errors: FrameError[] = [];
  const decoder = dlmsHdlc({
    onInvalid: "skip",
    onSkip: (error) => errors.push(error),
  }).decoder();
  for (let i = 0; i < 1000; i++) {
    decoder.push(hex("01020304"));
    assertStrictEquals(decoder.next(), undefined);
    assertLessOrEqual(decoder.bufferedBytes, 64);
  }
  decoder.push(ua);
  assertEquals(decoder.next(), uaFrame);
  assertEquals(errors.map(({ bytes }) => bytes?.length), [64]);
});

test("dlmsHdlc() refuses to write what it would not read", () => {
  for (
    const [frame, code] of [
      [{ destination: none }, "HEADER_INVALID"],
      [{ destination: hex("02") }, "HEADER_INVALID"],
      [{ destination: hex("0301") }, "HEADER_INVALID"],
      [{ source: hex("0202020203") }, "HEADER_INVALID"],
      [{ control: 256 }, "HEADER_INVALID"],
      [{ information: new Uint8Array(2048 - 12) }, "FRAME_TOO_LARGE"],
    ] as const
  ) {
    const error = frameError(() => dlmsHdlc().encode(frameOf(frame)));
    assertEquals([error.code, error.offset], [code, undefined]);
  }
  const largest = frameOf({ information: new Uint8Array(2047 - 12) });
  assertEquals(dlmsHdlc().decode(dlmsHdlc().encode(largest)), [largest]);
});

test("dlmsHdlc() gives back every frame", () => {
  const address = fc.array(fc.nat(127), { minLength: 1, maxLength: 4 })
    .map((numbers) =>
      Uint8Array.from(
        numbers,
        (number, i) => number * 2 + (i === numbers.length - 1 ? 1 : 0),
      )
    );
  const frame = fc.record({
    segmented: fc.boolean(),
    destination: address,
    source: address,
    control: fc.nat(255),
    information: fc.uint8Array({ maxLength: 40 }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 4 }),
    fc.array(fc.nat(200)),
    (frames, cuts) => {
      const wire = Uint8Array.from(
        frames.flatMap((one) => [...dlmsHdlc().encode(one)]),
      );
      const decoder = dlmsHdlc().decoder();
      const got: DlmsHdlcFrame[] = [];
      for (const chunk of cutAt(wire, cuts)) {
        decoder.push(chunk);
        let one: DlmsHdlcFrame | undefined;
        while ((one = decoder.next()) !== undefined) got.push(one);
      }
      assertEquals(got, frames);
      assertEquals(decoder.bufferedBytes, 0);
    },
  ));
});

/** The frames and reports of a damaged line, in order. */
function eventsOf(chunks: readonly Uint8Array[]): (number | string)[] {
  const events: (number | string)[] = [];
  const decoder = dlmsHdlc({
    onInvalid: "skip",
    onSkip: ({ code, offset }) => events.push(`${code} at ${offset}`),
  }).decoder();
  const pull = () => {
    let frame: DlmsHdlcFrame | undefined;
    while ((frame = decoder.next()) !== undefined) events.push(frame.control);
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      pull();
    }
    decoder.end();
    pull();
  } catch (error) {
    assert(error instanceof FrameError && error.code === "FRAME_TRUNCATED");
    events.push(error.code);
  }
  return events;
}

test("dlmsHdlc() loses the frame that was hit, and its neighbour at most", () => {
  // Of the control bytes, which are the frames' numbers, and of flags inside.
  const frames = [0, 1, 2, 3, 4].map((control) =>
    frameOf({ control, information: hex(control % 2 ? "7e0a7e" : "") })
  );
  const wire = Uint8Array.from(
    frames.flatMap((frame) => [...dlmsHdlc().encode(frame)]),
  );
  const lengthOfLast = dlmsHdlc().encode(frames[4]!).length;
  for (let at = 0; at < wire.length - lengthOfLast; at++) {
    const before = wire.subarray(0, at);
    const damaged = [
      Uint8Array.of(...before, ...wire.subarray(at + 1)),
      ...[0x7e, 0xa0, 0].map((more) =>
        Uint8Array.of(...before, more, ...wire.subarray(at))
      ),
      ...Array.from({ length: 8 }, (_, bit) => {
        const flipped = wire.slice();
        flipped[at]! ^= 1 << bit;
        return flipped;
      }),
    ];
    for (const bytes of damaged) {
      const events = eventsOf([bytes]);
      const got = events.filter((event) => typeof event === "number");
      assertEquals(got, [...got].sort(), `${events}`);
      assertLessOrEqual(frames.length - got.length, 2, `${at}: ${events}`);
      if (got.length < frames.length) assert(events.length > got.length);
      assertEquals(eventsOf(singleBytes(bytes)), events);
    }
  }
});
