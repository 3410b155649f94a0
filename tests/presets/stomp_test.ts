import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  type FrameError,
  type FrameErrorCode,
} from "../../src/codec/mod.ts";
import {
  stomp,
  type StompCommand,
  type StompFrame,
  type StompOptions,
} from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { cutAt, randomCut, singleBytes } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

function frame(
  command: StompCommand,
  headers: Record<string, string> = {},
  body = "",
): StompFrame {
  return { command, headers, body: utf8(body) };
}

/** The frames of the specification's examples, and their bytes. */
const examples: readonly (readonly [string, StompFrame])[] = [
  [
    "CONNECT\naccept-version:1.2\nhost:stomp.github.org\n\n\0",
    frame("CONNECT", { "accept-version": "1.2", host: "stomp.github.org" }),
  ],
  [
    "SEND\ndestination:/queue/a\ncontent-type:text/plain\n\nhello queue a\0",
    frame(
      "SEND",
      { destination: "/queue/a", "content-type": "text/plain" },
      "hello queue a",
    ),
  ],
  [
    "MESSAGE\ncontent-length:3\nid:1\n\na\0b\0",
    frame("MESSAGE", { "content-length": "3", id: "1" }, "a\0b"),
  ],
  [
    "ERROR\nmessage:a\\cb\\\\c\\nd\\re\nÄ:\n\n\0",
    frame("ERROR", { message: "a:b\\c\nd\re", "Ä": "" }),
  ],
  // Nothing is escaped here.
  [
    "CONNECTED\nversion:1.2\nserver:a\\tb:c\\n\n\n\0",
    frame("CONNECTED", { version: "1.2", server: "a\\tb:c\\n" }),
  ],
  ["DISCONNECT\n\n\0", frame("DISCONNECT")],
];

test("stomp() reads and writes frames like those of its specification", () => {
  for (const [text, value] of examples) {
    assertDecodes(() => stomp(), utf8(text), { frames: [value] });
    assertEquals(stomp().encode(value), utf8(text));
  }
});

test("stomp() passes over line ends between frames", () => {
  const text =
    "\n\r\nBEGIN\r\ntransaction:a\r\n\r\n\0\n\n\r\nCOMMIT\n\n\0\r\n\n";
  assertDecodes(() => stomp(), utf8(text), {
    frames: [frame("BEGIN", { transaction: "a" }), frame("COMMIT")],
  });
  const decoder = stomp().decoder();
  decoder.push(utf8("\n\r\n"));
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.pendingBytes, 0);
});

test("stomp() hands out the first of several headers, and any name", () => {
  const text = "SEND\nfoo:World\nfoo:Hello\n__proto__:x\n\n\0";
  const headers = JSON.parse('{ "foo": "World", "__proto__": "x" }');
  assertDecodes(() => stomp(), utf8(text), {
    frames: [frame("SEND", headers)],
  });
  assertEquals(
    stomp().encode(frame("SEND", headers)),
    utf8("SEND\nfoo:World\n__proto__:x\n\n\0"),
  );
});

/** Frames that are not valid, each up to its zero byte. */
const invalid: readonly (readonly [string, FrameErrorCode])[] = [
  ["HELLO\n\n\0", "HEADER_INVALID"],
  ["send\n\n\0", "HEADER_INVALID"],
  ["SEND\nfoo\n\nbody\0", "HEADER_INVALID"],
  ["SEND\n:foo\n\nbody\0", "HEADER_INVALID"],
  ["SEND\nfoo:a\\tb\n\nbody\0", "HEADER_INVALID"],
  ["SEND\nfoo:a\\\n\nbody\0", "HEADER_INVALID"],
  ["SEND\nfoo:a\rb\n\nbody\0", "HEADER_INVALID"],
  ["SEND\0", "HEADER_INVALID"],
  ["SEND\nfoo:bar\0", "HEADER_INVALID"],
  ["\0", "HEADER_INVALID"],
  ["SEND\ncontent-length:-1\n\nbody\0", "LENGTH_INVALID"],
  ["SEND\ncontent-length: 4\n\nbody\0", "LENGTH_INVALID"],
  ["SEND\ncontent-length:3\n\nbody\0", "MARK_INVALID"],
  ["SEND\ncontent-length:1048576\n\nbody\0", "FRAME_TOO_LARGE"],
];

test("stomp() ends the stream at a frame that is not valid", () => {
  for (const [text, code] of invalid) {
    const bytes = utf8(`ACK\nid:1\n\n\0${text}ACK\nid:2\n\n\0`);
    assertDecodes(() => stomp(), bytes, {
      frames: [frame("ACK", { id: "1" })],
      error: { code, offset: 11 },
    });
  }
  const notText = concat([
    utf8("SEND\na:"),
    Uint8Array.of(0xff),
    utf8("\n\n\0"),
  ]);
  const error = frameError(() => stomp().decode(notText));
  assertStrictEquals(error.code, "TEXT_INVALID");
});

test("stomp() passes frames that are not valid over, each with one report, when asked to", () => {
  for (const [text, code] of invalid) {
    const first = utf8(text);
    const bytes = concat([first, utf8("\nACK\nid:2\n\n\0"), first]);
    const cuts = [[bytes], singleBytes(bytes), randomCut(bytes, 1)];
    for (const chunks of cuts) {
      const errors: FrameError[] = [];
      const frames: StompFrame[] = [];
      const decoder = stomp({
        onInvalid: "skip",
        onSkip: (error) => errors.push(error),
      }).decoder();
      for (const chunk of chunks) {
        decoder.push(chunk);
        for (
          let frame = decoder.next();
          frame !== undefined;
          frame = decoder.next()
        ) frames.push(frame);
      }
      decoder.end();
      assertStrictEquals(decoder.next(), undefined);
      assertEquals(frames, [frame("ACK", { id: "2" })]);
      assertEquals(
        errors.map(({ code, offset, bytes }) => [code, offset, bytes]),
        [0, first.length + 12].map((offset) => [code, offset, first]),
      );
    }
  }
});

test("stomp() lets onSkip call the decoder", () => {
  const frames: (StompFrame | undefined)[] = [];
  const decoder = stomp({
    onInvalid: "skip",
    onSkip: () => frames.push(decoder.next()),
  }).decoder();
  decoder.push(utf8("?\n\0BEGIN\n\n\0?\n\0COMMIT\n\n\0ABORT\n\n\0"));
  frames.push(decoder.next());
  assertEquals(frames.map((each) => each?.command), [
    "BEGIN",
    "COMMIT",
    "ABORT",
  ]);
});

test("stomp() takes an end of the stream inside a frame for an error, also where it skips", () => {
  for (const onInvalid of ["error", "skip"] as const) {
    for (
      const rest of ["SEND", "SEND\n\nbody", "SEND\ncontent-length:4\n\nbody"]
    ) {
      assertDecodes(() => stomp({ onInvalid }), utf8(`BEGIN\n\n\0${rest}`), {
        frames: [frame("BEGIN")],
        error: { code: "FRAME_TRUNCATED", offset: 8 },
      });
    }
  }
  assertDecodes(() => stomp({ onInvalid: "skip" }), utf8("HTTP/1.1\n"), {
    frames: [],
    error: { code: "FRAME_TRUNCATED", offset: 0 },
  });
});

test("stomp() holds whole frames to the limit in both directions", () => {
  const value = frame("SEND", { destination: "a" }, "body");
  const bytes = stomp().encode(value);
  const most = stomp({ maxFrameLength: bytes.length });
  assertDecodes(() => most, bytes, { frames: [value] });
  assertEquals(most.encode(value), bytes);
  for (const onInvalid of ["error", "skip"] as const) {
    const less = stomp({ maxFrameLength: bytes.length - 1, onInvalid });
    assertDecodes(() => less, bytes, {
      frames: [],
      error: { code: "FRAME_TOO_LARGE", offset: 0 },
    });
    const output = new ByteWriter();
    const error = frameError(() => less.encoder().encode(value, output));
    assertStrictEquals(error.code, "FRAME_TOO_LARGE");
    assertStrictEquals(output.length, 0);
  }
});

test("stomp() refuses to write what it would not read back", () => {
  const refused: readonly (readonly [StompFrame, string])[] = [
    [frame("HELLO" as StompCommand), "HEADER_INVALID"],
    [frame("SEND", { "": "a" }), "HEADER_INVALID"],
    [frame("SEND", { a: "\0" }), "HEADER_INVALID"],
    [frame("CONNECT", { "a:b": "c" }), "HEADER_INVALID"],
    [frame("CONNECT", { a: "b\nc:d" }), "HEADER_INVALID"],
    [frame("CONNECTED", { a: "b\r" }), "HEADER_INVALID"],
    [frame("SEND", {}, "a\0b"), "DELIMITER_IN_FRAME"],
    [frame("SEND", { "content-length": "2" }, "abc"), "LENGTH_INVALID"],
  ];
  for (const [value, code] of refused) {
    const output = new ByteWriter();
    const error = frameError(() => stomp().encoder().encode(value, output));
    assertStrictEquals(error.code, code);
    assertStrictEquals(error.offset, undefined);
    assertStrictEquals(output.length, 0);
  }
  assertThrows(
    () => stomp({ onInvalid: "ignore" as "skip" }),
    TypeError,
    "onInvalid",
  );
});

test("stomp() takes time linear in a frame that comes byte by byte", () => {
  const headers = "a:b\n".repeat(1 << 12);
  const bytes = utf8(`SEND\n${headers}\n${"c".repeat(1 << 14)}\0`);
  const { frame, work } = decodeByteByByte(stomp(), bytes);
  assertStrictEquals(frame?.body.length, 1 << 14);
  // For line feeds and for zero bytes.
  assertStrictEquals(work.scanned <= 3 * bytes.length, true);
});

// Laws

const anyFrame: fc.Arbitrary<StompFrame> = fc.tuple(
  fc.constantFrom<StompCommand>("SEND", "MESSAGE", "ERROR", "ACK"),
  fc.array(
    fc.tuple(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }),
      fc.string({ unit: fc.constantFrom("a", ":", "\n", "\r", "\\", "é") }),
    ).filter(([name]) => name !== "content-length" && !name.includes("\0")),
    { maxLength: 3 },
  ),
  fc.uint8Array({ maxLength: 20 }),
).map(([command, headers, body]) => ({
  command,
  headers: Object.fromEntries([
    ...headers,
    ...body.includes(0) ? [["content-length", `${body.length}`]] : [],
  ]),
  body,
}));

function decodeAll(
  options: StompOptions,
  chunks: readonly Uint8Array[],
): StompFrame[] {
  const decoder = stomp(options).decoder();
  const frames: StompFrame[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) frames.push(frame);
  }
  return frames;
}

test("stomp() gives back what was encoded, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(anyFrame, { maxLength: 4 }),
      fc.array(fc.nat(200)),
      (frames, cuts) => {
        const bytes = concat(frames.map((each) => stomp().encode(each)));
        assertEquals(decodeAll({}, cutAt(bytes, cuts)), frames);
      },
    ),
  );
});

test("stomp() loses a frame with a flipped bit and at most the one behind it", () => {
  const frames = [1, 2, 3, 4, 5].map((i) =>
    frame("SEND", { destination: `/queue/${i}` }, `body ${i}`)
  );
  const { length } = stomp().encode(frames[0]!);
  const whole = concat(frames.map((each) => stomp().encode(each)));
  for (let bit = 0; bit < 3 * length * 8; bit++) {
    const bytes = whole.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    let reports = 0;
    const got = decodeAll({
      onInvalid: "skip",
      onSkip: () => reports++,
    }, [bytes]);
    const hit = Math.floor((bit >> 3) / length);
    const others = frames.filter((_, i) => i !== hit && i !== hit + 1);
    const lost = others.filter((each) =>
      !got.some(({ body }) => `${body}` === `${each.body}`)
    );
    assertEquals(lost, [], `bit ${bit}`);
    assertStrictEquals(reports <= 2, true, `bit ${bit}`);
  }
});
