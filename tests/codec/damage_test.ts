/**
 * Formats whose frames end at a flag, on a line that changes, loses and makes up bytes:
 * what is damaged is reported, and everything else arrives.
 */

import { test } from "node:test";
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import {
  checksum,
  cobs,
  type Codec,
  FrameError,
  hdlc,
  type RecoveryOptions,
  slip,
} from "../../src/codec/mod.ts";
import { cutAt, randomCut, singleBytes } from "../support/cuts.ts";

interface Line {
  readonly flag: number;
  /** Whether a checksum finds what is damaged. */
  readonly checks: boolean;
  make(options: RecoveryOptions): Codec<Uint8Array>;
}

const lines: Readonly<Record<string, Line>> = {
  "cobs()": { flag: 0, checks: false, make: cobs },
  "slip()": { flag: 0xc0, checks: false, make: slip },
  "hdlc() without a checksum": {
    flag: 0x7e,
    checks: false,
    make: (options) => hdlc({ ...options, fcs: "none" }),
  },
  "checksum(cobs())": {
    flag: 0,
    checks: true,
    make: (options) => checksum(cobs(options), "crc32", options),
  },
  "checksum(slip())": {
    flag: 0xc0,
    checks: true,
    make: (options) => checksum(slip(options), "crc32", options),
  },
  "hdlc()": { flag: 0x7e, checks: true, make: hdlc },
  "hdlc() with FCS-32": {
    flag: 0x7e,
    checks: true,
    make: (options) => hdlc({ ...options, fcs: "fcs32" }),
  },
};

/** What a decoder made of the bytes before a flag, and where they began. */
type Event =
  | { readonly offset: number; readonly frame: Uint8Array }
  | { readonly offset: number; readonly code: string };

function eventsOf(line: Line, chunks: readonly Uint8Array[]): Event[] {
  const events: Event[] = [];
  const report = ({ code, offset }: FrameError) =>
    events.push({ code, offset: offset! });
  const decoder = line.make({ onInvalid: "skip", onSkip: report }).decoder();
  const pull = () => {
    let frame: Uint8Array | undefined;
    while ((frame = decoder.next()) !== undefined) {
      events.push({ frame, offset: decoder.frameOffset });
    }
  };
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      pull();
    }
    decoder.end();
    pull();
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    report(error);
  }
  return events;
}

/** The bytes between flags, where there are any, and where they begin. */
function piecesOf(flag: number, bytes: Uint8Array) {
  const pieces: { offset: number; key: string; whole: boolean }[] = [];
  for (let from = 0; from < bytes.length;) {
    const flagAt = bytes.indexOf(flag, from);
    const to = flagAt < 0 ? bytes.length : flagAt;
    const key = bytes.subarray(from, to).join();
    if (to > from) pieces.push({ offset: from, key, whole: flagAt >= 0 });
    from = to + 1;
  }
  return pieces;
}

/** The bytes with one bit changed, one byte lost, or one too many, at a position. */
function* damagedAt(
  at: number,
  bytes: Uint8Array,
  flag: number,
): Generator<Uint8Array> {
  for (let bit = 0; bit < 8; bit++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << bit;
    yield flipped;
  }
  const before = bytes.subarray(0, at);
  yield Uint8Array.of(...before, ...bytes.subarray(at + 1));
  for (const more of [flag, 0x7d, 0xdb, 0x01, 0xff]) {
    yield Uint8Array.of(...before, more, ...bytes.subarray(at));
  }
}

const byte = fc.oneof(
  fc.constantFrom(0, 1, 0x7d, 0x7e, 0xc0, 0xdb, 0xdc, 0xdd),
  fc.nat(255),
);
const contents = fc.array(
  fc.array(byte, { minLength: 1, maxLength: 9 }),
  { minLength: 3, maxLength: 5 },
);
// Always the same: of 65536 damaged frames, one has the right FCS-16 by chance.
const runs = { seed: 1662, numRuns: 2 };

for (const [name, line] of Object.entries(lines)) {
  const law = line.checks
    ? "loses what is damaged, with one report, and nothing else"
    : "makes one frame or one report of what is damaged, and loses nothing else";
  test(`${name} ${law}`, () => {
    fc.assert(
      fc.property(contents, (all) => {
        const frames = all.map((content) => Uint8Array.from(content));
        const codec = line.make({});
        const wire = Uint8Array.from(
          frames.flatMap((frame) => [...codec.encode(frame)]),
        );
        const sent = new Map(
          piecesOf(line.flag, wire).map(({ key }, i) => [key, frames[i]!]),
        );
        for (let at = 0; at < wire.length; at++) {
          for (const damaged of damagedAt(at, wire, line.flag)) {
            check(line, damaged, sent, frames);
          }
        }
      }),
      runs,
    );
  });
}

function check(
  line: Line,
  damaged: Uint8Array,
  sent: ReadonlyMap<string, Uint8Array>,
  frames: readonly Uint8Array[],
): void {
  const events = eventsOf(line, [damaged]);
  const pieces = piecesOf(line.flag, damaged);
  assertEquals(
    events.map(({ offset }) => offset),
    pieces.map(({ offset }) => offset),
  );
  pieces.forEach(({ key, whole }, i) => {
    const event = events[i]!;
    if (!whole) {
      assert("code" in event && event.code === "FRAME_TRUNCATED");
      return;
    }
    const frame = sent.get(key);
    if (frame !== undefined) {
      assertEquals("frame" in event && event.frame, frame);
    } else if (line.checks) assert("code" in event);
  });
  // At most the frame that was hit and its neighbour are lost.
  const got = events.flatMap((event) =>
    "frame" in event && (line.checks || isSent(event.frame, frames))
      ? [event.frame.join()]
      : []
  );
  assertLessOrEqual(frames.length - got.length, 2);
  for (const chunks of [singleBytes(damaged), randomCut(damaged, 7)]) {
    assertEquals(eventsOf(line, chunks), events);
  }
}

function isSent(frame: Uint8Array, frames: readonly Uint8Array[]): boolean {
  return frames.some((other) => other.join() === frame.join());
}

// What a joined stream begins with, and what a bad line ends with.
for (const [name, line] of Object.entries(lines)) {
  test(`${name} reads a stream from the middle on`, () => {
    const codec = line.make({});
    const frames = [[1, 2, 3, 4], [5, 0xc0, 0x7e, 0], [6]]
      .map((content) => Uint8Array.from(content));
    const wire = Uint8Array.from(
      frames.flatMap((frame) => [...codec.encode(frame)]),
    );
    for (let at = 1; at < wire.length; at++) {
      const [, rest] = cutAt(wire, [at]);
      const last = eventsOf(line, [rest!]).at(-1);
      if (at < wire.lastIndexOf(line.flag, wire.length - 2)) {
        assertEquals(last && "frame" in last && last.frame, frames[2]);
      }
    }
  });
}
