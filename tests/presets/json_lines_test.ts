import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import type { FrameError, StandardSchema } from "../../src/codec/mod.ts";
import { jsonSeq, ndjson } from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

/** A schema of numbers, which hands out their doubles. */
const doubled: StandardSchema<number, number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      typeof value === "number"
        ? { value: 2 * value }
        : { issues: [{ message: "not a number" }] },
  },
};

const nothing: StandardSchema<unknown, undefined> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: () => ({ value: undefined }),
  },
};

// ndjson

test("ndjson() reads a value a line, and leaves out empty lines and a byte order mark", () => {
  assertDecodes(
    () => ndjson(),
    utf8('\ufeff{"a":1}\r\n\n\r\n"b\\nc"\n[ 2 ]\n\n3'),
    { frames: [{ a: 1 }, "b\nc", [2], 3] },
  );
  for (const empty of ["", "\n", "\ufeff", "\ufeff\n", "\ufeff\r\n\r\n"]) {
    assertDecodes(() => ndjson(), utf8(empty), { frames: [] });
  }
});

test("ndjson() writes a value a line", () => {
  const codec = ndjson();
  assertEquals(codec.encode({ a: "b\nc" }), utf8('{"a":"b\\nc"}\n'));
  assertEquals(codec.encode(null), utf8("null\n"));
  assertEquals(codec.encoder(), codec.encoder());
});

test("ndjson() names the line in the message of its errors", () => {
  const messages: [string, string, number][] = [
    ["1\n\n\nfoo\n2\n", "MESSAGE_INVALID", 4],
    ["1\r\n2\r\n\ufeff\n", "MESSAGE_INVALID", 3],
    ["1\n2\n3\n123456789\n", "FRAME_TOO_LARGE", 4],
    ["1\n\n[2", "FRAME_TRUNCATED", 3],
  ];
  for (const [text, code, line] of messages) {
    const { error } = runDecoder(
      () => ndjson({ maxFrameLength: 8 }),
      [utf8(text)],
    );
    assertEquals(error?.code, code);
    const numbers = [...error!.message.matchAll(/, line (\d+)/g)];
    assertEquals(numbers.map(([, number]) => Number(number)), [line]);
    assert(error!.message.endsWith(`, line ${line}`), error!.message);
  }
});

test("ndjson() passes over lines, each with one report, when asked to", () => {
  const reports: [string, number, Uint8Array | undefined][] = [];
  const codec = ndjson(doubled, {
    maxFrameLength: 8,
    onOversize: "skip",
    onInvalid: "skip",
    onSkip: ({ code, message, bytes }) =>
      reports.push([code, Number(message.match(/line (\d+)$/)?.[1]), bytes]),
  });
  assertEquals(
    codec.decode(
      utf8('started\n1\n\n"a"\n123456789\nfoo\r\n\n4\n{')
        .subarray(0, -1),
    ),
    [2, 8],
  );
  assertEquals(reports, [
    ["MESSAGE_INVALID", 1, utf8("started")],
    ["MESSAGE_INVALID", 4, utf8('"a"')],
    ["FRAME_TOO_LARGE", 5, undefined],
    ["MESSAGE_INVALID", 6, utf8("foo")],
  ]);
});

test("ndjson() refuses a last line that was cut also when it passes over", () => {
  assertDecodes(
    (onSkip) => ndjson({ onInvalid: "skip", onSkip }),
    utf8('1\nfoo\n{"a":'),
    {
      frames: [1],
      skipped: [{ code: "MESSAGE_INVALID", offset: 2 }],
      error: { code: "FRAME_TRUNCATED", offset: 6 },
    },
  );
  assertDecodes(
    (onSkip) => ndjson(doubled, { onInvalid: "skip", onSkip }),
    utf8('1\n"whole"'),
    { frames: [2], skipped: [{ code: "MESSAGE_INVALID", offset: 2 }] },
  );
});

test("ndjson() ends the stream with what onSkip throws", () => {
  const codec = ndjson({
    maxFrameLength: 3,
    onOversize: "skip",
    onInvalid: "skip",
    onSkip: (error) => {
      throw error;
    },
  });
  for (const bad of ["foo", "12345"]) {
    const error = frameError(() => codec.decode(utf8(`1\n${bad}\n`)));
    assert(error.message.endsWith("byte offset 2, line 2"), error.message);
  }
});

test("ndjson() does not take undefined for no value", () => {
  assertThrows(() => ndjson(nothing).decode(utf8("1\n")), TypeError);
});

test("ndjson() hands out the good lines of any mixture, with one report for each bad one", () => {
  const line = fc.constantFrom('{"a":1}', "[]", "", "foo", '"', "1 2", "é");
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom("\n", "\r\n"),
      fc.array(fc.nat(60)),
      (lines, end, cuts) => {
        const isGood = (text: string) => /^[{[]/.test(text);
        const expected: [number, number][] = [];
        let at = 0;
        lines.forEach((text, i) => {
          if (text !== "" && !isGood(text)) expected.push([i + 1, at]);
          at += utf8(text + end).length;
        });
        const reports: [number, number | undefined][] = [];
        const { frames, error } = runDecoder(
          () =>
            ndjson({
              onInvalid: "skip",
              onSkip: ({ message, offset }) =>
                reports.push([
                  Number(message.match(/line (\d+)$/)![1]),
                  offset,
                ]),
            }),
          cutAt(utf8(lines.map((text) => text + end).join("")), cuts),
        );
        assertEquals(error, undefined);
        assertEquals(frames, lines.filter(isGood).map((t) => JSON.parse(t)));
        assertEquals(reports, expected);
      },
    ),
  );
});

// jsonSeq

test("jsonSeq() reads and writes values between their mark and a line feed", () => {
  const bytes = utf8('\x1e{"a":1}\n\x1e[2]\n\x1e"b"\n\x1e3\n\x1etrue\n');
  const frames = [{ a: 1 }, [2], "b", 3, true];
  assertDecodes(() => jsonSeq(), bytes, { frames });
  assertEquals(
    frames.flatMap((frame) => [...jsonSeq().encode(frame)]),
    [...bytes],
  );
});

test("jsonSeq() hands out a value with its line feed", () => {
  const decoder = jsonSeq().decoder();
  const text = utf8('\x1e\n {\n"a\\"":\n[ "}\\\\",\n1 ] }\n');
  for (const byte of text.subarray(0, -1)) {
    decoder.push(Uint8Array.of(byte));
    assertEquals(decoder.next(), undefined);
  }
  decoder.push(text.subarray(-1));
  assertEquals(decoder.next(), { 'a"': ["}\\", 1] });
  assertEquals(decoder.bufferedBytes, 0);
});

test("jsonSeq() reads what jq --seq writes, and other white space", () => {
  assertDecodes(
    () => jsonSeq(),
    utf8(
      '\x1e{\n  "a": [\n    1\n  ]\n}\n\r\n\x1e\x1e 2 \x1e\x1e\x1e\t"x"\x1e[]\r\n ',
    ),
    { frames: [{ a: [1] }, 2, "x", []] },
  );
});

test("jsonSeq() takes the end of the stream for the end of a value that shows its own", () => {
  for (const text of ["[1]", '{"a":"]"}', '"x"', "[1] ", "\n\n{}"]) {
    assertDecodes(() => jsonSeq(), utf8(`\x1e${text}`), {
      frames: [JSON.parse(text)],
    });
  }
  for (const text of ["", "1", "1 ", "true", "[1", '"x', '"x\\"', "\n"]) {
    assertDecodes(
      (onSkip) => jsonSeq({ onInvalid: "skip", onSkip }),
      utf8(`\x1e0\n\x1e${text}`),
      { frames: [0], error: { code: "FRAME_TRUNCATED", offset: 3 } },
    );
  }
});

test("jsonSeq() refuses a value that could have been cut", () => {
  for (const cut of ["12", "tru", "true", "null", "{", '"a', "[1,", " \n"]) {
    assertDecodes(() => jsonSeq(), utf8(`\x1e0\n\x1e${cut}\x1e1\n`), {
      frames: [0],
      error: { code: "MESSAGE_INVALID", offset: 3 },
    });
    assertDecodes(
      (onSkip) => jsonSeq({ onInvalid: "skip", onSkip }),
      utf8(`\x1e0\n\x1e${cut}\x1e1\n`),
      { frames: [0, 1], skipped: [{ code: "MESSAGE_INVALID", offset: 3 }] },
    );
  }
});

test("jsonSeq() passes over what has no mark before it, up to the next mark", () => {
  const errors: FrameError[] = [];
  const bytes = utf8('banner\n"x\n\x1e1\n{"a":1}\n2\n\x1e3\n \nend\n');
  const codec = jsonSeq({
    onInvalid: "skip",
    onSkip: (error) => errors.push(error),
  });
  assertEquals(codec.decode(bytes), [1, 3]);
  assertEquals(
    errors.map(({ code, offset, bytes }) => ({ code, offset, bytes })),
    [[0, 'banner\n"x\n'], [13, '{"a":1}\n2\n'], [28, "end\n"]].map((
      [offset, text],
    ) => ({
      code: "MARK_INVALID" as const,
      offset: Number(offset),
      bytes: utf8(String(text)),
    })),
  );
  assertDecodes((onSkip) => jsonSeq({ onInvalid: "skip", onSkip }), bytes, {
    frames: [1, 3],
    skipped: [0, 13, 28].map((offset) => ({ code: "MARK_INVALID", offset })),
  });
  assertDecodes(() => jsonSeq(), utf8("1\n\x1e2\n"), {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
});

test("jsonSeq() has a limit on the text, both ways", () => {
  const limit = { maxFrameLength: 3 };
  assertDecodes(() => jsonSeq(limit), utf8("\x1e123\n\x1e[1]\x1e1234\n"), {
    frames: [123, [1]],
    error: { code: "FRAME_TOO_LARGE", offset: 9 },
  });
  assertDecodes(
    (onSkip) =>
      jsonSeq({ ...limit, onOversize: "skip", onInvalid: "skip", onSkip }),
    utf8('\x1e"1\n34"\nabcdef\x1e[1,2]\x1e5\n'),
    {
      frames: [5],
      skipped: [
        { code: "FRAME_TOO_LARGE", offset: 0 },
        { code: "FRAME_TOO_LARGE", offset: 8 },
        { code: "FRAME_TOO_LARGE", offset: 14 },
      ],
    },
  );
  assertEquals(
    frameError(() => jsonSeq(limit).encode(1234)).code,
    "FRAME_TOO_LARGE",
  );
});

test("jsonSeq() keeps nothing of a text over the limit", () => {
  const decoder = jsonSeq({ maxFrameLength: 3, onOversize: "skip" }).decoder();
  decoder.push(utf8("\x1e[["));
  for (let i = 0; i < 100; i++) {
    decoder.push(utf8("1,\n2,"));
    assertEquals(decoder.next(), undefined);
    assertEquals(decoder.bufferedBytes, 0);
    assertEquals(decoder.pendingBytes, 3 + 5 * (i + 1));
  }
});

test("jsonSeq() validates values, and does not take undefined for one", () => {
  assertDecodes(
    (onSkip) => jsonSeq(doubled, { onInvalid: "skip", onSkip }),
    utf8('\x1e1\n\x1e"a"\n\x1e2\n'),
    { frames: [2, 4], skipped: [{ code: "MESSAGE_INVALID", offset: 3 }] },
  );
  assertThrows(() => jsonSeq(nothing).decode(utf8("\x1e1\n")), TypeError);
});

test("jsonSeq() hands out the good values of any mixture, with one report for each bad one", () => {
  const piece = fc.constantFrom(
    ['\x1e{"a":\n1}\n', true],
    ["\x1e[]", true],
    ['\x1e"\\""', true],
    ["\x1e2\n", true],
    ["\x1e2", false],
    ['\x1e{"a":1', false],
    ["\x1efoo\n", false],
    ["\x1e]\n", false],
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const all = [...pieces, ["\x1e0\n", true] as const];
      let at = 0;
      const offsets = all.map(([text]) =>
        (at += String(text).length) - String(text).length
      );
      const { frames, skipped, error } = runDecoder(
        (onSkip) => jsonSeq({ onInvalid: "skip", onSkip }),
        cutAt(utf8(all.map(([text]) => text).join("")), cuts),
      );
      assertEquals(error, undefined);
      assertEquals(
        frames,
        all.filter(([, good]) => good).map(([text]) =>
          JSON.parse(String(text).slice(1))
        ),
      );
      assertEquals(
        skipped.map(({ offset }) => offset),
        offsets.filter((_, i) => !all[i]![1]),
      );
    }),
  );
});

test("jsonSeq() takes work linear in the bytes that come one by one", () => {
  const text = `\x1e${"[\n".repeat(1_000)}${"]\n".repeat(1_000)}`;
  const wire = utf8(`${text}${text}noise${"\n".repeat(3_000)}\x1e1\n`);
  const decoder = jsonSeq({ onInvalid: "skip" }).decoder();
  let frames = 0;
  const work = countWork(() => {
    for (let i = 0; i < wire.length; i++) {
      decoder.push(wire.subarray(i, i + 1));
      while (decoder.next() !== undefined) frames++;
    }
  });
  assertEquals(frames, 3);
  assertLessOrEqual(work.read + work.scanned + work.copied, 8 * wire.length);
});

test("jsonSeq() begins anew with what takeUnread() left", () => {
  const decoder = jsonSeq().decoder();
  decoder.push(utf8("\x1e1\n\x1e[[["));
  assertEquals(decoder.next(), 1);
  assertEquals(decoder.next(), undefined);
  assertEquals(decoder.takeUnread(), utf8("\x1e[[["));
  decoder.push(hex("1e 32 0a"));
  assertEquals(decoder.next(), 2);
});
