import { test } from "node:test";
import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  checksum,
  FrameError,
  marked,
  type MarkedOptions,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt, everyCut } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

const mllp = { start: "\x0b", end: "\x1c\r" };
const tags = { start: "<<", end: ">>" };

test("marked() reads and writes frames between marks", () => {
  assertEquals(marked(mllp).encode(utf8("MSH|^~")), utf8("\x0bMSH|^~\x1c\r"));
  assertDecodes(() => marked(tags), utf8("<<one>><<>><<a>b>>"), {
    frames: [utf8("one"), utf8(""), utf8("a>b")],
  });
});

test("marked() takes a start mark inside a frame for content", () => {
  assertDecodes(() => marked(tags), utf8("<<a<<b>>"), {
    frames: [utf8("a<<b")],
  });
});

test("marked() refuses what stands between frames", () => {
  assertDecodes(() => marked(tags), utf8("<<a>>\n<<b>>"), {
    frames: [utf8("a")],
    error: { code: "MARK_INVALID", offset: 5 },
  });
  assertDecodes(() => marked(tags), utf8("<a>>"), {
    frames: [],
    error: { code: "MARK_INVALID", offset: 0 },
  });
});

test("marked() passes over what stands between frames when asked to", () => {
  assertDecodes(
    () => marked({ ...tags, between: "skip" }),
    utf8("noise<<a>>\n<<<b>>> <"),
    { frames: [utf8("a"), utf8("<b")] },
  );
});

test("marked() tells the offset behind what it passed over", () => {
  assertDecodes(
    () => marked({ ...tags, between: "skip", maxFrameLength: 2 }),
    utf8("noise<<abc>>"),
    { frames: [], error: { code: "FRAME_TOO_LARGE", offset: 5 } },
  );
});

test("marked() refuses a frame that ends too early", () => {
  for (const cut of ["<", "<<", "<<a", "<<a>"]) {
    assertDecodes(() => marked(tags), utf8(`<<x>>${cut}`), {
      frames: [utf8("x")],
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    });
  }
});

test("marked() refuses a frame over the limit in both directions", () => {
  const codec = marked({ ...tags, maxFrameLength: 3 });
  assertDecodes(() => codec, utf8("<<abc>><<abcd>>"), {
    frames: [utf8("abc")],
    error: { code: "FRAME_TOO_LARGE", offset: 7 },
  });
  const error = frameError(() => codec.encode(utf8("abcd")));
  assertEquals(error.code, "FRAME_TOO_LARGE");
});

test("marked() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) =>
      marked({ ...tags, maxFrameLength: 2, onOversize: "skip", onSkip }),
    utf8("<<a>><<abcdef>><<b>>"),
    { frames: [utf8("a"), utf8("b")], skipped: [5] },
  );
});

test("marked() refuses to write a frame with its end mark in it", () => {
  for (const frame of ["a>>b", ">>", "a>"]) {
    const error = assertThrows(
      () => marked(tags).encode(utf8(frame)),
      FrameError,
    );
    assertEquals(error.code, "DELIMITER_IN_FRAME");
  }
});

test("marked() refuses an empty mark", () => {
  assertThrows(() => marked({ start: "", end: "x" }), TypeError, "start");
  assertThrows(() => marked({ start: "x", end: hex("") }), TypeError, "end");
});

test("marked() gives back every frame that it writes", () => {
  const piece = fc.constantFrom("<", ">", "a", "<<");
  fc.assert(fc.property(
    fc.array(fc.array(piece, { maxLength: 6 })),
    (frames) => {
      const codec = marked(tags);
      const written = frames.map((parts) => utf8(parts.join(""))).filter(
        (frame) => {
          try {
            codec.encode(frame);
            return true;
          } catch (error) {
            return !(error instanceof FrameError);
          }
        },
      );
      const wire = written.flatMap((frame) => [...codec.encode(frame)]);
      assertEquals(codec.decode(Uint8Array.from(wire)), written);
    },
  ));
});

// Recovery

/** Asserts what comes out with `onInvalid: "skip"`, and each report with its bytes. */
function assertRecovers(
  options: MarkedOptions,
  input: Uint8Array,
  frames: readonly Uint8Array[],
  reports: readonly (readonly [number, Uint8Array])[],
): void {
  for (const { name, chunks } of everyCut(input)) {
    const errors: FrameError[] = [];
    const outcome = runDecoder(
      () =>
        marked({
          ...options,
          onInvalid: "skip",
          onSkip: (error) => errors.push(error),
        }),
      chunks,
    );
    assertEquals(outcome.error, undefined, name);
    assertEquals(outcome.frames, frames, name);
    assertEquals(
      errors.map(({ code, offset, bytes }) => ({ code, offset, bytes })),
      reports.map(([offset, bytes]) => ({
        code: "MARK_INVALID" as const,
        offset,
        bytes,
      })),
      name,
    );
  }
}

test("marked() reports each piece between frames once when it passes over them", () => {
  assertRecovers(
    tags,
    utf8("no<ise<<a>>\n<<b>><<c>>end<"),
    [utf8("a"), utf8("b"), utf8("c")],
    [[0, utf8("no<ise")], [11, utf8("\n")], [22, utf8("end<")]],
  );
});

test("marked() reports a piece with its first byte and its first 64 bytes", () => {
  const noise = Uint8Array.from({ length: 100 }, (_, i) => 100 + i);
  const input = Uint8Array.of(...noise, 0x0b, 0x61, 0x1c, 0x0d);
  assertRecovers(mllp, input, [utf8("a")], [[0, noise.subarray(0, 64)]]);
  const { message } = frameError(() => marked(mllp).decode(input));
  marked({
    ...mllp,
    onInvalid: "skip",
    onSkip: (error) => assertEquals(error.message, message),
  }).decode(input);
});

test("marked() keeps nothing but 64 bytes of a piece that it passes over", () => {
  const decoder = marked({ ...tags, onInvalid: "skip" }).decoder();
  const noise = utf8("noise");
  const work = countWork(() => {
    for (let i = 0; i < 1_000; i++) {
      decoder.push(noise);
      decoder.next();
      assertEquals(decoder.bufferedBytes, 0);
      assertEquals(decoder.pendingBytes, 0);
    }
  });
  assertLessOrEqual(work.read + work.scanned, 4 * 5_000);
  assertLessOrEqual(work.allocated, 5_000);
});

test("marked() refuses a stream that ends inside a frame also when it passes over", () => {
  for (const cut of ["<", "<<", "<<a", "<<a>"]) {
    assertDecodes(
      (onSkip) => marked({ ...tags, onInvalid: "skip", onSkip }),
      utf8(`<<x>>!<<y>>${cut}`),
      {
        frames: [utf8("x"), utf8("y")],
        skipped: [{ code: "MARK_INVALID", offset: 5 }],
        error: { code: "FRAME_TRUNCATED", offset: 11 },
      },
    );
  }
});

test("marked() goes on when onSkip calls the decoder", () => {
  const inside: unknown[] = [];
  const decoder = marked({
    ...tags,
    restart: true,
    onInvalid: "skip",
    onSkip: () => inside.push(decoder.next()),
  }).decoder();
  decoder.push(utf8("x<<a>>y<<b<<c>><<d>>"));
  assertEquals(decoder.next(), undefined);
  assertEquals(inside, [utf8("a"), utf8("c"), utf8("d")]);
});

// Between frames

test("marked() takes what may stand between frames, and nothing else", () => {
  const options = { ...tags, between: ["\r", "\r\n", "==", hex("00")] };
  assertDecodes(
    () => marked(options),
    utf8("\r\n<<a>>\r\r\n\0<<b>>==<<c>>\r"),
    { frames: [utf8("a"), utf8("b"), utf8("c")] },
  );
  for (const [between, noise] of [["", "\n"], ["\r\n", "\n"], ["==", "="]]) {
    const offset = 5 + between!.length;
    assertDecodes(
      () => marked(options),
      utf8(`<<a>>${between}${noise}<<b>>`),
      { frames: [utf8("a")], error: { code: "MARK_INVALID", offset } },
    );
    assertRecovers(
      options,
      utf8(`<<a>>${between}${noise}\r\n<<b>>${noise}`),
      [utf8("a"), utf8("b")],
      [
        [offset, utf8(`${noise}\r\n`)],
        [offset + noise!.length + 7, utf8(noise!)],
      ],
    );
  }
});

test("marked() refuses to let stand between frames what makes no sense", () => {
  const start = "<<";
  for (
    const between of [[], [""], ["<"], ["\n", "<<"], "\n", true] as unknown[]
  ) {
    assertThrows(
      () =>
        marked({
          start,
          end: ">>",
          between: between as NonNullable<MarkedOptions["between"]>,
        }),
      TypeError,
      "Cannot use between",
    );
  }
});

// Restart

test("marked() refuses a frame that is broken off by the next", () => {
  assertDecodes(
    () => marked({ ...tags, restart: true }),
    utf8("<<a>><<b<<c>>"),
    {
      frames: [utf8("a")],
      error: { code: "MARK_INVALID", offset: 5 },
    },
  );
  const error = frameError(() =>
    marked({ ...tags, restart: true }).decode(utf8("<<b<<c>>"))
  );
  assertEquals(error.bytes, utf8("<<b"));
});

test("marked() begins anew at a start mark inside a frame", () => {
  assertRecovers(
    { ...tags, restart: true },
    utf8("<<<<a>><<b><<c<d>><<e>>"),
    [utf8("a"), utf8("c<d"), utf8("e")],
    [[0, utf8("<<")], [7, utf8("<<b>")]],
  );
});

test("marked() takes of two marks the one that is complete first", () => {
  assertRecovers(
    { start: "aXXb", end: "XX", restart: true },
    utf8("aXXbcaXXaXXbdXX"),
    [utf8("ca"), utf8("d")],
    [],
  );
  assertRecovers(
    { start: "ab", end: "b", restart: true },
    utf8("abcbabaabcb"),
    [utf8("c"), utf8("aa")],
    [[9, utf8("cb")]],
  );
});

test("marked() begins anew inside a frame over the limit", () => {
  assertDecodes(
    (onSkip) =>
      marked({
        ...tags,
        restart: true,
        maxFrameLength: 2,
        onOversize: "skip",
        onInvalid: "skip",
        onSkip,
      }),
    utf8("<<abc<<de<<fg>><<hij>><<k>>"),
    {
      frames: [utf8("fg"), utf8("k")],
      skipped: [
        { code: "FRAME_TOO_LARGE", offset: 0 },
        { code: "MARK_INVALID", offset: 5 },
        { code: "FRAME_TOO_LARGE", offset: 15 },
      ],
    },
  );
});

test("marked() refuses to write a frame that its decoder would break off", () => {
  const codec = marked({ ...tags, restart: true });
  for (const frame of ["<<", "a<<", "<<<", "a<<b"]) {
    const error = frameError(() => codec.encode(utf8(frame)));
    assertEquals(error.code, "DELIMITER_IN_FRAME");
    assertEquals(marked(tags).decode(marked(tags).encode(utf8(frame))), [
      utf8(frame),
    ]);
  }
  assertDecodes(() => codec, codec.encode(utf8("<a<")), {
    frames: [utf8("<a<")],
  });
});

test("marked() refuses to begin anew where the end mark contains the start mark", () => {
  const options = { start: "-", end: "--", restart: true };
  assertThrows(() => marked(options), TypeError, "restart");
  // It ends where it could begin, and the end comes first.
  assertDecodes(
    () => marked({ start: "-", end: "-", restart: true }),
    utf8("-a--b-"),
    {
      frames: [utf8("a"), utf8("b")],
    },
  );
});

// Trailers

const stx = { start: "\x02", end: "\x03", trailerLength: 1 };

test("marked() hands out the bytes behind the end mark with the frame", () => {
  const bytes = hex("02 61 62 03 03 02 03 02 02 63 03 02");
  const frames = [hex("61 62 03"), hex("02"), hex("63 02")];
  for (const restart of [false, true]) {
    assertDecodes(() => marked({ ...stx, restart }), bytes, { frames });
    assertEquals(
      frames.flatMap((frame) => [...marked({ ...stx, restart }).encode(frame)]),
      [...bytes],
    );
  }
});

test("marked() refuses a stream that ends inside the trailer", () => {
  const options = { ...stx, trailerLength: 3 };
  for (const cut of ["02 61 03", "02 61 03 01", "02 61 03 01 02"]) {
    assertDecodes(() => marked(options), hex(cut), {
      frames: [],
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    });
  }
});

test("marked() counts the trailer, and passes over it with its frame", () => {
  assertDecodes(
    (onSkip) =>
      marked({
        ...stx,
        trailerLength: 2,
        maxFrameLength: 3,
        onOversize: "skip",
        onSkip,
      }),
    hex("02 61 03 02 03 02 61 62 03 03 02 02 03 02 03"),
    { frames: [hex("61 02 03"), hex("02 03")], skipped: [5] },
  );
  const codec = marked({ ...stx, trailerLength: 2, maxFrameLength: 3 });
  assertEquals(
    frameError(() => codec.encode(hex("61 62 02 03"))).code,
    "FRAME_TOO_LARGE",
  );
});

test("marked() refuses to write a frame that is shorter than its trailer", () => {
  const codec = marked({ ...stx, trailerLength: 2 });
  assertEquals(codec.encode(hex("02 03")), hex("02 03 02 03"));
  assertEquals(
    frameError(() => codec.encode(hex("01"))).code,
    "LENGTH_INVALID",
  );
  assertThrows(() => marked({ ...stx, trailerLength: -1 }), RangeError);
});

test("marked() lets a view check the trailer", () => {
  const codec = (onSkip: (error: FrameError) => void) =>
    checksum(marked({ ...stx, restart: true, onInvalid: "skip", onSkip }), {
      length: 1,
      compute: (bytes) => Uint8Array.of(bytes.reduce((sum, b) => sum ^ b, 0)),
    }, { onInvalid: "skip", onSkip });
  assertDecodes(
    codec,
    hex("02 61 62 03 03 02 61 62 03 04 ff 02 64 02 63 03 63"),
    {
      frames: [hex("61 62"), hex("63")],
      skipped: [
        { code: "CHECKSUM_MISMATCH", offset: 5 },
        { code: "MARK_INVALID", offset: 10 },
        { code: "MARK_INVALID", offset: 11 },
      ],
    },
  );
  assertEquals(codec(() => {}).encode(hex("61 62")), hex("02 61 62 03 03"));
});

// Laws

test("marked() hands out the good pieces of any mixture, with one report for each bad one", () => {
  const piece = fc.oneof(
    fc.record({
      kind: fc.constant("good"),
      text: fc.string({ unit: fc.constantFrom("a", "\n", "x03") }),
    }),
    fc.constant({ kind: "noise", text: "noise\n" }),
    fc.constant({ kind: "broken", text: "<a" }),
    fc.constant({ kind: "line end", text: "\n" }),
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(80)), (pieces, cuts) => {
      // A frame that nothing follows is not broken off, and noise is one piece.
      const all = [...pieces, { kind: "good", text: "last" }];
      const bytes: string[] = [];
      const frames: Uint8Array[] = [];
      const reports: number[] = [];
      let before = "good";
      for (const { kind, text } of all) {
        const offset = bytes.join("").length;
        if (before === "broken" && kind !== "good" && kind !== "broken") {
          continue;
        }
        if (kind === "broken" || kind === "noise" && before !== "noise") {
          reports.push(offset);
        }
        if (kind === "good") frames.push(utf8(`${text}!`));
        bytes.push(kind === "good" ? `<${text}>!` : text);
        if (kind !== "line end" || before !== "noise") before = kind;
      }
      const errors: (number | undefined)[] = [];
      const { decoder } = marked({
        start: "<",
        end: ">",
        between: ["\n"],
        restart: true,
        trailerLength: 1,
        onInvalid: "skip",
        onSkip: (error) => errors.push(error.offset),
      });
      const got: Uint8Array[] = [];
      const whole = decoder();
      for (const chunk of cutAt(utf8(bytes.join("")), cuts)) {
        whole.push(chunk);
        for (let one = whole.next(); one !== undefined; one = whole.next()) {
          got.push(one);
        }
      }
      assertEquals(got, frames);
      assertEquals(errors, reports);
    }),
  );
});

test("marked() loses to a flipped bit at most the frame that was hit and its neighbour", () => {
  const texts = ["one", "two", "three", "four"];
  const wire = utf8(texts.map((text) => `<<${text}>>`).join(""));
  for (let at = 0; at < 8 * wire.length; at++) {
    const bytes = wire.slice();
    bytes[at >> 3]! ^= 1 << (at & 7);
    let reports = 0;
    const decoder = marked({
      ...tags,
      restart: true,
      onInvalid: "skip",
      onSkip: () => reports++,
    }).decoder();
    decoder.push(bytes);
    const got: string[] = [];
    for (let one = decoder.next(); one !== undefined; one = decoder.next()) {
      got.push(new TextDecoder().decode(one));
    }
    const kept = got.filter((text) => texts.includes(text));
    assertEquals(kept, texts.filter((text) => kept.includes(text)));
    assertLessOrEqual(texts.length - kept.length, 2);
    assertLessOrEqual(reports, 2);
  }
});

test("marked() takes work linear in the bytes that come one by one", () => {
  const long = "a".repeat(3_000);
  const wire = utf8(
    `noise${long}<<${long}<<${long}>>!${"<<<<".repeat(200)}b>>!`,
  );
  const decoder = marked({
    ...tags,
    restart: true,
    trailerLength: 1,
    onInvalid: "skip",
  }).decoder();
  let frames = 0;
  const work = countWork(() => {
    for (let i = 0; i < wire.length; i++) {
      decoder.push(wire.subarray(i, i + 1));
      if (decoder.next() !== undefined) frames++;
    }
  });
  assertEquals(frames, 2);
  assertLessOrEqual(work.read + work.scanned + work.copied, 20 * wire.length);
});
