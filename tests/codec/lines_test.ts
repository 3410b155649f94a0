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
  delimited,
  FrameError,
  lines,
  type LinesOptions,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt, singleBytes } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

// Line ends

test("lines() takes both line ends, mixed and however they are cut", () => {
  assertDecodes(() => lines(), utf8("one\r\ntwo\nthree\r\n\r\n\n"), {
    frames: ["one", "two", "three", "", ""],
  });
});

test("lines() leaves a lone carriage return in the line", () => {
  assertDecodes(() => lines(), utf8("a\rb\r\r\nc\n\rd\n"), {
    frames: ["a\rb\r", "c", "\rd"],
  });
});

test("lines() takes no other character for a line end", () => {
  const line = "a\u0085b\u2028c\u2029d\v\fe\0";
  assertDecodes(() => lines(), utf8(`${line}\n`), { frames: [line] });
});

test("lines() hands a line out with its line feed", () => {
  const decoder = lines().decoder();
  decoder.push(utf8("a\r"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("\n"));
  assertStrictEquals(decoder.next(), "a");
  assertStrictEquals(decoder.bufferedBytes, 0);
});

// Ends of the stream

test("lines() hands out a last line that has no line end", () => {
  assertDecodes(() => lines(), utf8("a\nb"), { frames: ["a", "b"] });
  assertDecodes(() => lines(), utf8("a\nb\r"), { frames: ["a", "b\r"] });
  assertDecodes(() => lines(), utf8("\r"), { frames: ["\r"] });
});

test("lines() adds no empty line behind the last line end", () => {
  assertDecodes(() => lines(), utf8("a\n"), { frames: ["a"] });
  assertDecodes(() => lines(), utf8("a\r\n"), { frames: ["a"] });
  assertDecodes(() => lines(), utf8("\n"), { frames: [""] });
  assertDecodes(() => lines(), utf8(""), { frames: [] });
});

test("lines() refuses or drops a last line without a line end when asked to", () => {
  assertDecodes(() => lines({ truncated: "error" }), utf8("a\r\nb"), {
    frames: ["a"],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
  assertDecodes(() => lines({ truncated: "drop" }), utf8("a\r\nb"), {
    frames: ["a"],
  });
});

// Text

test("lines() joins characters that are cut", () => {
  assertDecodes(() => lines(), utf8("äß→\n𝄞😀\r\n"), {
    frames: ["äß→", "𝄞😀"],
  });
});

test("lines() keeps a byte order mark", () => {
  assertDecodes(() => lines(), utf8("\ufeffa\n\ufeffb\n"), {
    frames: ["\ufeffa", "\ufeffb"],
  });
  assertDecodes(() => lines({ fatal: true }), utf8("\ufeffa\n"), {
    frames: ["\ufeffa"],
  });
});

test("lines() replaces bytes that are not UTF-8", () => {
  assertDecodes(() => lines(), hex("61 ff 62 0a c3 0a e2 86 0a 63 0a"), {
    frames: ["a\ufffdb", "\ufffd", "\ufffd", "c"],
  });
});

test("lines() refuses bytes that are not UTF-8 when asked to", () => {
  assertDecodes(
    () => lines({ fatal: true }),
    hex("61 0a c3 a4 0a 62 ff 0a 63 0a"),
    {
      frames: ["a", "ä"],
      error: { code: "TEXT_INVALID", offset: 5 },
    },
  );
  assertDecodes(() => lines({ fatal: true }), hex("61 0d 0a e2 86"), {
    frames: ["a"],
    error: { code: "TEXT_INVALID", offset: 3 },
  });
});

test("lines() gives the reason why a text is invalid", () => {
  const error = frameError(() => lines({ fatal: true }).decode(hex("ff 0a")));
  assertStrictEquals(
    error.message,
    "The line is not valid text: expected UTF-8, got other bytes, in the frame at byte offset 0",
  );
  assertStrictEquals(error.cause instanceof TypeError, true);
});

// Limits

test("lines() counts the bytes of a line, without its line end", () => {
  const codec = lines({ maxFrameLength: 4 });
  for (const end of ["\n", "\r\n"]) {
    assertDecodes(() => codec, utf8(`ää${end}abcd${end}äää${end}`), {
      frames: ["ää", "abcd"],
      error: { code: "FRAME_TOO_LARGE", offset: 8 + 2 * end.length },
    });
  }
  assertEquals(codec.encode("ää"), utf8("ää\n"));
  const error = frameError(() => codec.encode("äää"));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertStrictEquals(error.got, "6 bytes");
});

test("lines() counts a carriage return that ends no line", () => {
  assertDecodes(() => lines({ maxFrameLength: 3 }), utf8("abc\r\nabc\rd\n"), {
    frames: ["abc"],
    error: { code: "FRAME_TOO_LARGE", offset: 5 },
  });
  assertDecodes(() => lines({ maxFrameLength: 3 }), utf8("abc\r"), {
    frames: [],
    error: { code: "FRAME_TOO_LARGE", offset: 0 },
  });
});

test("lines() passes over lines over the limit when asked to", () => {
  assertDecodes(
    (onSkip) => lines({ maxFrameLength: 3, onOversize: "skip", onSkip }),
    utf8("abc\r\nabcd\r\n\nabcde\r\rf\r\ngh\nijkl"),
    { frames: ["abc", "", "gh"], skipped: [5, 12, 25] },
  );
});

// Encoding

test("lines() writes a line feed behind every line", () => {
  assertEquals(lines().encode("a→"), utf8("a→\n"));
  assertEquals(lines().encode(""), utf8("\n"));
  assertEquals(lines().encode("a\rb"), utf8("a\rb\n"));
});

test("lines() refuses to encode a text with a line end in it and writes nothing", () => {
  const encoder = lines().encoder();
  const output = new ByteWriter();
  output.write(utf8("x"));
  for (const text of ["\n", "ä\nb", "ä\r\nb", "ä\n", "ä\r", "ä\r\r", "\r"]) {
    const error = frameError(() => encoder.encode(text, output));
    assertStrictEquals(error.code, "DELIMITER_IN_FRAME");
    const end = /\r?\n/.exec(`${text}\n`);
    const at = utf8(text.slice(0, end?.index)).length;
    assertStrictEquals(error.got, `one at byte ${at}`);
    assertEquals(output.view(), utf8("x"));
  }
});

// Work

test("lines() looks at no byte twice in a line that comes byte by byte", () => {
  const length = 1 << 14;
  const decoder = lines().decoder();
  const chunks = singleBytes(utf8(`${"a\r".repeat(length / 2)}\n`));
  let line: string | undefined;
  const work = countWork(() => {
    for (const chunk of chunks) {
      decoder.push(chunk);
      line = decoder.next();
    }
  });
  assertStrictEquals(line?.length, length - 1);
  assertLessOrEqual(work.scanned + work.read, 12 * length);
  assertLessOrEqual(work.copied, 3 * length);
});

// Options

test("lines() refuses options that are none", () => {
  assertThrows(() => lines({ maxFrameLength: -1 }), RangeError);
  for (const options of [{ truncated: "keep" }, { onOversize: "drop" }]) {
    assertThrows(() => lines(options as LinesOptions), TypeError);
  }
});

// Laws

test("lines() gives back the lines that were encoded, however they are cut", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 6 }),
      fc.array(fc.nat(100)),
      (given, indices) => {
        const codec = lines();
        const frames = given.filter((text) =>
          !text.includes("\n") && !text.endsWith("\r")
        );
        const bytes = concat(frames.map((text) => codec.encode(text)));
        for (const chunks of [[bytes], cutAt(bytes, indices)]) {
          assertEquals(runDecoder(() => codec, chunks), {
            frames,
            skipped: [],
            error: undefined,
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("lines() splits arbitrary text like a regular expression, under every cut", () => {
  const pieces = fc.array(
    fc.constantFrom("\n", "\r", "\r\n", "a", "ä", "😀", "\ufeff"),
    { maxLength: 16 },
  );
  fc.assert(
    fc.property(pieces, (pieces) => {
      const text = pieces.join("");
      const frames = text.split(/\r?\n/);
      if (frames.at(-1) === "") frames.pop();
      assertDecodes(() => lines({ fatal: true }), utf8(text), { frames });
    }),
    { numRuns: 60 },
  );
});

test("lines() refuses a lone surrogate where fatal is asked for", () => {
  const error = assertThrows(
    () => lines({ fatal: true }).encode("a\ud800"),
    FrameError,
  );
  assertEquals(error.code, "TEXT_INVALID");
  assertEquals(lines().encode("a\ud800"), utf8("a\ufffd\n"));
});

// What is left out

test("lines() leaves empty lines out when asked to", () => {
  assertDecodes(
    () => lines({ skipEmpty: true }),
    utf8("\n\r\na\n\n\r\nb\r\n \n\r"),
    { frames: ["a", "b", " ", "\r"] },
  );
  const error = frameError(() => lines({ skipEmpty: true }).encode(""));
  assertStrictEquals(error.code, "LENGTH_INVALID");
});

test("lines() passes over lines that are not UTF-8 when asked to", () => {
  const input = hex("61 0a ff 0d 0a 0a c3 0a c3 a4 0d 0a fe");
  assertDecodes(
    (onSkip) => lines({ fatal: true, onInvalid: "skip", onSkip }),
    input,
    {
      frames: ["a", "", "ä"],
      skipped: [2, 6, 12].map((offset) => ({ code: "TEXT_INVALID", offset })),
    },
  );
  assertDecodes(
    (onSkip) =>
      lines({
        fatal: true,
        truncated: "error",
        skipEmpty: true,
        maxFrameLength: 2,
        onOversize: "skip",
        onInvalid: "skip",
        onSkip,
      }),
    Uint8Array.of(...utf8("abc\n"), ...input),
    {
      frames: ["a", "ä"],
      skipped: [
        0,
        { code: "TEXT_INVALID", offset: 6 },
        { code: "TEXT_INVALID", offset: 10 },
      ],
      error: { code: "FRAME_TRUNCATED", offset: 16 },
    },
  );
});

test("lines() reports the first 64 bytes of a line that it passes over", () => {
  const line = new Uint8Array(100).fill(0xff);
  const shown: unknown[] = [];
  const codec = lines({
    fatal: true,
    onInvalid: "skip",
    onSkip: ({ bytes }) => shown.push(bytes),
  });
  assertEquals(codec.decode(Uint8Array.of(...line, 0x0a, 0xfe)), []);
  assertEquals(shown, [line.subarray(0, 64), hex("fe")]);
});

test("lines() goes on when onSkip calls the decoder", () => {
  const inside: unknown[] = [];
  const decoder = lines({
    fatal: true,
    onInvalid: "skip",
    onSkip: () => inside.push(decoder.next(), decoder.pendingBytes),
  }).decoder();
  decoder.push(hex("ff 0a 61 0a 62 0a 63"));
  assertStrictEquals(decoder.next(), "b");
  assertEquals(inside, ["a", 3]);
});

test("lines() hands out the good lines of any mixture, with one report for each bad one", () => {
  const line = fc.constantFrom("61", "c3a4", "", "ff", "61c3", "0d61");
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (list, cuts) => {
      const isGood = (digits: string) => !/ff|c3$/.test(digits);
      let at = 0;
      const offsets: number[] = [];
      for (const digits of list) {
        if (!isGood(digits)) offsets.push(at);
        at += digits.length / 2 + 1;
      }
      const { frames, skipped, error } = runDecoder(
        (onSkip) => lines({ fatal: true, onInvalid: "skip", onSkip }),
        cutAt(hex(list.map((digits) => `${digits}0a`).join("")), cuts),
      );
      assertStrictEquals(error, undefined);
      assertEquals(
        frames,
        list.filter(isGood).map((d) => new TextDecoder().decode(hex(d))),
      );
      assertEquals(skipped.map(({ offset }) => offset), offsets);
    }),
  );
});

const newline = { delimiter: ["\n", "\r\n"], truncated: "emit" } as const;

/** Lines with their ends: ASCII, other text, no text at all, long, and empty. */
const anyLine = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 80 }).map(utf8) },
    fc.string({ unit: "binary", maxLength: 40 }).map(utf8),
    fc.uint8Array({ maxLength: 6 }),
    fc.integer({ min: 4_000, max: 5_000 }).map((n) => utf8("x".repeat(n))),
    fc.constant(utf8("")),
    fc.constant(utf8("\ufeffa\r")),
  ),
  fc.constantFrom("\n", "\n", "\r\n").map(utf8),
).map(concat);

for (const fatal of [false, true]) {
  test(`lines() gives the text of each line, its offset and its reports when many come together, fatal: ${fatal}`, () => {
    const one = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
    const skip = { maxFrameLength: 4_500, onOversize: "skip" } as const;
    fc.assert(
      fc.property(
        fc.array(anyLine, { maxLength: 80 }),
        fc.array(fc.nat(20_000), { maxLength: 6 }),
        fc.nat(100),
        fc.boolean(),
        (given, cuts, taken, skipEmpty) => {
          const bytes = concat([...given, utf8("the end")]);
          const told: unknown[] = [];
          const decoder = lines({
            ...skip,
            fatal,
            skipEmpty,
            onInvalid: "skip",
            onSkip: ({ code, offset }) => told.push([code, offset]),
          }).decoder();
          const expected: unknown[] = [];
          const oracle = delimited({
            ...newline,
            ...skip,
            skipEmpty,
            onSkip: ({ code, offset }) => expected.push([code, offset]),
          }).decoder();
          for (const chunk of cutAt(bytes, cuts)) {
            for (const each of [decoder, oracle]) each.push(chunk.slice());
            for (
              let line = decoder.next();
              line !== undefined;
              line = decoder.next()
            ) told.push([line, decoder.frameOffset]);
            for (
              let line = oracle.next();
              line !== undefined;
              line = oracle.next()
            ) {
              try {
                expected.push([one.decode(line), oracle.frameOffset]);
              } catch {
                expected.push(["TEXT_INVALID", oracle.frameOffset]);
              }
            }
            assertEquals(told, expected);
            assertEquals(decoder.bufferedBytes, oracle.bufferedBytes);
            assertEquals(decoder.pendingBytes, oracle.pendingBytes);
          }
          assertEquals(decoder.takeUnread(taken), oracle.takeUnread(taken));
        },
      ),
    );
  });
}

test("lines() leaves what is behind a line unread when many have come together", () => {
  const decoder = lines().decoder();
  decoder.push(utf8("one\ntwo\nthree\nfour\n"));
  assertEquals(decoder.next(), "one");
  assertEquals(decoder.takeUnread(8), utf8("two\nthre"));
  assertEquals(decoder.next(), "e");
  assertEquals(decoder.takeUnread(), utf8("four\n"));
  decoder.push(utf8("five\n"));
  assertEquals(decoder.next(), "five");
  assertEquals(decoder.frameOffset, 19);
});
