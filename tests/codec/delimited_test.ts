import { test } from "node:test";
import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  concat,
  equals,
  includesNeedle,
  indexOfNeedle,
  startsWith,
} from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  delimited,
  type DelimitedOptions,
  type FrameError,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt, everyCut, singleBytes } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const texts = (...list: string[]) => list.map(utf8);

// Finding the delimiter

test("delimited() cuts a stream at its delimiter", () => {
  assertDecodes(() => delimited({ delimiter: "\0" }), utf8("ab\0c\0"), {
    frames: texts("ab", "c"),
  });
});

test("delimited() takes bytes for a delimiter as well as text", () => {
  for (const delimiter of ["→", utf8("→"), Buffer.from("→")]) {
    assertDecodes(() => delimited({ delimiter }), utf8("1→2→"), {
      frames: texts("1", "2"),
    });
  }
});

test("delimited() is not changed by later changes to the bytes of its delimiter", () => {
  for (const delimiter of [hex("0a"), Buffer.from([10])]) {
    const codec = delimited({ delimiter });
    delimiter[0] = 0x61;
    assertEquals(codec.encode(utf8("x")), utf8("x\n"));
    assertEquals(codec.decode(utf8("a\n")), texts("a"));
  }
});

test("delimited() finds a delimiter of several bytes that is cut at every byte", () => {
  assertDecodes(
    () => delimited({ delimiter: "<end>" }),
    utf8("1<end>22<end><end>3<en<end>"),
    { frames: texts("1", "22", "", "3<en") },
  );
});

test("delimited() finds a delimiter behind a false start of itself", () => {
  const cases: [delimiter: string, input: string, frames: string[]][] = [
    ["aab", "aaab", ["a"]],
    ["aab", "aaaaabaab", ["aaa", ""]],
    ["abab", "aababxabab", ["a", "x"]],
    ["aa", "aaa\0aa", ["", "a\0"]],
    ["abcabd", "abcabcabd", ["abc"]],
  ];
  for (const [delimiter, input, frames] of cases) {
    assertDecodes(() => delimited({ delimiter }), utf8(input), {
      frames: texts(...frames),
    });
  }
});

test("delimited() lets the delimiter that begins first win", () => {
  assertDecodes(() => delimited({ delimiter: ["bc", "ab"] }), utf8("xabcbc"), {
    frames: texts("x", "c"),
  });
  assertDecodes(
    () => delimited({ delimiter: ["\n", "\r\n"] }),
    utf8("a\r\nb\n"),
    {
      frames: texts("a", "b"),
    },
  );
});

test("delimited() lets the longest of delimiters that begin together win", () => {
  const make = () => delimited({ delimiter: [";", "a", "ab", "abcd"] });
  assertDecodes(make, utf8("1a2ab3abcd4abc5;"), {
    frames: texts("1", "2", "3", "4", "c5"),
  });
});

test("delimited() settles for a shorter delimiter when the stream ends", () => {
  const make = () => delimited({ delimiter: [";", "a", "abcd"] });
  assertDecodes(make, utf8("1a"), { frames: texts("1") });
  assertDecodes(make, utf8("1aabc"), {
    frames: texts("1", ""),
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
  assertDecodes(make, utf8("1abca"), {
    frames: texts("1", "bc"),
  });
});

test("delimited() hands a frame out with the last byte of its delimiter", () => {
  for (const delimiter of ["\n", "\r\n", "aab"]) {
    const decoder = delimited({ delimiter }).decoder();
    for (const chunk of singleBytes(utf8(`12${delimiter}`))) {
      assertStrictEquals(decoder.next(), undefined);
      decoder.push(chunk);
    }
    assertEquals(decoder.next(), utf8("12"));
    assertStrictEquals(decoder.bufferedBytes, 0);
  }
});

test("delimited() does not wait for a longer delimiter that cannot come any more", () => {
  const decoder = delimited({ delimiter: [";", "a", "abc"] }).decoder();
  decoder.push(utf8("1a"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("b"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("x"));
  assertEquals(decoder.next(), utf8("1"));
  assertStrictEquals(decoder.bufferedBytes, 2);
});

test("delimited() takes zero-length frames for frames", () => {
  assertDecodes(
    () => delimited({ delimiter: "\r\n" }),
    utf8("\r\n\r\na\r\n\r\n"),
    {
      frames: texts("", "", "a", ""),
    },
  );
});

test("delimited() hands frames out with their delimiters when asked to", () => {
  assertDecodes(
    () => delimited({ delimiter: ["\n", "\r\n"], keepDelimiter: true }),
    utf8("a\r\nb\n\n"),
    { frames: texts("a\r\n", "b\n", "\n") },
  );
});

// Ends of the stream

test("delimited() adds no empty frame behind the last delimiter", () => {
  for (const truncated of ["error", "emit", "drop"] as const) {
    const make = () => delimited({ delimiter: "\r\n", truncated });
    assertDecodes(make, utf8("a\r\n"), { frames: texts("a") });
    assertDecodes(make, utf8(""), { frames: [] });
  }
});

test("delimited() refuses, hands out or drops a tail without a delimiter", () => {
  for (const tail of ["b", "b\r", "\r"]) {
    const bytes = utf8(`a\r\n${tail}`);
    const make = (truncated?: "error" | "emit" | "drop") => () =>
      delimited({ delimiter: "\r\n", ...(truncated && { truncated }) });
    const refused = {
      frames: texts("a"),
      error: { code: "FRAME_TRUNCATED", offset: 3 },
    };
    assertDecodes(make(), bytes, refused);
    assertDecodes(make("error"), bytes, refused);
    assertDecodes(make("emit"), bytes, { frames: texts("a", tail) });
    assertDecodes(make("drop"), bytes, { frames: texts("a") });
  }
});

test("delimited() says how long the frame without a delimiter was", () => {
  const error = frameError(() =>
    delimited({ delimiter: "\n" }).decode(utf8("ab\ncde"))
  );
  assertStrictEquals(
    error.message,
    "The stream ended inside a frame: expected a delimiter, got the end of the stream after 3 bytes, in the frame at byte offset 3",
  );
});

// Limits

test("delimited() limits frames to a mebibyte by default", () => {
  const codec = delimited({ delimiter: "\n" });
  const largest = new Uint8Array(2 ** 20);
  assertStrictEquals(codec.decode(codec.encode(largest))[0]?.length, 2 ** 20);
  const over = new Uint8Array(2 ** 20 + 1);
  assertStrictEquals(
    frameError(() => codec.encode(over)).code,
    "FRAME_TOO_LARGE",
  );
  assertStrictEquals(
    frameError(() => codec.decode(over)).code,
    "FRAME_TOO_LARGE",
  );
});

test("delimited() takes a frame at the limit and refuses one a byte over it", () => {
  for (const delimiter of ["\n", "\r\n", "<end>"]) {
    for (const keepDelimiter of [false, true]) {
      const codec = delimited({ delimiter, keepDelimiter, maxFrameLength: 3 });
      const kept = keepDelimiter ? delimiter : "";
      assertDecodes(() => codec, utf8(`abc${delimiter}abcd${delimiter}`), {
        frames: texts(`abc${kept}`),
        error: { code: "FRAME_TOO_LARGE", offset: 3 + delimiter.length },
      });
      assertEquals(codec.encode(utf8(`abc${kept}`)), utf8(`abc${delimiter}`));
      const error = frameError(() => codec.encode(utf8(`abcd${kept}`)));
      assertStrictEquals(error.code, "FRAME_TOO_LARGE");
      assertStrictEquals(error.got, "4 bytes");
    }
  }
});

test("delimited() does not find a frame too long whose delimiter has half arrived", () => {
  const decoder = delimited({ delimiter: "<end>", maxFrameLength: 3 })
    .decoder();
  decoder.push(utf8("abc<en"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("d>"));
  assertEquals(decoder.next(), utf8("abc"));
});

test("delimited() finds a frame too long as soon as it is", () => {
  const decoder = delimited({ delimiter: "<end>", maxFrameLength: 3 })
    .decoder();
  decoder.push(utf8("abc<en"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("x"));
  assertStrictEquals(
    frameError(() => decoder.next()).code,
    "FRAME_TOO_LARGE",
  );
});

test("delimited() may be limited to empty frames", () => {
  assertDecodes(
    () => delimited({ delimiter: "\r\n", maxFrameLength: 0 }),
    utf8("\r\n\r\na\r\n"),
    { frames: texts("", ""), error: { code: "FRAME_TOO_LARGE", offset: 4 } },
  );
});

test("delimited() holds a tail without a delimiter to the limit too", () => {
  for (const truncated of ["error", "emit", "drop"] as const) {
    const make = () =>
      delimited({ delimiter: "\r\n", maxFrameLength: 2, truncated });
    assertDecodes(make, utf8("ab\r\nab\r"), {
      frames: texts("ab"),
      error: { code: "FRAME_TOO_LARGE", offset: 4 },
    });
  }
});

test("delimited() keeps nothing of what follows a frame over the limit", () => {
  const decoder = delimited({ delimiter: "\n", maxFrameLength: 10 }).decoder();
  decoder.push(utf8("abcdefghijk"));
  assertThrows(() => decoder.next());
  for (let i = 0; i < 100; i++) decoder.push(new Uint8Array(65_536));
  assertLessOrEqual(decoder.bufferedBytes, 11);
});

// Skipping

const skipping =
  (options: DelimitedOptions) => (onSkip: (error: FrameError) => void) =>
    delimited({ ...options, onOversize: "skip", onSkip });

test("delimited() passes over frames over the limit when asked to", () => {
  for (const delimiter of ["\n", "\r\n", "--+--", "aab"]) {
    const bytes = utf8(
      ["12", "1234", "56", "", "12345", "1234", "78", ""].join(delimiter),
    );
    const second = 2 + delimiter.length;
    const fifth = second + 4 + 2 + 3 * delimiter.length;
    assertDecodes(skipping({ delimiter, maxFrameLength: 3 }), bytes, {
      frames: texts("12", "56", "", "78"),
      skipped: [second, fifth, fifth + 5 + delimiter.length],
    });
  }
});

test("delimited() passes over a frame that ends in false starts of its delimiter", () => {
  assertDecodes(
    skipping({ delimiter: "aab", maxFrameLength: 2 }),
    utf8("xyzaaaabaaaab1aab"),
    { frames: texts("aa", "1"), skipped: [0] },
  );
});

test("delimited() passes over the delimiter of a skipped frame also where frames keep theirs", () => {
  assertDecodes(
    skipping({ delimiter: "\r\n", maxFrameLength: 1, keepDelimiter: true }),
    utf8("abc\r\nd\r\n"),
    { frames: texts("d\r\n"), skipped: [0] },
  );
});

test("delimited() ends inside a skipped frame as its policy says", () => {
  const bytes = utf8("a\r\nabcdef\r");
  const make = (truncated: "error" | "emit" | "drop") =>
    skipping({ delimiter: "\r\n", maxFrameLength: 3, truncated });
  assertDecodes(make("error"), bytes, {
    frames: texts("a"),
    skipped: [3],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
  for (const policy of ["emit", "drop"] as const) {
    assertDecodes(make(policy), bytes, { frames: texts("a"), skipped: [3] });
  }
});

test("delimited() reports the end inside a skipped frame alike under every cut", () => {
  const bytes = utf8("a\r\nabcdef\r");
  const make = skipping({ delimiter: "\r\n", maxFrameLength: 3 });
  const whole = runDecoder(make, [bytes]);
  for (const { name, chunks } of everyCut(bytes)) {
    assertEquals(runDecoder(make, chunks), whole, name);
    assertEquals(runDecoder(make, chunks, true), whole, name);
  }
});

test("delimited() holds no more than part of a delimiter of a frame that it passes over", () => {
  let skipped = 0;
  const decoder = delimited({
    delimiter: "\r\n",
    onOversize: "skip",
    onSkip: () => skipped++,
    maxFrameLength: 100,
  }).decoder();
  const chunk = utf8(`${"x".repeat(999)}\r`);
  for (let i = 0; i < 100; i++) {
    decoder.push(chunk);
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.bufferedBytes, 1);
  }
  decoder.push(utf8("\nabc\r\n"));
  assertEquals(decoder.next(), utf8("abc"));
  assertStrictEquals(skipped, 1);
});

// Encoding

test("delimited() encodes with the first of its delimiters", () => {
  const codec = delimited({ delimiter: ["\r\n", "\n", ";"] });
  assertEquals(codec.encode(utf8("ab")), utf8("ab\r\n"));
  assertEquals(codec.encode(utf8("")), utf8("\r\n"));
});

test("delimited() encodes frames given with any of their delimiters as they are", () => {
  const codec = delimited({ delimiter: ["\r\n", "\n"], keepDelimiter: true });
  for (const frame of ["ab\r\n", "ab\n", "\n", "a\rb\n"]) {
    assertEquals(codec.encode(utf8(frame)), utf8(frame));
  }
});

/** Asserts that a frame is refused and nothing written. */
function assertRefuses(options: DelimitedOptions, frame: string): FrameError {
  const output = new ByteWriter();
  output.write(hex("ff 0a"));
  const encoder = delimited(options).encoder();
  const error = frameError(() => encoder.encode(utf8(frame), output));
  assertEquals(output.view(), hex("ff 0a"));
  assertStrictEquals(error.offset, undefined);
  return error;
}

test("delimited() refuses to encode a frame with a delimiter in it and writes nothing", () => {
  const cases: [DelimitedOptions["delimiter"], string[]][] = [
    ["\n", ["\n", "a\nb", "a\n"]],
    ["\r\n", ["\r\n", "a\r\nb"]],
    [["\n", "\r\n"], ["a\nb", "a\r", "\r"]],
    [["\n", ";"], ["a;b", ";"]],
    // Together with the delimiter behind it, the end of the frame is another.
    ["aa", ["a", "ba"]],
    ["aab", ["xaa\0aab"]],
    ["abab", ["ab", "xab"]],
    [["b", "ab"], ["xa"]],
  ];
  for (const [delimiter, frames] of cases) {
    for (const frame of frames) {
      const { code } = assertRefuses({ delimiter }, frame);
      assertStrictEquals(code, "DELIMITER_IN_FRAME");
    }
  }
});

test("delimited() encodes frames that hold no more than parts of a delimiter", () => {
  const cases: [DelimitedOptions["delimiter"], string[]][] = [
    ["\r\n", ["\r", "a\rb", "\n", "\n\r"]],
    ["aab", ["a", "aa", "ab", "ba"]],
    [["\n", "\r\n"], ["a\rb"]],
  ];
  for (const [delimiter, frames] of cases) {
    const codec = delimited({ delimiter });
    const bytes = concat(frames.map((frame) => codec.encode(utf8(frame))));
    assertDecodes(() => codec, bytes, { frames: texts(...frames) });
  }
});

test("delimited() refuses to encode a frame whose end could become a delimiter with the next frame", () => {
  // With "a" in one frame and "b" in the next, "a\nb" would be read as one.
  const { code } = assertRefuses({ delimiter: ["\n", "a\nb"] }, "a");
  assertStrictEquals(code, "DELIMITER_IN_FRAME");
  // "1a" and "b\n" would be read as "1ab" and "\n".
  const kept = assertRefuses(
    { delimiter: ["\n", "a", "ab"], keepDelimiter: true },
    "1a",
  );
  assertStrictEquals(kept.code, "DELIMITER_IN_FRAME");
});

test("delimited() refuses to encode a frame that does not end with its only delimiter", () => {
  const options = { delimiter: ["\r\n", "\n"], keepDelimiter: true };
  for (const frame of ["", "a", "a\r", "a\nb", "a\nb\n", "\n\n"]) {
    const { code } = assertRefuses(options, frame);
    assertStrictEquals(code, "DELIMITER_IN_FRAME");
  }
});

test("delimited() says where in a frame the delimiter is", () => {
  assertStrictEquals(
    assertRefuses({ delimiter: "\n" }, "ab\nc").message,
    "The frame contains a delimiter: expected no delimiter before the end, got one at byte 2",
  );
  assertStrictEquals(
    assertRefuses({ delimiter: "\n", keepDelimiter: true }, "abc").got,
    "none",
  );
});

test("delimited() measures a frame to encode without its delimiter", () => {
  const options = { delimiter: "\r\n", maxFrameLength: 2 };
  assertStrictEquals(assertRefuses(options, "abc").code, "FRAME_TOO_LARGE");
  assertStrictEquals(
    assertRefuses({ ...options, keepDelimiter: true }, "abc\r\n").code,
    "FRAME_TOO_LARGE",
  );
  assertEquals(
    delimited({ ...options, keepDelimiter: true }).encode(utf8("ab\r\n")),
    utf8("ab\r\n"),
  );
});

test("delimited() copies nothing of a frame to encode that is over the limit", () => {
  const encoder = delimited({ delimiter: "\n", maxFrameLength: 10 }).encoder();
  const output = new ByteWriter();
  const frame = new Uint8Array(1 << 20);
  const work = countWork(() => {
    frameError(() => encoder.encode(frame, output));
  });
  assertStrictEquals(work.copied, 0);
  assertStrictEquals(work.allocated, 0);
});

// Work

test("delimited() looks at no byte twice in a frame that comes byte by byte", () => {
  for (
    const delimiter of ["\n", "\r\n", ["\n", "\r\n"], ["\n", "\0", "<end>"]]
  ) {
    for (const length of [1 << 10, 1 << 14]) {
      const codec = delimited({ delimiter });
      const chunks = singleBytes(codec.encode(new Uint8Array(length).fill(97)));
      const decoder = codec.decoder();
      let frame: Uint8Array | undefined;
      const work = countWork(() => {
        for (const chunk of chunks) {
          decoder.push(chunk);
          frame = decoder.next();
        }
      });
      const count = chunks.length * 3;
      assertStrictEquals(frame?.length, length);
      assertLessOrEqual(work.scanned, count);
      assertLessOrEqual(work.read, 2 * count);
      assertLessOrEqual(work.copied, count);
      assertLessOrEqual(work.largestAllocation, 2 * chunks.length);
    }
  }
});

test("delimited() looks at no byte twice when one delimiter is frequent and another far away", () => {
  const decoder = delimited({ delimiter: ["\n", "\0"] }).decoder();
  const chunk = new Uint8Array(1 << 12).fill(10);
  let count = 0;
  const work = countWork(() => {
    for (let i = 0; i < 4; i++) {
      decoder.push(chunk);
      while (decoder.next() !== undefined) count++;
    }
  });
  assertStrictEquals(count, 4 << 12);
  assertLessOrEqual(work.scanned, 4 << 12);
  assertLessOrEqual(work.read, 16 << 12);
  assertStrictEquals(work.copied, 0);
});

test("delimited() takes time linear in a frame full of false starts", () => {
  const length = 1 << 14;
  const decoder = delimited({ delimiter: "aaab" }).decoder();
  const chunks = singleBytes(utf8(`${"a".repeat(length)}b`));
  let frame: Uint8Array | undefined;
  const work = countWork(() => {
    for (const chunk of chunks) {
      decoder.push(chunk);
      frame = decoder.next();
    }
  });
  assertStrictEquals(frame?.length, length - 3);
  assertLessOrEqual(work.scanned + work.read, 16 * length);
});

// Options

test("delimited() refuses delimiters that are none", () => {
  for (const delimiter of ["", hex(""), [], ["\n", ""]]) {
    assertThrows(
      () => delimited({ delimiter }),
      TypeError,
      "Cannot use delimiter",
    );
  }
});

test("delimited() refuses a first delimiter that is the beginning of another", () => {
  assertThrows(
    () => delimited({ delimiter: ["a", "ab"] }),
    TypeError,
    "must not be the beginning of another",
  );
  delimited({ delimiter: ["ab", "a"] });
  delimited({ delimiter: ["a", "a", "b"] });
});

test("delimited() refuses a limit and policies that are none", () => {
  for (const maxFrameLength of [-1, 0.5, NaN, Infinity]) {
    assertThrows(
      () => delimited({ delimiter: "\n", maxFrameLength }),
      RangeError,
      "Cannot use maxFrameLength",
    );
  }
  for (const options of [{ truncated: "keep" }, { onOversize: "drop" }]) {
    assertThrows(
      () => delimited({ delimiter: "\n", ...options } as DelimitedOptions),
      TypeError,
      "Cannot use",
    );
  }
});

// Laws

// Few different bytes, so that delimiters overlap themselves and each other.
const byte = fc.constantFrom(0x61, 0x62, 0x0a);
const word = (constraints: fc.ArrayConstraints) =>
  fc.array(byte, constraints).map((bytes) => Uint8Array.from(bytes));

const delimiters = fc.array(word({ minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 4,
}).filter(([first, ...others]) =>
  others.every((one) => equals(one, first!) || !startsWith(one, first!))
);

const formats = fc.record({
  delimiter: delimiters,
  keepDelimiter: fc.boolean(),
  maxFrameLength: fc.oneof(fc.nat(6), fc.constant(100)),
  truncated: fc.constantFrom(
    "error" as const,
    "emit" as const,
    "drop" as const,
  ),
  onOversize: fc.constantFrom("error" as const, "skip" as const),
  copy: fc.boolean(),
});

type Format = typeof formats extends fc.Arbitrary<infer T> ? T : never;

/** Decodes a whole input slowly: looks for every delimiter at every frame. */
function referenceDecode(bytes: Uint8Array, format: Format) {
  const { delimiter, keepDelimiter, maxFrameLength, truncated } = format;
  const frames: Uint8Array[] = [];
  const skipped: number[] = [];
  let offset = 0;
  const end = (code: string) => ({ frames, skipped, error: { code, offset } });
  while (offset < bytes.length) {
    let at = -1;
    let length = 0;
    for (const one of delimiter) {
      const found = indexOfNeedle(bytes, one, offset);
      if (found < 0) continue;
      if (at < 0 || found < at || (found === at && one.length > length)) {
        at = found;
        length = one.length;
      }
    }
    const frame = bytes.slice(offset, at < 0 ? bytes.length : at);
    const tooLarge = frame.length > maxFrameLength;
    if (tooLarge && format.onOversize === "error") {
      return end("FRAME_TOO_LARGE");
    }
    if (tooLarge) skipped.push(offset);
    if (at < 0) {
      if (truncated === "error") return end("FRAME_TRUNCATED");
      if (truncated === "emit" && !tooLarge) frames.push(frame);
      break;
    }
    const next = at + length;
    if (!tooLarge) {
      frames.push(keepDelimiter ? bytes.slice(offset, next) : frame);
    }
    offset = next;
  }
  return { frames, skipped };
}

test("delimited() decodes arbitrary bytes like a plain search, under every cut", () => {
  fc.assert(
    fc.property(formats, word({ maxLength: 40 }), (format, bytes) => {
      assertDecodes(
        (onSkip) => delimited({ ...format, onSkip }),
        bytes,
        referenceDecode(bytes, format),
      );
    }),
    { numRuns: 200 },
  );
});

test("delimited() gives back what was encoded, whatever its delimiters and cuts", () => {
  fc.assert(
    fc.property(
      formats,
      fc.array(word({ maxLength: 8 }), { maxLength: 6 }),
      fc.array(fc.nat(60)),
      (format, given, indices) => {
        const { delimiter, keepDelimiter } = format;
        const codec = delimited(format);
        const encoder = codec.encoder();
        const output = new ByteWriter();
        const frames: Uint8Array[] = [];
        for (const [i, frame] of given.entries()) {
          const ending = delimiter[i % delimiter.length]!;
          const whole = keepDelimiter ? concat([frame, ending]) : frame;
          const before = output.view().slice();
          try {
            encoder.encode(whole, output);
            frames.push(whole);
          } catch (error) {
            frameError(() => {
              throw error;
            });
            assert(equals(output.view(), before), "nothing was written");
          }
        }
        const bytes = output.take();
        for (const chunks of [[bytes], cutAt(bytes, indices)]) {
          assertEquals(runDecoder(() => codec, chunks), {
            frames,
            skipped: [],
            error: undefined,
          });
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("delimited() refuses no frame that any decoder would give back", () => {
  fc.assert(
    fc.property(formats, word({ maxLength: 8 }), (format, frame) => {
      const { delimiter, maxFrameLength, keepDelimiter } = format;
      const first = delimiter[0]!;
      const given = keepDelimiter ? concat([frame, first]) : frame;
      const clean = frame.length <= maxFrameLength &&
        // No byte of a delimiter occurs in it, so that nothing can begin there.
        delimiter.every((one) =>
          !one.some((byte) => includesNeedle(frame, Uint8Array.of(byte)))
        );
      fc.pre(clean);
      assertEquals(
        delimited(format).encode(given),
        concat([frame, first]),
      );
    }),
  );
});

// Empty frames

test("delimited() leaves empty frames out when asked to", () => {
  for (const keepDelimiter of [false, true]) {
    const end = keepDelimiter ? "\r\n" : "";
    assertDecodes(
      () =>
        delimited({
          delimiter: ["\r\n", "\n"],
          skipEmpty: true,
          keepDelimiter,
          truncated: "emit",
        }),
      utf8("\n\r\na\r\n\r\n\n\r\nb\r\n\n"),
      { frames: texts(`a${end}`, `b${end}`) },
    );
  }
});

test("delimited() reports no empty frame, and says where the next one begins", () => {
  assertDecodes(
    (onSkip) =>
      delimited({
        delimiter: "\n",
        skipEmpty: true,
        maxFrameLength: 2,
        onOversize: "skip",
        onSkip,
      }),
    utf8("\n\nabc\n\n\na\n\nb"),
    {
      frames: texts("a"),
      skipped: [2],
      error: { code: "FRAME_TRUNCATED", offset: 11 },
    },
  );
  const decoder = delimited({ delimiter: "\n", skipEmpty: true }).decoder();
  decoder.push(utf8("\n\n\n"));
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.pendingBytes, 0);
});

test("delimited() refuses to write an empty frame that its decoder would leave out", () => {
  const options = { delimiter: ["\n", "\r\n"], skipEmpty: true };
  assertStrictEquals(
    frameError(() => delimited(options).encode(utf8(""))).code,
    "LENGTH_INVALID",
  );
  for (const frame of ["", "\n", "\r\n"]) {
    assertStrictEquals(
      frameError(() =>
        delimited({ ...options, keepDelimiter: true }).encode(utf8(frame))
      ).code,
      "LENGTH_INVALID",
    );
  }
  for (
    const [frame, keepDelimiter] of [["\n", false], ["\n\n", true]] as const
  ) {
    assertStrictEquals(
      frameError(() =>
        delimited({ ...options, keepDelimiter }).encode(utf8(frame))
      ).code,
      "DELIMITER_IN_FRAME",
    );
  }
});
