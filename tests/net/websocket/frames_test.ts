// The frames alone: what is read of them does not depend on how they are cut.

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import { NetError } from "../../../src/net/mod.ts";
import { FrameReader } from "../../../src/net/websocket/frame_reader.ts";
import {
  controlFrame,
  FrameWriter,
} from "../../../src/net/websocket/frame_writer.ts";
import {
  type FrameSettings,
  Opcode,
} from "../../../src/net/websocket/frames.ts";
import { mask } from "../../../src/net/websocket/mask.ts";
import { utf8 } from "../../support/bytes.ts";
import { concat, frame } from "./raw_peer.ts";

function settings(options: Partial<FrameSettings> = {}): FrameSettings {
  return {
    mode: "messages",
    type: "binary",
    maxMessageLength: 1_000_000,
    isClient: false,
    ...options,
  };
}

/** What a reader makes of chunks. */
function readAll(reader: FrameReader, chunks: Iterable<Uint8Array>) {
  // Copies: a reader writes to its chunks.
  const parts = [...chunks].map((chunk) => reader.push(chunk.slice()));
  return concat(...parts);
}

/** A message as it stands on the connection to the codec. */
function prefixed(message: Uint8Array): Uint8Array {
  const { length } = message;
  return concat(
    Uint8Array.of(length >> 24, length >> 16, length >> 8, length),
    message,
  );
}

function pieces(writer: FrameWriter, bytes: Uint8Array): Uint8Array {
  return concat(
    ...Array.from(writer.pieces(bytes), (piece) => piece.bytes.slice()),
  );
}

/** Cuts bytes at these places, in whatever order they are. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((n) => n % (bytes.length + 1)), bytes.length]
    .sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

const message = fc.uint8Array({ maxLength: 300 });
const length = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000);
const sized = length.map((n) => Uint8Array.from({ length: n }, (_, i) => i));
const places = fc.array(fc.nat());

for (const isClient of [false, true]) {
  const side = isClient ? "client" : "server";
  const there = settings({ isClient: !isClient });
  const here = settings({ isClient });

  test(`FrameReader of a ${side} reads what FrameWriter writes, however it is cut`, () => {
    const messages = fc.array(fc.oneof(message, sized), { maxLength: 8 });
    fc.assert(
      fc.property(messages, places, places, (sent, writes, reads) => {
        const given = concat(...sent.map(prefixed));
        const writer = new FrameWriter(there);
        const wire = concat(
          ...cut(given, writes).map((part) => pieces(writer, part)),
        );
        const reader = new FrameReader(here);
        assertEquals(readAll(reader, cut(wire, reads)), given);
        assertEquals(reader.fault, undefined);
        assert(!writer.isInMessage);
      }),
      { numRuns: 60 },
    );
  });

  test(`FrameReader of a ${side} joins fragments with control frames between them, however they are cut`, () => {
    const parts = fc.array(fc.array(message, { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(parts, places, (messages, reads) => {
        const wire = concat(
          ...messages.flatMap((fragments) =>
            fragments.flatMap((fragment, i) => [
              controlFrame(Opcode.ping, Uint8Array.of(i), !isClient),
              frame(i === 0 ? Opcode.binary : Opcode.continuation, fragment, {
                isLast: i === fragments.length - 1,
                isMasked: !isClient,
              }),
            ])
          ),
        );
        const reader = new FrameReader(here);
        const got = readAll(reader, cut(wire, reads));
        const whole = messages.map((list) => prefixed(concat(...list)));
        assertEquals(got, concat(...whole));
        const last = messages.at(-1)?.length;
        assertEquals(reader.ping?.[0], last && last - 1);
      }),
      { numRuns: 60 },
    );
  });

  test(`FrameReader of a ${side} hands on bytes as they come in the mode "bytes"`, () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
    const writer = new FrameWriter({ ...there, mode: "bytes" });
    const wire = pieces(writer, bytes);
    const reader = new FrameReader({ ...here, mode: "bytes" });
    const places = Array.from({ length: 50 }, (_, i) => i * 6_007);
    assertEquals(readAll(reader, cut(wire, places)), bytes);
  });
}

test("FrameReader hands out a view of the chunk when nothing must be moved", () => {
  const reader = new FrameReader(settings());
  const chunk = frame(Opcode.binary, utf8("hello"));
  const got = reader.push(chunk);
  assert(got.buffer === chunk.buffer);
  assertEquals(got, prefixed(utf8("hello")));
});

test("FrameReader keeps no fragments before they have come", () => {
  const reader = new FrameReader(settings({ maxMessageLength: 2 ** 32 - 1 }));
  const header = Uint8Array.of(2, 0x80 | 127, 0, 0, 0, 0, 0xff, 0, 0, 0);
  // An allocation of 4 GB would fail.
  assertEquals(reader.push(concat(header, new Uint8Array(4))).length, 0);
  assertEquals(reader.fault, undefined);
});

/** Frames that must be refused, with the code that says so. */
const refused: Readonly<
  Record<string, readonly [code: number, wire: Uint8Array]>
> = {
  "reserved bits of a frame are set": [
    1_002,
    Uint8Array.of(0xc2, 0x80, 0, 0, 0, 0),
  ],
  "no frames of the kind 3": [1_002, Uint8Array.of(0x83, 0x80, 0, 0, 0, 0)],
  "no frames of the kind 11": [1_002, Uint8Array.of(0x8b, 0x80, 0, 0, 0, 0)],
  "not masked": [1_002, Uint8Array.of(0x82, 0x01, 0x00)],
  "a control frame is in fragments": [1_002, Uint8Array.of(0x09, 0x80)],
  "longer than 125 bytes": [1_002, Uint8Array.of(0x89, 0x80 | 126, 0, 126)],
  "before the one before it had ended": [
    1_002,
    concat(
      frame(Opcode.text, utf8("a"), { isLast: false }),
      frame(Opcode.text, utf8("b")),
    ),
  ],
  "a fragment belongs to no message": [1_002, frame(0, utf8("a"))],
  "length of a frame is not well-formed": [
    1_002,
    Uint8Array.of(0x82, 0x80 | 126, 0, 125, 0, 0, 0, 0),
  ],
  "length of a frame": [
    1_002,
    Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  ],
  "its close code is 0": [1_002, frame(Opcode.close, Uint8Array.of(1))],
  "its close code is 1005": [
    1_002,
    frame(Opcode.close, Uint8Array.of(3, 0xed)),
  ],
  "its close code is 999": [1_002, frame(Opcode.close, Uint8Array.of(3, 0xe7))],
  "text is not UTF-8": [1_007, frame(Opcode.text, Uint8Array.of(0xc3, 0x28))],
  "a text is not": [1_007, frame(Opcode.text, Uint8Array.of(0x61, 0xc3))],
  "is not UTF-8": [
    1_007,
    frame(Opcode.close, Uint8Array.of(3, 0xe8, 0xc3, 0x28)),
  ],
  "expected at most 1000 bytes (maxMessageLength), got 1001": [
    1_009,
    frame(Opcode.binary, new Uint8Array(1_001)),
  ],
  "got 1200": [
    1_009,
    concat(
      frame(Opcode.binary, new Uint8Array(600), { isLast: false }),
      frame(Opcode.continuation, new Uint8Array(600)),
    ),
  ],
};

test("FrameReader refuses what breaks a rule, behind the messages before it", () => {
  for (const [problem, [code, wire]] of Object.entries(refused)) {
    const before = frame(Opcode.text, utf8("before"));
    for (const step of [1, wire.length + before.length]) {
      const reader = new FrameReader(settings({ maxMessageLength: 1_000 }));
      const all = concat(before, wire);
      const chunks = [];
      for (let at = 0; at < all.length; at += step) {
        chunks.push(all.slice(at, at + step));
      }
      const got = readAll(reader, chunks);
      assertEquals(got.subarray(0, 10), prefixed(utf8("before")), problem);
      assertEquals(reader.fault?.code, code, problem);
      const { message } = reader.fault!.error;
      assert(message.includes(problem), `${message} has no ${problem}`);
      assertEquals(reader.push(before.slice()).length, 0);
    }
  }
});

test("FrameReader of a client refuses masked frames", () => {
  const reader = new FrameReader(settings({ isClient: true }));
  reader.push(frame(Opcode.binary, utf8("a")));
  assertEquals(reader.fault?.code, 1_002);
});

test("FrameReader takes a text whose characters are cut by fragments", () => {
  const text = utf8("aé€😀");
  const reader = new FrameReader(settings());
  const wire = Array.from(
    text,
    (byte, i) =>
      frame(i === 0 ? Opcode.text : Opcode.continuation, Uint8Array.of(byte), {
        isLast: i === text.length - 1,
      }),
  );
  assertEquals(readAll(reader, wire), prefixed(text));
});

test("FrameReader reads the close frame, and nothing behind it", () => {
  const reader = new FrameReader(settings());
  const close = frame(
    Opcode.close,
    concat(Uint8Array.of(3, 0xf0), utf8("why")),
  );
  const more = frame(Opcode.binary, utf8("more"));
  assertEquals(readAll(reader, [concat(close, more)]).length, 0);
  assertEquals(reader.close, { code: 1_008, reason: "why" });
});

test("FrameWriter writes many small messages in one piece", () => {
  const writer = new FrameWriter(settings());
  const given = concat(...Array.from("abc", (c) => prefixed(utf8(c))));
  const [first, ...rest] = writer.pieces(given);
  assertEquals(
    first,
    { bytes: Uint8Array.of(0x82, 1, 97, 0x82, 1, 98, 0x82, 1, 99), taken: 15 },
  );
  assertEquals(rest, []);
});

test("FrameWriter does not copy a large payload of a server", () => {
  const writer = new FrameWriter(settings({ mode: "bytes" }));
  const bytes = new Uint8Array(200_000);
  const [first, second, ...rest] = writer.pieces(bytes);
  assert(first!.bytes.buffer !== bytes.buffer);
  assert(second!.bytes.buffer === bytes.buffer);
  assertEquals(rest.length, 0);
});

test("FrameWriter throws MESSAGE_TOO_LARGE, behind the messages before", () => {
  const writer = new FrameWriter(settings({ maxMessageLength: 3 }));
  const all = writer.pieces(
    concat(prefixed(utf8("abc")), prefixed(utf8("abcd"))),
  );
  assertEquals(all.next().value?.bytes, Uint8Array.of(0x82, 3, 97, 98, 99));
  const error = assertThrows(() => all.next(), NetError);
  assertEquals(error.code, "MESSAGE_TOO_LARGE");
});

test("FrameWriter of a client masks each message with another key", () => {
  const writer = new FrameWriter(settings({ isClient: true }));
  const wire = pieces(writer, concat(...Array(8).fill(prefixed(utf8("a")))));
  const keys = Array.from(
    { length: 8 },
    (_, i) => `${wire.slice(7 * i + 2, 7 * i + 6)}`,
  );
  assertEquals(new Set(keys).size, 8);
});

test("mask() masks in words what it masks byte by byte", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(3),
      fc.nat(7),
      (bytes, key, phase, offset) => {
        const padded = concat(new Uint8Array(offset), bytes).subarray(offset);
        mask(padded, key, phase);
        const expected = bytes.map((byte, i) => byte ^ key[(phase + i) & 3]!);
        assertEquals(padded, expected);
      },
    ),
  );
});
