import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  checksum,
  choose,
  cobs,
  type Codec,
  delimited,
  filter,
  fixedLength,
  FrameError,
  headerPrefixed,
  joined,
  lengthPrefixed,
  lines,
  mapCodec,
  marked,
  text,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt, singleBytes } from "../support/cuts.ts";
import { bytesOf } from "../support/byte_notation.ts";
import {
  assertDecodes,
  assertOutcome,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";
import { codecOf, formatNamed, vectorFiles } from "../support/vectors.ts";

/** Lines of letters, and frames of a zero byte, a length and a body. */
const mixed = choose(
  { line: lines(), data: lengthPrefixed({ lengthBytes: 2 }) },
  {
    decode: ([first]) => first === 0 ? "data" : "line",
    encode: (frame) => typeof frame === "string" ? "line" : "data",
  },
);

/** Two formats that begin with the same byte; the second one tells them apart. */
const alike = choose({
  one: fixedLength({ frameLength: 2 }),
  two: fixedLength({ frameLength: 3 }),
}, {
  decode: ([, second]) =>
    second === undefined ? undefined : second === 1 ? "one" : "two",
  encode: (frame) => frame.length === 2 ? "one" : "two",
});

// Both formats

test("choose() decodes any mix of frames, however it is cut", () => {
  const frame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
    fc.stringMatching(/^[a-z]{1,9}$/),
    fc.uint8Array({ maxLength: 9 }),
  );
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat(200)), (frames, cuts) => {
      const parts = frames.map((one) => mixed.encode(one));
      const chunks = cutAt(concat(parts), cuts);
      for (const late of [false, true]) {
        const outcome = runDecoder(() => mixed, chunks, late);
        assertEquals(outcome, { frames, skipped: [], error: undefined });
      }
    }),
  );
});

test("choose() counts the bytes of the whole stream", () => {
  const decoder = mixed.decoder();
  decoder.push(utf8("one\n\0\x02HItwo\n\0"));
  assertStrictEquals(decoder.frameOffset, 0);
  const offsets = [0, 4, 8].map((offset) => {
    assert(decoder.next() !== undefined);
    assertStrictEquals(decoder.pendingBytes, decoder.bufferedBytes);
    return [offset, decoder.frameOffset];
  });
  assertEquals(offsets, [[0, 0], [4, 4], [8, 8]]);
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.pendingBytes, 1);
  assertStrictEquals(decoder.bufferedBytes, 1);
  assertEquals(decoder.takeUnread(), hex("00"));
  assertStrictEquals(decoder.bufferedBytes, 0);
  decoder.push(utf8("three\n"));
  assertStrictEquals(decoder.next(), "three");
  assertStrictEquals(decoder.frameOffset, 13);
});

test("choose() leaves the rest unread after any frame, and in the middle of one", () => {
  const bytes = utf8("one\n\0\x02HItwo\nthr");
  for (let stop = 0; stop <= 4; stop++) {
    const decoder = mixed.decoder();
    for (const byte of singleBytes(bytes)) decoder.push(byte);
    for (let i = 0; i < stop; i++) decoder.next();
    const rest = bytes.subarray([0, 4, 8, 12, 12][stop]!);
    assertEquals(decoder.takeUnread(2), rest.subarray(0, 2));
    assertEquals(decoder.takeUnread(), rest.subarray(2));
    decoder.push(utf8("\0\0"));
    assertEquals(decoder.next(), hex(""));
    assertStrictEquals(decoder.frameOffset, bytes.length);
  }
});

test("choose() delivers the frames before a bad one, then its error", () => {
  assertDecodes(() => mixed, utf8("one\n\0\x02HI\0\x03ab"), {
    frames: ["one", utf8("HI")],
    error: { code: "FRAME_TRUNCATED", offset: 8 },
  });
  assertDecodes(() => mixed, utf8("one\n\0\x02HItwo"), {
    frames: ["one", utf8("HI"), "two"],
  });
});

test("choose() keeps no bytes after an error", () => {
  const failed = choose({ line: lines({ maxFrameLength: 1 }) }, {
    decode: () => "line",
    encode: () => "line",
  }).decoder();
  failed.push(utf8("ab"));
  const error = frameError(() => failed.next());
  failed.push(utf8("cd\n"));
  assertStrictEquals(frameError(() => failed.next()), error);
  assertStrictEquals(failed.bufferedBytes, 2);
});

test("choose() takes no bytes after the end", () => {
  const decoder = mixed.decoder();
  decoder.end();
  assertThrows(() => decoder.push(hex("00")), TypeError);
});

test("choose() is a codec like others inside of views", () => {
  const upper = mapCodec(mixed, {
    name: "upper",
    decode: (frame) => typeof frame === "string" ? frame.toUpperCase() : frame,
    encode: (frame: string | Uint8Array) => frame,
  });
  const outer = choose({ upper, two: fixedLength({ frameLength: 2 }) }, {
    decode: ([first]) => first! > 0x7f ? "two" : "upper",
    encode: () => "upper",
  });
  assertDecodes(() => outer, hex("6f6e650a ff00 0000 ff0a 610a"), {
    frames: ["ONE", hex("ff 00"), hex(""), hex("ff 0a"), "A"],
  });
});

test("choose() goes on with a message of several frames once it has begun", () => {
  const message = joined(fixedLength({ frameLength: 2 }), {
    more: (frame) => frame[0] === 1,
    payload: (frame) => frame.subarray(1),
    split: (bytes: Uint8Array) => [Uint8Array.of(2, ...bytes)],
  });
  // Inside of a message, 61 is not the beginning of a line.
  const codec = choose({ message, line: delimited({ delimiter: "\n" }) }, {
    decode: ([first]) => first === 1 || first === 2 ? "message" : "line",
    encode: () => "line",
  });
  assertDecodes(() => codec, hex("6161 0a 0141 0142 6143 6262 0a 0163"), {
    frames: [utf8("aa"), utf8("ABC"), utf8("bb")],
    error: { code: "FRAME_TRUNCATED", offset: 12 },
  });
});

test("choose() of one codec decodes like the codec", () => {
  for (const { file, format: name, vectors } of vectorFiles()) {
    const format = formatNamed(name);
    for (const { name, options, input, ...expected } of vectors) {
      if (input === undefined || expected.unread !== undefined) continue;
      const bytes = bytesOf(input);
      if (bytes.length > 2_000) continue;
      const make = (onSkip: (error: FrameError) => void) =>
        choose({ only: codecOf(format, options, onSkip) }, {
          decode: () => "only",
          encode: () => "only",
        });
      const frames = expected.frames.map(format.frame);
      for (const chunks of [[bytes], singleBytes(bytes)]) {
        for (const late of [false, true]) {
          assertOutcome(
            runDecoder(make, chunks, late),
            { ...expected, frames },
            `${file}: ${name}`,
          );
        }
      }
    }
  }
});

test("choose() gives the same frames, reports and error under any cut of any bytes", () => {
  const make = (onSkip: (error: FrameError) => void) => {
    const skip = { maxFrameLength: 3, onOversize: "skip", onSkip } as const;
    return choose({
      line: delimited({ delimiter: ["aab", "\n"], ...skip }),
      data: lengthPrefixed({ lengthBytes: 1, lengthOffset: 1, ...skip }),
      cobs: cobs(skip),
      marked: marked({ start: "<<", end: ">", between: "skip", ...skip }),
    }, {
      decode: ([first, second]) =>
        first === 1
          ? second === undefined ? undefined : second < 8 ? "data" : "line"
          : first === 0 || first === 2
          ? "cobs"
          : first === 0x3c || first === 0xff
          ? "marked"
          : "line",
      encode: () => "line",
    });
  };
  const bytes = fc.array(
    fc.constantFrom(0, 0, 1, 1, 2, 3, 5, 10, 255, ...utf8("aaab<<>>")),
    { maxLength: 60 },
  ).map((values) => Uint8Array.from(values));
  fc.assert(
    fc.property(
      bytes,
      fc.array(fc.nat(60)),
      fc.boolean(),
      (bytes, cuts, late) => {
        const whole = runDecoder(make, [bytes]);
        assertEquals(runDecoder(make, cutAt(bytes, cuts), late), whole);
        assertEquals(runDecoder(make, singleBytes(bytes)), whole);
      },
    ),
    { numRuns: 300 },
  );
});

// The choice

test("choose() waits for the byte that tells formats apart, and shows each length in turn", () => {
  const bytes = hex("0001 000203");
  for (const chunks of [[bytes], singleBytes(bytes), cutAt(bytes, [3])]) {
    const shown: number[][] = [];
    const codec = choose(
      {
        one: fixedLength({ frameLength: 2 }),
        two: fixedLength({ frameLength: 3 }),
      },
      {
        decode(firstBytes) {
          shown.push([...firstBytes]);
          if (firstBytes.length < 2) return undefined;
          return firstBytes[1] === 1 ? "one" : "two";
        },
        encode: () => "one",
      },
    );
    const decoder = codec.decoder();
    const frames: unknown[] = [];
    for (const chunk of chunks) {
      decoder.push(chunk);
      let frame = decoder.next();
      for (; frame !== undefined; frame = decoder.next()) frames.push(frame);
    }
    assertEquals(frames, [hex("0001"), hex("000203")]);
    assertEquals(shown, [[0], [0, 1], [0], [0, 2]]);
  }
});

test("choose() asks anew where unread bytes were taken", () => {
  const shown: number[] = [];
  const decoder = choose({
    data: lengthPrefixed({ lengthBytes: 1 }),
    long: fixedLength({ frameLength: 12 }),
  }, {
    decode({ 0: first, length }) {
      shown.push(length);
      if (first! > 0) return "data";
      return length < 12 ? undefined : "long";
    },
    encode: () => "data",
  }).decoder();
  decoder.push(hex("00 00 00"));
  assertStrictEquals(decoder.next(), undefined);
  assertEquals(decoder.takeUnread(), hex("00 00 00"));
  // The reader of `data` waits for ten bytes, and its first three are taken away.
  decoder.push(hex("09 00 00 00"));
  assertStrictEquals(decoder.next(), undefined);
  assertEquals(decoder.takeUnread(3), hex("09 00 00"));
  decoder.push(new Uint8Array(11));
  assertEquals(decoder.next(), new Uint8Array(12));
  assertEquals(shown, [
    1,
    2,
    3,
    1,
    ...Array.from({ length: 12 }, (_, i) => i + 1),
  ]);
});

test("choose() refuses a stream that ends before the choice", () => {
  assertDecodes(() => alike, hex("0001 00"), {
    frames: [hex("0001")],
    error: { code: "FRAME_TRUNCATED", offset: 2 },
  });
});

test("choose() refuses bytes that do not say which format it is", () => {
  for (const maxHeaderLength of [1, 3, undefined]) {
    const most = maxHeaderLength ?? 64;
    let longest = 0;
    const codec = choose({ one: fixedLength({ frameLength: 1 }) }, {
      decode(firstBytes) {
        if (firstBytes[0] === 1) return "one";
        longest = Math.max(longest, firstBytes.length);
        return undefined;
      },
      encode: () => "one",
      ...(maxHeaderLength !== undefined && { maxHeaderLength }),
    });
    const bytes = new Uint8Array(most + 3);
    bytes[0] = bytes[1] = 1;
    assertDecodes(() => codec, bytes.subarray(0, most + 2), {
      frames: [hex("01"), hex("01")],
      error: { code: "HEADER_INVALID", offset: 2 },
    });
    assertStrictEquals(longest, most);
  }
});

test("choose() adds the offset to the error of its function", () => {
  const codec = choose({ line: lines() }, {
    decode([first]) {
      if (first !== 0xff) return "line";
      throw new FrameError("MARK_INVALID", {
        reason: "The byte is reserved",
        expected: "another",
        got: "ff",
      });
    },
    encode: () => "line",
  });
  assertDecodes(() => codec, hex("610a ff"), {
    frames: ["a"],
    error: { code: "MARK_INVALID", offset: 2 },
  });
});

test("choose() refuses what a program does wrong", () => {
  const named = (name: string) =>
    choose({ line: lines() } as Record<string, Codec<string>>, {
      decode: () => name,
      encode: () => name,
    });
  assertThrows(() => named("lines").decode(hex("61")), TypeError, "lines");
  assertThrows(() => named("lines").encode("a"), TypeError, "lines");
  // Not a property that all objects have.
  assertThrows(() => named("toString").decode(hex("61")), TypeError);
  assertThrows(
    () =>
      choose({ line: lines() }, {
        decode: () => "line",
        encode: () => "line",
        maxHeaderLength: 0,
      }),
    RangeError,
    "maxHeaderLength",
  );
  const deaf = { ...lines(), name: "deaf", decoder: () => lines().decoder() };
  const codec = choose({ deaf }, {
    decode: () => "deaf",
    encode: () => "deaf",
  });
  assertThrows(() => codec.decode(hex("610a")), TypeError, "deaf");
});

// Recovery

test("choose() chooses anew behind a frame that was too large", () => {
  const make = (onSkip: (error: FrameError) => void) =>
    choose({
      line: delimited({
        delimiter: "\n",
        maxFrameLength: 3,
        onOversize: "skip",
        onSkip,
      }),
      data: lengthPrefixed({
        lengthBytes: 2,
        maxFrameLength: 3,
        onOversize: "skip",
        onSkip,
      }),
    }, {
      decode: ([first]) => first === 0 ? "data" : "line",
      encode: () => "data",
    });
  assertDecodes(
    make,
    utf8("abcd\n\0\x01A\0\x04BBBBabc\n\0\x05CCCCCabcd\nabcd\n\0\x01D"),
    {
      frames: [utf8("A"), utf8("abc"), utf8("D")],
      skipped: [0, 8, 18, 25, 30],
    },
  );
  // The reports have the offsets of the whole stream also at the end.
  assertDecodes(make, utf8("\0\x01Aabcd\nabcd"), {
    frames: [utf8("A")],
    skipped: [3, 8],
    error: { code: "FRAME_TRUNCATED", offset: 8 },
  });
});

test("choose() passes over bytes that a codec takes and filter leaves out", () => {
  const noise = filter(fixedLength({ frameLength: 1 }), () => false);
  const codec = choose(
    { noise, line: lines(), data: lengthPrefixed({ lengthBytes: 2 }) },
    {
      decode: ([first]) =>
        first === 0 ? "data" : first! < 0x80 ? "line" : "noise",
      encode: (frame) => typeof frame === "string" ? "line" : "data",
    },
  );
  assertDecodes(() => codec, hex("ffff 610a fe 0000 80 0000 620a ff"), {
    frames: ["a", hex(""), hex(""), "b"],
  });
});

test("choose() asks again behind frames that cobs, marked and text pass over", () => {
  const errors: unknown[] = [];
  const make = () => {
    errors.length = 0;
    return choose({
      cobs: cobs(),
      marked: marked({
        start: "<",
        end: ">",
        between: "skip",
        maxFrameLength: 1,
        onOversize: "skip",
      }),
      text: text(fixedLength({ frameLength: 3 }), "utf-8", {
        fatal: true,
        onInvalid: "skip",
        onSkip: (error) => errors.push(error.offset),
      }),
    }, {
      decode: ([first]) =>
        first === 0 || first === 2
          ? "cobs"
          : first === 0x54
          ? "text"
          : "marked",
      encode: () => "cobs",
    });
  };
  assertDecodes(
    make,
    concat([
      hex("00 00"),
      utf8("Tab"),
      hex("54ffff 54ffff 02 11 00 00"),
      utf8("x<a>Tcd<bb>Tef"),
    ]),
    { frames: ["Tab", hex("11"), utf8("a"), "Tcd", "Tef"] },
  );
  assertEquals(errors, [5, 8]);
});

// NMEA 0183 and UBX on one line

interface Sentence {
  readonly nmea: string;
}
interface Packet {
  readonly ubx: Uint8Array;
}

/** The exclusive or of all characters between `$` and `*`, in hexadecimal. */
const nmeaChecksum = {
  length: 3,
  compute(bytes: Uint8Array): Uint8Array {
    const sum = bytes.reduce((sum, byte) => sum ^ byte, 0);
    return utf8(`*${sum.toString(16).padStart(2, "0").toUpperCase()}`);
  },
};

/** UBX: b5 62, class, id, a little-endian length, the payload, two check bytes. */
function ubxSum(bytes: Uint8Array): Uint8Array {
  let a = 0;
  let b = 0;
  for (const byte of bytes) b = (b + (a = (a + byte) & 0xff)) & 0xff;
  return Uint8Array.of(a, b);
}

function gnss(onSkip: (error: FrameError) => void) {
  const recovery = { onInvalid: "skip", onSkip } as const;
  const nmea = mapCodec(
    checksum(marked({ start: "$", end: "\r\n" }), nmeaChecksum, recovery),
    {
      name: "nmea",
      decode: (bytes): Sentence => ({ nmea: new TextDecoder().decode(bytes) }),
      encode: ({ nmea }: Sentence) => utf8(nmea),
    },
  );
  const ubx = mapCodec(
    headerPrefixed({
      headerLength: 6,
      frameLength: ([, , , , low, high]) => 8 + low! + 256 * high!,
    }),
    {
      name: "ubx",
      ...recovery,
      decode(bytes): Packet {
        const sum = ubxSum(bytes.subarray(2, -2));
        if (sum.every((byte, i) => byte === bytes.at(i - 2))) {
          return { ubx: bytes.subarray(2, -2) };
        }
        throw new FrameError("CHECKSUM_MISMATCH", {
          reason: "The checksum is wrong",
          expected: `${sum}`,
          got: `${bytes.subarray(-2)}`,
        });
      },
      encode: ({ ubx }: Packet) =>
        concat([hex("b562"), ubx, ubxSum(ubx)]) as Uint8Array,
    },
  );
  const noise = filter(
    mapCodec(fixedLength({ frameLength: 1 }), {
      name: "noise",
      decode: (): Sentence => ({ nmea: "" }),
      encode: (_: never) => hex("00"),
    }),
    () => false,
  );
  return choose({ nmea, ubx, noise }, {
    decode: ([first]) =>
      first === 0x24 ? "nmea" : first === 0xb5 ? "ubx" : "noise",
    encode: (frame: Sentence | Packet) => "nmea" in frame ? "nmea" : "ubx",
  });
}

test("choose() reads NMEA and UBX on one line, and each loss costs one frame", () => {
  const codec = gnss(() => {});
  const sentence = utf8("$GPGLL,,,,,,V,N*64\r\n");
  // UBX-ACK-ACK of UBX-CFG-MSG
  const packet = hex("b562 0501 0200 0601 0f38");
  const s: Sentence = { nmea: "GPGLL,,,,,,V,N" };
  const p: Packet = { ubx: hex("0501 0200 0601") };
  assertEquals([s, p].map((frame) => codec.encode(frame)), [sentence, packet]);
  const badSentence = utf8("$GPGLL,,,,,,A,N*64\r\n");
  const badPacket = hex("b562 0501 0200 0701 0f38");
  const parts = [
    sentence,
    packet,
    badSentence,
    packet,
    badPacket,
    sentence,
    hex("00 ff"),
    packet,
  ];
  let reports: (number | undefined)[] = [];
  for (const chunks of [[concat(parts)], singleBytes(concat(parts))]) {
    reports = [];
    const outcome = runDecoder(
      () => gnss((error) => reports.push(error.offset)),
      chunks,
    );
    assertEquals(outcome.frames, [s, p, p, s, p]);
    assertEquals(outcome.error, undefined);
    assertEquals(reports, [30, 60]);
  }
});

// The encoder

test("choose() writes with the codec that its function names", () => {
  assertEquals(mixed.encode("a"), utf8("a\n"));
  assertEquals(mixed.encode(hex("61")), hex("0001 61"));
});

test("choose() refuses a frame that would be read in another format", () => {
  assertStrictEquals(
    frameError(() => mixed.encode("\0a")).code,
    "HEADER_INVALID",
  );
  assertStrictEquals(
    frameError(() => mixed.encode(new Uint8Array(256))).message,
    "The frame would be read in another format: expected a frame that begins like one of data, got one of line",
  );
  const output = new ByteWriter();
  output.write(hex("ff"));
  assertThrows(() => mixed.encoder().encode("\0a", output), FrameError);
  assertEquals(output.take(), hex("ff"));
  const short = choose({ short: fixedLength({ frameLength: 1 }) }, {
    decode: ({ length }) => length < 2 ? undefined : "short",
    encode: () => "short",
  });
  assertStrictEquals(
    frameError(() => short.encode(hex("00"))).code,
    "HEADER_INVALID",
  );
});

test("choose() shares its encoder when the codecs share theirs", () => {
  assertStrictEquals(mixed.encoder(), mixed.encoder());
  const counting: Codec<string> = {
    ...lines(),
    encoder: () => ({ encode: () => {} }),
  };
  const codec = choose({ counting }, {
    decode: () => "counting",
    encode: () => "counting",
  });
  assert(codec.encoder() !== codec.encoder());
});

// Time

test("choose() takes linear time when small frames alternate", () => {
  const count = 10_000;
  const pair = utf8("ab\n\0\x02HI");
  const bytes = new Uint8Array(count / 2 * pair.length);
  for (let i = 0; i < bytes.length; i += pair.length) bytes.set(pair, i);
  const pull = (decoder: ReturnType<typeof mixed.decoder>, most = Infinity) => {
    let pulled = 0;
    while (pulled < most && decoder.next() !== undefined) pulled++;
    return pulled;
  };
  const ways: ((decoder: ReturnType<typeof mixed.decoder>) => number)[] = [
    (decoder) => {
      decoder.push(bytes);
      return pull(decoder);
    },
    (decoder) => {
      let pulled = 0;
      for (let i = 0; i < bytes.length; i++) {
        decoder.push(bytes.subarray(i, i + 1));
        pulled += pull(decoder);
      }
      return pulled;
    },
    // A slow consumer: one frame a chunk, while thousands wait.
    (decoder) => {
      const half = bytes.length / 2;
      decoder.push(bytes.subarray(0, half));
      let pulled = 0;
      for (let i = half; i < bytes.length; i++) {
        decoder.push(bytes.subarray(i, i + 1));
        pulled += pull(decoder, 1);
      }
      return pulled + pull(decoder);
    },
  ];
  for (const way of ways) {
    let pulled = 0;
    const work = countWork(() => pulled = way(mixed.decoder()));
    assertStrictEquals(pulled, count);
    const { copied, read, scanned, allocated } = work;
    for (const amount of [copied, read, scanned, allocated]) {
      assertLessOrEqual(amount, 4 * bytes.length);
    }
  }
});

test("choose() asks in linear time when bytes come one by one", () => {
  let asked = 0;
  const codec = choose({ long: fixedLength({ frameLength: 64 }) }, {
    decode({ length }) {
      asked++;
      return length < 64 ? undefined : "long";
    },
    encode: () => "long",
  });
  const bytes = new Uint8Array(640);
  const work = countWork(() => {
    const { frames } = runDecoder(() => codec, singleBytes(bytes));
    assertStrictEquals(frames.length, 10);
  });
  assertStrictEquals(asked, 640);
  assertLessOrEqual(work.allocated, 4 * bytes.length);
});
