import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  type Codec,
  contentLength,
  type ContentLengthFrame,
  type ContentLengthInput,
  type ContentLengthOptions,
  FrameError,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const hi = utf8("HI");
const first = "Content-Length: 2\r\n\r\nHI";

/** Asserts that what stands behind a good frame is refused, however it is cut. */
function assertRefused(
  rest: string | Uint8Array,
  code: string,
  options: ContentLengthOptions = {},
): void {
  for (const onOversize of ["error", "skip"] as const) {
    assertDecodes(
      () => contentLength({ ...options, headers: false, onOversize }),
      concat([utf8(first), typeof rest === "string" ? utf8(rest) : rest]),
      { frames: [hi], error: { code, offset: first.length } },
    );
  }
}

// Layouts

test("contentLength() reads and writes the example of the LSP specification", () => {
  const body = utf8(
    '{"jsonrpc":"2.0","id":1,"method":"textDocument/completion","params":{}}',
  );
  const bytes = concat([
    utf8(`Content-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
  assertEquals(contentLength().encode(body), bytes);
  assertDecodes(() => contentLength(), concat([bytes, utf8(first), bytes]), {
    frames: [body, hi, body],
  });
});

test("contentLength() counts bytes, not characters", () => {
  assertStrictEquals(
    new TextDecoder().decode(contentLength().encode(utf8('"世界"'))),
    'Content-Length: 8\r\n\r\n"世界"',
  );
});

test("contentLength() takes header names in any case, and any other headers", () => {
  for (
    const header of [
      "content-length: 2",
      "CONTENT-LENGTH: 2",
      "Content-Length:2",
      "Content-Length: \t 2 \t",
      "Content-Length: 0002",
      "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2",
      "Content-Length: 2\r\nContent-Type:",
      "Content-Length: 2\r\nX: a:b: c\r\nX: a:b: c",
    ]
  ) {
    assertDecodes(() => contentLength(), utf8(`${header}\r\n\r\nHI${first}`), {
      frames: [hi, hi],
    });
  }
});

test("contentLength() takes empty bodies", () => {
  assertDecodes(
    () => contentLength(),
    utf8("Content-Length: 0\r\n\r\n" + first),
    {
      frames: [hex(""), hi],
    },
  );
  assertEquals(
    contentLength().encode(hex("")),
    utf8("Content-Length: 0\r\n\r\n"),
  );
});

test("contentLength() hands out headers by their names in lower case", () => {
  const bytes = utf8(
    "Content-Type: text/json\r\nX-Trace:  a  b \r\nCONTENT-LENGTH: 02\r\n" +
      "x-trace: c\r\nx-empty:\r\n\r\nHI",
  );
  assertDecodes(() => contentLength({ headers: true }), bytes, {
    frames: [{
      headers: {
        "content-type": "text/json",
        "x-trace": "a  b, c",
        "content-length": "02",
        "x-empty": "",
      },
      body: hi,
    }],
  });
});

test("contentLength() writes headers behind the length, and the length itself", () => {
  const codec = contentLength({ headers: true });
  const headers = { "Content-Length": "99", "X-Trace": "a b", "x": "" };
  const bytes = codec.encode({ headers, body: hi });
  assertStrictEquals(
    new TextDecoder().decode(bytes),
    "Content-Length: 2\r\nX-Trace: a b\r\nx: \r\n\r\nHI",
  );
  assertEquals(codec.encode({ body: hi }), utf8(first));
  const [frame] = codec.decode(bytes);
  assertEquals(codec.decode(codec.encode(frame!)), [frame!]);
});

test("contentLength() has the types that its options ask for", () => {
  const bodies: Codec<Uint8Array> = contentLength();
  const alsoBodies: Codec<Uint8Array> = contentLength({ headers: false });
  const frames: Codec<ContentLengthInput, ContentLengthFrame> = contentLength({
    headers: true,
  });
  for (const { name } of [bodies, alsoBodies, frames]) {
    assertStrictEquals(name, "contentLength");
  }
});

test("contentLength() is not harmed by a header named __proto__", () => {
  const codec = contentLength({ headers: true });
  const bytes = utf8("__proto__: a\r\nconstructor: b\r\n" + first);
  const [frame] = codec.decode(bytes);
  const { headers } = frame!;
  assertEquals(Object.entries(headers), [
    ["__proto__", "a"],
    ["constructor", "b"],
    ["content-length", "2"],
  ]);
  assertStrictEquals(Object.getPrototypeOf(headers), Object.prototype);
  assertEquals(codec.decode(codec.encode(frame!)).length, 1);
});

// Headers that are none

test("contentLength() refuses a length that is not written in digits", () => {
  const lengths = [
    "-1",
    "+5",
    "12abc",
    "abc",
    "",
    " ",
    "1.0",
    "1e3",
    "0x10",
    "1 2",
    "2, 2",
    "٣",
    "Infinity",
  ];
  for (const length of lengths) {
    const code = length === "٣" ? "HEADER_INVALID" : "LENGTH_INVALID";
    assertRefused(`Content-Length: ${length}\r\n\r\nHI`, code);
  }
  const error = frameError(() =>
    contentLength().decode(utf8("Content-Length: 12abc\r\n\r\n"))
  );
  assertStrictEquals(
    error.message,
    'The length is not a number: expected decimal digits, got "12abc", in the frame at byte offset 0',
  );
});

test("contentLength() refuses a header without a length", () => {
  for (
    const header of [
      "\r\n",
      "Content-Type: a\r\n\r\n",
      "Content-Lengths: 2\r\n\r\n",
    ]
  ) assertRefused(`${header}HI`, "LENGTH_INVALID");
});

test("contentLength() refuses a second length, also an equal one", () => {
  for (const second of ["Content-Length: 2", "content-length: 3"]) {
    assertRefused(`Content-Length: 2\r\n${second}\r\n\r\nHI`, "HEADER_INVALID");
  }
});

test("contentLength() refuses lines that could be read in two ways", () => {
  const lines = [
    "no colon",
    ": no name",
    "Content-Length : 2",
    " Content-Length: 2",
    "X: a\r\n folded: 2",
    "X: a\r\n\tfolded",
    "X y: a",
    "(x): a",
    "X\u00e4: a",
    "X: \u00e4",
    "X: a\0",
    "X: a\rb",
    "X: a\x0b",
    "X: a\x7f",
    "X: a\r",
    "Content-Length: 2\r",
    "Content-Length: 2\x0b",
    "\ufeffContent-Length: 2",
    "GET / HTTP/1.1",
  ];
  for (const line of lines) {
    assertRefused(`${line}\r\n\r\nHI`, "HEADER_INVALID");
  }
  assertRefused(concat([utf8("X: "), hex("ff 0d0a 0d0a")]), "HEADER_INVALID");
});

test("contentLength() refuses a line that ends with a bare line feed", () => {
  assertRefused("Content-Length: 2\n\nHI", "HEADER_INVALID");
  assertRefused("Content-Length: 2\r\n\nHI", "HEADER_INVALID");
  assertRefused("\nContent-Length: 2\r\n\r\n", "HEADER_INVALID");
  // The carriage return before it belongs to a body.
  assertDecodes(
    () => contentLength(),
    utf8("Content-Length: 1\r\n\r\n\r\nContent-Length: 1\r\n\r\n"),
    { frames: [utf8("\r")], error: { code: "HEADER_INVALID", offset: 22 } },
  );
});

test("contentLength() refuses a line as soon as it is there", () => {
  for (
    const [line, code] of [
      ["{}\n", "HEADER_INVALID"],
      ["no colon\r\n", "HEADER_INVALID"],
      ["Content-Length: -1\r\n", "LENGTH_INVALID"],
    ]
  ) {
    const decoder = contentLength().decoder();
    decoder.push(utf8(line!));
    assertStrictEquals(frameError(() => decoder.next()).code, code);
  }
});

// Limits

test("contentLength() holds bodies to the limit in both directions", () => {
  const codec = contentLength({ maxFrameLength: 2 });
  for (
    const length of ["3", "4000000000", "9007199254740993", "9".repeat(400)]
  ) {
    assertDecodes(
      () => codec,
      utf8(`${first}Content-Length: ${length}\r\n\r\n`),
      {
        frames: [hi],
        error: { code: "FRAME_TOO_LARGE", offset: first.length },
      },
    );
  }
  assertEquals(codec.encode(hi), utf8(first));
  assertThrows(() => codec.encode(utf8("HI!")), FrameError, "too large");
});

test("contentLength() passes over bodies over the limit when asked to", () => {
  assertDecodes(
    (onSkip) =>
      contentLength({ maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8(`Content-Length: 3\r\n\r\nabc${first}Content-Length: 70\r\n\r\n`),
    {
      frames: [hi],
      skipped: [0, 24 + first.length],
      error: { code: "FRAME_TRUNCATED", offset: 24 + first.length },
    },
  );
});

test("contentLength() holds headers to a limit of their own in both directions", () => {
  const header = "Content-Length: 2\r\n\r\n";
  const maxHeaderLength = header.length;
  const codec = contentLength({ maxHeaderLength });
  assertEquals(codec.encode(hi), utf8(first));
  assertDecodes(() => codec, utf8(first), { frames: [hi] });
  const more = utf8("Content-Length: 02\r\n\r\nHI");
  assertRefused(more, "FRAME_TOO_LARGE", { maxHeaderLength });
  const output = new ByteWriter();
  const error = frameError(() =>
    codec.encoder().encode(new Uint8Array(10), output)
  );
  assertStrictEquals(
    error.message,
    "The header is too large: expected at most 21 bytes (maxHeaderLength), got 22 bytes",
  );
  assertStrictEquals(output.length, 0);
});

test("contentLength() refuses a header without end at its limit", () => {
  const endless = [
    "x".repeat(300),
    "X: a\r\n".repeat(50),
    "Content-Length: 2\r\n" + "X: a\r\n".repeat(50),
    "\r".repeat(300),
  ];
  for (const rest of endless) {
    for (const maxHeaderLength of [21, 64, 100]) {
      assertRefused(rest, "FRAME_TOO_LARGE", { maxHeaderLength });
    }
  }
  const decoder = contentLength().decoder();
  const byte = utf8("x");
  for (let i = 0; i < 8191; i++) {
    decoder.push(byte);
    assertStrictEquals(decoder.next(), undefined);
  }
  decoder.push(byte);
  assertStrictEquals(frameError(() => decoder.next()).code, "FRAME_TOO_LARGE");
});

test("contentLength() refuses options that are out of range", () => {
  for (const maxHeaderLength of [0, -1, 0.5, NaN]) {
    assertThrows(() => contentLength({ maxHeaderLength }), RangeError);
  }
  assertThrows(() => contentLength({ maxFrameLength: -1 }), RangeError);
});

// Ends of the stream

test("contentLength() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => contentLength(), hex(""), { frames: [] });
  for (let length = 1; length < first.length; length++) {
    const { error, frames } = runDecoder(
      () => contentLength(),
      [utf8(first + first.slice(0, length))],
    );
    assertStrictEquals(error?.code, "FRAME_TRUNCATED", `${length}`);
    assertStrictEquals(error?.offset, first.length);
    assertEquals(frames, [hi]);
  }
  assertRefused("Content-Length: 3\r\n\r\n", "FRAME_TRUNCATED");
});

// The encoder

test("contentLength() refuses to write headers that are none", () => {
  const encoder = contentLength({ headers: true }).encoder();
  const output = new ByteWriter();
  const wrong: Record<string, string>[] = [
    { "": "a" },
    { "X:": "a" },
    { "X Y": "a" },
    { "X\r\nY": "a" },
    { "X\u00e4": "a" },
    { X: "a\r\nContent-Length: 5" },
    { X: "a\n" },
    { X: "a\r" },
    { X: "a\0" },
    { X: "\u00e4" },
  ];
  for (const headers of wrong) {
    const error = frameError(() =>
      encoder.encode({ headers, body: hi }, output)
    );
    assertStrictEquals(error.code, "HEADER_INVALID");
    assertStrictEquals(output.length, 0);
  }
});

// Work

test("contentLength() takes time linear in a header and a body that come byte by byte", () => {
  const length = 1 << 16;
  const codec = contentLength({ headers: true, maxHeaderLength: 1 << 17 });
  const body = new Uint8Array(length);
  const headers = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`x-${i}`, "y".repeat(20)]),
  );
  const bytes = codec.encode({ headers, body });
  const { frame, work } = decodeByteByByte(codec, bytes);
  assertStrictEquals(frame?.body.length, length);
  assertLessOrEqual(work.scanned, bytes.length);
  assertLessOrEqual(work.read, bytes.length);
});

test("contentLength() keeps no room for what a length announces", () => {
  const decoder = contentLength({ maxFrameLength: 2 ** 40 }).decoder();
  const work = countWork(() => {
    decoder.push(utf8("Content-Length: 1000000000000\r\n\r\n"));
    for (let i = 0; i < 100; i++) {
      assertStrictEquals(decoder.next(), undefined);
      decoder.push(hex("41"));
    }
  });
  assertLessOrEqual(work.largestAllocation, 2 * 133);
});

// Laws

test("contentLength() gives back what was encoded, however it is cut", () => {
  const token = fc.string({
    unit: fc.constantFrom(..."abcxyz019-_."),
    minLength: 1,
    maxLength: 8,
  });
  const value = fc.string({ unit: fc.constantFrom(..."ab :;,\t=") })
    .map((value) => value.trim());
  const frame = fc.record({
    headers: fc.dictionary(token, value, {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    body: fc.uint8Array({ maxLength: 20 }),
  });
  fc.assert(fc.property(
    fc.array(frame, { maxLength: 4 }),
    fc.array(fc.nat(500)),
    (frames, indices) => {
      const codec = contentLength({ headers: true });
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames: frames.map(({ headers, body }) => ({
          headers: { ...headers, "content-length": `${body.length}` },
          body,
        })),
        skipped: [],
        error: undefined,
      });
      assertEquals(
        contentLength().decode(bytes),
        frames.map(({ body }) => body),
      );
    },
  ));
});
