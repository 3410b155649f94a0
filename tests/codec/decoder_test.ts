/**
 * What holds for the decoder and the encoder of every codec.
 */

import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat, equals } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  cobs,
  type Codec,
  commandFrame,
  contentLength,
  defineCodec,
  delimited,
  fixedLength,
  FrameError,
  headerPrefixed,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  marked,
  netstring,
  slip,
  varintPrefixed,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { asViews, cutAt, withEmpty } from "../support/cuts.ts";
import {
  failure,
  frameError,
  type MakeCodec,
  runDecoder,
} from "../support/run_decoder.ts";

type OnSkip = (error: FrameError) => void;

/** A codec, with what the laws need of it. */
interface Sample {
  readonly name: string;
  readonly make: (onSkip?: OnSkip) => Codec<never, unknown>;
  /** Some bytes that hold three frames. */
  readonly three: Uint8Array;
  /** Bytes behind them at which the decoder stops with an error. */
  readonly bad: Uint8Array;
  /** Bytes of which the format makes something. */
  readonly bytes: fc.Arbitrary<Uint8Array>;
}

/** Bytes taken from a few that matter to a format. */
function bytesOf(...values: number[]): fc.Arbitrary<Uint8Array> {
  return fc.array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...values) },
      { weight: 1, arbitrary: fc.nat(255) },
    ),
    { maxLength: 50 },
  ).map((bytes) => Uint8Array.from(bytes));
}

/** Some of the pieces behind each other. */
function piecesOf(...pieces: Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map(concat);
}

const samples: Sample[] = [
  {
    name: "lengthPrefixed()",
    make: () => lengthPrefixed({ maxFrameLength: 6 }),
    three: hex("00000001 41 00000000 00000002 4242"),
    bad: hex("00000007"),
    bytes: bytesOf(0, 0, 0, 0, 1, 2, 3, 8),
  },
  {
    name: "lengthPrefixed(), inclusive,",
    make: () =>
      lengthPrefixed({
        lengthBytes: 1,
        lengthOffset: 1,
        lengthIncludes: "frame",
        maxFrameLength: 3,
      }),
    three: hex("ff 03 41 00 02 01 05 434343"),
    bad: hex("00 01"),
    bytes: bytesOf(2, 3, 4, 5, 2, 3, 4, 1),
  },
  {
    name: "lengthPrefixed(), skipping,",
    make: (onSkip) =>
      lengthPrefixed({
        lengthBytes: 1,
        lengthAdjustment: -1,
        maxFrameLength: 3,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: hex("02 41 01 05 43434343 03 4242"),
    bad: hex("00"),
    bytes: bytesOf(1, 1, 2, 3, 4, 5, 6, 9),
  },
  {
    name: "delimited()",
    make: () => delimited({ delimiter: ["<>", "<<>"], maxFrameLength: 4 }),
    three: utf8("a<><<>bbb<<>"),
    bad: utf8("abcde"),
    bytes: bytesOf(...utf8("<<<>>a")),
  },
  {
    name: "delimited(), skipping,",
    make: (onSkip) =>
      delimited({
        delimiter: ["aab", "\n"],
        keepDelimiter: true,
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: utf8("aaaab\nxxxaabxx\n"),
    bad: utf8("x"),
    bytes: bytesOf(...utf8("aaaabbx\n")),
  },
  {
    name: "cobs()",
    make: () => cobs({ maxFrameLength: 4 }),
    three: hex("02 41 00 01 01 00 03 42 42 02 43 00"),
    bad: hex("09 00"),
    bytes: bytesOf(0, 0, 1, 2, 3, 5, 1),
  },
  {
    name: "slip(), skipping,",
    make: (onSkip) =>
      slip({
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: hex("41 c0 4242 c0 444444 c0 dbdc c0"),
    bad: hex("db 41 c0"),
    bytes: bytesOf(0xc0, 0xc0, 0xdb, 0xdc, 0xdd, 1),
  },
  {
    name: "marked()",
    make: () => marked({ start: "<<", end: ">>", maxFrameLength: 3 }),
    three: utf8("<<a>><<>><<bb>>"),
    bad: utf8("x"),
    bytes: bytesOf(...utf8("<<<>>>a")),
  },
  {
    name: "marked(), skipping,",
    make: (onSkip) =>
      marked({
        start: "<<",
        end: ">>",
        between: "skip",
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: utf8("<<a>> <<>>x<<long>><<bb>>"),
    bad: utf8("<<abc"),
    bytes: bytesOf(...utf8("<<<>>>a")),
  },
  {
    name: "lines()",
    make: () => lines({ maxFrameLength: 5, truncated: "error" }),
    three: utf8("ä\r\n\nabc\n"),
    bad: utf8("abcdef"),
    bytes: bytesOf(...utf8("aä\r\r\n\n")),
  },
  {
    name: "lines(), fatal and skipping,",
    make: (onSkip) =>
      lines({
        maxFrameLength: 5,
        fatal: true,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: utf8("ä\r\nabcdefgh\n\nabc\n"),
    bad: hex("ff 0a"),
    bytes: bytesOf(...utf8("abcdä\r\r\n\n")),
  },
  {
    name: "fixedLength()",
    make: () => fixedLength({ frameLength: 3 }),
    three: utf8("abcdefghi"),
    bad: utf8("j"),
    bytes: bytesOf(1, 2, 3),
  },
  {
    name: "varintPrefixed()",
    make: () => varintPrefixed({ maxFrameLength: 6 }),
    three: hex("01 41 00 02 8080"),
    bad: hex("80 00"),
    bytes: bytesOf(0, 1, 2, 3, 7, 128, 129, 255),
  },
  {
    name: "varintPrefixed(), skipping,",
    make: (onSkip) =>
      varintPrefixed({
        maxFrameLength: 3,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: hex("01 41 04 42424242 00 02 8080"),
    bad: hex("84 00"),
    bytes: bytesOf(0, 1, 2, 3, 4, 5, 5, 128),
  },
  {
    name: "headerPrefixed()",
    make: () =>
      headerPrefixed({
        headerLength: 2,
        maxHeaderLength: 4,
        // A byte that means nothing, and the digits of the length to base 128.
        frameLength(header) {
          if (header.at(-1)! >= 128) return undefined;
          return header.subarray(1).reduce(
            (length, digit) => 128 * length + digit % 128,
            0,
          );
        },
        maxFrameLength: 6,
      }),
    three: hex("ff 02 41 80 04 41 00 8080 05 41"),
    bad: hex("00 01"),
    bytes: bytesOf(2, 3, 4, 5, 6, 7, 128, 129),
  },
  {
    name: "commandFrame(), skipping,",
    make: (onSkip) =>
      commandFrame({
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: hex(
      "00000001 00000002 00000001 41" +
        "00000003 00000000 00000000 424242" +
        "00000000 ffffffff 00000000" +
        "00000002 00000004 00000001 4343",
    ),
    bad: hex("00000000 00000000 000000"),
    bytes: piecesOf(
      hex("00000001 00000002 0000000141"),
      hex("00000002 00000002 000000004141"),
      hex("00000005 00000000 000000014242424242"),
      hex("00000000 00000000 00000000"),
      hex("00000000 00000001 0000"),
      hex("00"),
    ),
  },
  {
    name: "jsonHeader()",
    make: () =>
      jsonHeader({
        digest: { name: "n", compute: (bytes) => `${bytes.length}` },
        maxHeaderLength: 32,
        maxFrameLength: 3,
      }),
    three: utf8(
      '\0\0\0\x14{"length":1,"n":"1"}A' +
        '\0\0\0\x17{"n": "0", "length": 0}' +
        '\0\0\0\x14{"n":"2","length":2}BB',
    ),
    bad: utf8('\0\0\0\x14{"length":1,"n":"2"}A'),
    bytes: piecesOf(
      utf8('\0\0\0\x14{"length":1,"n":"1"}A'),
      utf8('\0\0\0\x14{"length":0,"n":"0"}'),
      utf8('\0\0\0\x14{"length":2,"n":"1"}AB'),
      utf8('\0\0\0\x14{"length":4,"n":"4"}ABCD'),
      utf8("\0\0\0\x02{}"),
      hex("00 00 00 40"),
      hex("00"),
      utf8("\0\0\0\x01"),
    ),
  },
  {
    name: "netstring()",
    make: () => netstring({ maxFrameLength: 11 }),
    three: utf8("1:a,0:,11:12345678901,"),
    bad: utf8("1:ab"),
    bytes: bytesOf(...utf8("00123:,,")),
  },
  {
    name: "netstring(), skipping,",
    make: (onSkip) =>
      netstring({
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: utf8("1:a,5:bbbbb,0:,2:cc,"),
    bad: utf8("3:abcd"),
    bytes: bytesOf(...utf8("01233:,,")),
  },
  {
    name: "contentLength()",
    make: () => contentLength({ maxHeaderLength: 40, maxFrameLength: 2 }),
    three: utf8(
      "Content-Length: 1\r\n\r\na" +
        "X: y\r\ncontent-length:0\r\n\r\n" +
        "Content-Length: 2\r\n\r\nbb",
    ),
    bad: utf8("Content-Length: 1\r\nX\r\n"),
    bytes: piecesOf(
      utf8("Content-Length: 1\r\n\r\na"),
      utf8("Content-Length: 2\r\n"),
      utf8("X: y\r\n"),
      utf8("Content-Length:"),
      utf8("3"),
      utf8("\r\n"),
      utf8("\n"),
    ),
  },
  {
    name: "contentLength(), headers and skipping,",
    make: (onSkip) =>
      contentLength({
        headers: true,
        maxFrameLength: 2,
        onOversize: "skip",
        ...(onSkip && { onSkip }),
      }),
    three: utf8(
      "Content-Length: 1\r\n\r\na" +
        "Content-Length: 3\r\n\r\nbbb" +
        "X: y\r\nx:z\r\ncontent-length:0\r\n\r\n" +
        "Content-Length: 2\r\n\r\nbb",
    ),
    bad: utf8("Content-Length: 1\r\nContent-Length: 1\r\n"),
    bytes: piecesOf(
      utf8("Content-Length: 1\r\n\r\na"),
      utf8("Content-Length: 12\r\n\r\n"),
      utf8("X: y\r\n"),
      utf8("Content-Length: 0\r\n"),
      utf8("\r\n"),
    ),
  },
];

/** The bytes and two ways to cut them. */
const cutTwice = ({ bytes, three }: Sample) =>
  fc.record({
    bytes: fc.oneof(
      bytes,
      // A prefix that decodes, so that there is something before what is bad.
      bytes.map((rest) => concat([three, rest])),
    ),
    one: fc.array(fc.nat(80), { maxLength: 30 }),
    other: fc.array(fc.nat(80), { maxLength: 8 }),
  });

for (const sample of samples) {
  const { name, make, three, bad } = sample;
  const makeCodec: MakeCodec<unknown> = make;

  test(`${name} gives the same frames and the same error under any two cuts`, () => {
    fc.assert(
      fc.property(
        cutTwice(sample),
        fc.boolean(),
        ({ bytes, one, other }, late) => {
          // That no other error than a FrameError is thrown is checked there.
          assertEquals(
            runDecoder(makeCodec, cutAt(bytes, one), late),
            runDecoder(makeCodec, asViews(withEmpty(cutAt(bytes, other)))),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test(`${name} decodes a whole input as it decodes a stream`, () => {
    fc.assert(fc.property(cutTwice(sample), ({ bytes, one }) => {
      const { frames, error } = runDecoder(makeCodec, cutAt(bytes, one));
      if (error === undefined) {
        assertEquals(make().decode(bytes), frames);
      } else {
        assertEquals(failure(frameError(() => make().decode(bytes))), error);
      }
    }));
  });

  test(`${name} leaves the rest to another decoder after any frame`, () => {
    fc.assert(
      fc.property(cutTwice(sample), fc.nat(4), ({ bytes, one }, stop) => {
        const codec = make();
        const chunks = cutAt(bytes, one);
        const whole = runDecoder(makeCodec, chunks);
        const decoder = codec.decoder();
        const frames: unknown[] = [];
        while (frames.length < stop) {
          try {
            const frame = decoder.next();
            if (frame !== undefined) frames.push(frame);
            else if (chunks.length > 0) decoder.push(chunks.shift()!);
            else return;
          } catch (error) {
            failure(error);
            return;
          }
        }
        const unread = decoder.takeUnread();
        assertStrictEquals(decoder.bufferedBytes, 0);
        assertStrictEquals(decoder.next(), undefined);
        const rest = runDecoder(makeCodec, [unread, ...chunks]);
        assertEquals([...frames, ...rest.frames], whole.frames);
        assertStrictEquals(rest.error?.code, whole.error?.code);
        const behind = whole.skipped.length - rest.skipped.length;
        assertEquals(
          rest.skipped.map(({ code }) => code),
          whole.skipped.slice(behind).map(({ code }) => code),
        );
        // Offsets count from where the other decoder began.
        const moved = bytes.length - unread.length -
          chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        if (whole.error?.offset !== undefined) {
          assertStrictEquals(rest.error?.offset, whole.error.offset - moved);
        }
      }),
      { numRuns: 200 },
    );
  });

  test(`${name} delivers the frames before a bad one, then the error, again and again`, () => {
    const decoder = make().decoder();
    decoder.push(concat([three, bad]));
    decoder.end();
    for (let i = 0; i < 3; i++) assert(decoder.next() !== undefined);
    const first = frameError(() => decoder.next());
    assertStrictEquals(first.offset, three.length);
    assertStrictEquals(frameError(() => decoder.next()), first);
    assertThrows(() => decoder.push(three), TypeError);
    assertStrictEquals(frameError(() => decoder.next()), first);
  });

  test(`${name} decodes nothing more after an error`, () => {
    const decoder = make().decoder();
    decoder.push(concat([three, bad]));
    const errors = new Set<unknown>();
    for (let i = 0; i < 10; i++) {
      try {
        decoder.next();
      } catch (error) {
        errors.add(error);
      }
      if (errors.size > 0) decoder.push(three);
    }
    // Some inputs are bad only when the stream ends.
    assertLessOrEqual(errors.size, 1);
    if (errors.size === 1) {
      assertLessOrEqual(decoder.bufferedBytes, bad.length);
      assertThrows(() => decoder.next(), FrameError);
    }
  });

  test(`${name} tells how many bytes are unread`, () => {
    const decoder = make().decoder();
    assertStrictEquals(decoder.bufferedBytes, 0);
    decoder.push(three);
    assertStrictEquals(decoder.bufferedBytes, three.length);
    for (let i = 0; i < 3; i++) decoder.next();
    assertStrictEquals(decoder.bufferedBytes, 0);
    assertStrictEquals(decoder.next(), undefined);
    assertEquals(decoder.takeUnread(), hex(""));
  });

  test(`${name} goes on after its unread bytes were taken`, () => {
    const decoder = make().decoder();
    decoder.push(concat([three, three.subarray(0, 1)]));
    for (let i = 0; i < 3; i++) decoder.next();
    assertEquals(decoder.takeUnread(), three.slice(0, 1));
    assertStrictEquals(decoder.bufferedBytes, 0);
    decoder.push(concat([three, bad]));
    decoder.end();
    for (let i = 0; i < 3; i++) assert(decoder.next() !== undefined);
    // The bytes that were taken still count for the position.
    const { offset } = frameError(() => decoder.next());
    assertStrictEquals(offset, 2 * three.length + 1);
  });

  test(`${name} begins a frame anew where its unread bytes were taken`, () => {
    const decoder = make().decoder();
    decoder.push(three.subarray(0, 1));
    decoder.takeUnread();
    decoder.push(bad);
    decoder.end();
    assertStrictEquals(frameError(() => decoder.next()).offset, 1);
  });

  test(`${name} gives unread bytes that later ones do not change`, () => {
    const decoder = make().decoder();
    decoder.push(three.slice(0, 1));
    decoder.push(three.slice(1, 2));
    const unread = decoder.takeUnread();
    const before = unread.slice();
    decoder.push(hex("ff"));
    decoder.push(hex("ff ff ff ff ff"));
    assertEquals(unread, before);
  });

  test(`${name} yields all frames also when they are pulled only after the end`, () => {
    const decoder = make().decoder();
    decoder.push(three);
    decoder.end();
    for (let i = 0; i < 3; i++) assert(decoder.next() !== undefined);
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.next(), undefined);
  });

  test(`${name} takes no bytes after the end`, () => {
    const decoder = make().decoder();
    decoder.end();
    assertThrows(() => decoder.push(hex("")), TypeError, "has been ended");
    assertStrictEquals(decoder.next(), undefined);
    decoder.end();
    assertStrictEquals(decoder.next(), undefined);
  });

  test(`${name} shares nothing between two decoders of a codec`, () => {
    const codec = make();
    const expected = codec.decode(three);
    const [one, other] = [codec.decoder(), codec.decoder()];
    const frames: [unknown[], unknown[]] = [[], []];
    for (const byte of three) {
      for (const [i, decoder] of [one, other].entries()) {
        decoder.push(Uint8Array.of(byte));
        const frame = decoder.next();
        if (frame !== undefined) frames[i]!.push(frame);
      }
    }
    assertEquals(frames, [expected, expected]);
  });

  test(`${name} is named after its factory`, () => {
    assertStrictEquals(make().name, name.replace(/\(.*/, ""));
  });
}

/** The codecs of bytes, whose frames are views or copies. */
const byteCodecs: [
  string,
  (copy?: boolean) => Codec<Uint8Array>,
  Uint8Array,
][] = [
  [
    "lengthPrefixed()",
    (copy = false) => lengthPrefixed({ lengthBytes: 1, copy }),
    hex("03 414243 02 4445"),
  ],
  [
    "delimited()",
    (copy = false) => delimited({ delimiter: "\n", truncated: "emit", copy }),
    utf8("abc\nde"),
  ],
  [
    "delimited(), keepDelimiter,",
    (copy = false) => delimited({ delimiter: "\n", keepDelimiter: true, copy }),
    utf8("abc\nde\n"),
  ],
  [
    "fixedLength()",
    (copy = false) => fixedLength({ frameLength: 3, copy }),
    utf8("abcdef"),
  ],
  [
    "varintPrefixed()",
    (copy = false) => varintPrefixed({ copy }),
    hex("03 414243 02 4445"),
  ],
  [
    "headerPrefixed()",
    (copy = false) =>
      headerPrefixed({
        headerLength: 1,
        frameLength: (header) => header[0],
        copy,
      }),
    hex("03 4142 02 44"),
  ],
  [
    "netstring()",
    (copy = false) => netstring({ copy }),
    utf8("3:abc,2:de,"),
  ],
  [
    "contentLength()",
    (copy = false) => contentLength({ copy }),
    utf8("Content-Length: 3\r\n\r\nabcContent-Length: 2\r\n\r\nde"),
  ],
];

for (const [name, make, input] of byteCodecs) {
  test(`${name} hands out views of the chunk that frames came in`, () => {
    const [chunk] = asViews([input]);
    const frames = make().decode(chunk!);
    assertStrictEquals(frames.length, 2);
    for (const frame of frames) {
      assertStrictEquals(frame.buffer, chunk!.buffer);
      assertStrictEquals(frame.constructor, Uint8Array);
    }
  });

  test(`${name} hands out copies when asked to`, () => {
    const kinds = [
      () => input.slice(),
      () => Buffer.from(input),
      () => asViews([input])[0]!,
    ];
    for (const kind of kinds) {
      for (const at of [0, 2]) {
        const whole = kind();
        const decoder = make(true).decoder();
        decoder.push(whole.subarray(0, at));
        decoder.push(whole.subarray(at));
        decoder.end();
        const frames = [decoder.next()!, decoder.next()!];
        assertStrictEquals(decoder.next(), undefined);
        whole.fill(255);
        assertEquals(frames, make().decode(input));
        for (const frame of frames) {
          assertStrictEquals(frame.constructor, Uint8Array);
          assertStrictEquals(frame.buffer.byteLength, frame.length);
        }
      }
    }
  });

  test(`${name} encodes Buffers and views like any bytes`, () => {
    const codec = make();
    for (const frame of codec.decode(input).slice(0, 1)) {
      const expected = codec.encode(frame);
      assertEquals(codec.encode(Buffer.from(frame)), expected);
      assertEquals(codec.encode(asViews([frame])[0]!), expected);
      assertStrictEquals(
        codec.encode(Buffer.from(frame)).constructor,
        Uint8Array,
      );
    }
  });

  test(`${name} gathers frames in one output as it encodes them alone`, () => {
    const codec = make();
    const [frame] = codec.decode(input);
    const encoder = codec.encoder();
    const output = new ByteWriter();
    for (let i = 0; i < 50; i++) encoder.encode(frame!, output);
    const expected = concat(
      Array.from({ length: 50 }, () => codec.encode(frame!)),
    );
    assert(equals(output.take(), expected));
  });
}

// Reading, taking and failing from inside a handler

const skippers: [
  string,
  (onSkip: OnSkip) => Codec<never, unknown>,
  Uint8Array,
][] = [
  [
    "lengthPrefixed()",
    (onSkip) =>
      lengthPrefixed({
        lengthBytes: 1,
        maxFrameLength: 1,
        onOversize: "skip",
        onSkip,
      }),
    hex("01 61 03 787878 01 62 03 797979 01 63"),
  ],
  [
    "delimited()",
    (onSkip) =>
      delimited({
        delimiter: "\r\n",
        maxFrameLength: 1,
        onOversize: "skip",
        onSkip,
      }),
    utf8("a\r\nxxx\r\nb\r\nyyy\r\nc\r\n"),
  ],
  [
    "netstring()",
    (onSkip) => netstring({ maxFrameLength: 1, onOversize: "skip", onSkip }),
    utf8("1:a,3:xxx,1:b,3:yyy,1:c,"),
  ],
];

for (const [name, make, input] of skippers) {
  test(`${name} may be read from inside onSkip`, () => {
    const frames: unknown[] = [];
    let reports = 0;
    const decoder = make(() => {
      reports++;
      const frame = decoder.next();
      if (frame !== undefined) frames.push(frame);
    }).decoder();
    for (const chunk of cutAt(input, [5])) {
      decoder.push(chunk);
      for (
        let frame = decoder.next();
        frame !== undefined;
        frame = decoder.next()
      ) frames.push(frame);
    }
    assertEquals(frames, [utf8("a"), utf8("b"), utf8("c")]);
    assertStrictEquals(reports, 2);
  });

  test(`${name} may be given bytes from inside onSkip`, () => {
    let pushes = 0;
    const decoder = make(() => {
      if (pushes++ < 2) decoder.push(input);
    }).decoder();
    decoder.push(input);
    const frames = Array.from({ length: 10 }, () => decoder.next());
    assertEquals(frames, [..."abcabcabc"].map(utf8).concat([undefined!]));
  });

  test(`${name} may be emptied from inside onSkip`, () => {
    let unread = hex("");
    const decoder = make(() => unread = decoder.takeUnread()).decoder();
    decoder.push(input);
    assertEquals(decoder.next(), utf8("a"));
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.bufferedBytes, 0);
    // The frame passed over is in what was taken: it had not been read yet.
    assertEquals(unread, input.slice(input.length - unread.length));
  });

  test(`${name} ends with what onSkip throws`, () => {
    const thrown = new Error("from onSkip");
    const decoder = make(() => {
      throw thrown;
    }).decoder();
    decoder.push(input);
    assertEquals(decoder.next(), utf8("a"));
    for (let i = 0; i < 2; i++) {
      assertStrictEquals(assertThrows(() => decoder.next()), thrown);
    }
  });
}

// Formats of one's own

test("push() takes an ArrayBuffer and any view of one", () => {
  const line = utf8('"abc"\n').slice().buffer;
  const frame = hex("00 00 00 04 01 02 03 04").slice().buffer;
  for (
    const [codec, bytes] of [
      [lines(), line],
      [json(delimited({ delimiter: "\n" })), line],
      [lengthPrefixed(), frame],
    ] as const
  ) {
    const decode = (chunk: ArrayBuffer | ArrayBufferView) => {
      const decoder = codec.decoder();
      decoder.push(chunk);
      return decoder.next();
    };
    const expected = decode(new Uint8Array(bytes));
    assert(expected !== undefined);
    assertEquals(decode(bytes), expected);
    assertEquals(decode(new DataView(bytes)), expected);
    assertEquals(decode(new Uint16Array(bytes)), expected);
    assertThrows(() => decode("text" as unknown as ArrayBuffer), TypeError);
  }
});

test("defineCodec() makes a codec of a reader and an encoder", () => {
  const codec = defineCodec<number>({
    name: "digits",
    reader: () => ({
      read(input) {
        if (input.length === 0) return undefined;
        const [byte] = input.take(1);
        if (byte === 0) {
          throw new FrameError("LENGTH_INVALID", {
            reason: "The digit is missing",
            offset: input.frameOffset,
            expected: "a digit",
            got: "0",
          });
        }
        return byte! - 48;
      },
      finish: () => undefined,
    }),
    encoder: () => ({
      encode: (digit, output) => output.writeByte(digit + 48),
    }),
  });
  assertStrictEquals(codec.name, "digits");
  assertEquals(codec.encode(7), utf8("7"));
  assertEquals(codec.decode(utf8("1203")), [1, 2, 0, 3]);
  const { frames, error } = runDecoder(() => codec, [utf8("12"), hex("00 31")]);
  assertEquals(frames, [1, 2]);
  assertStrictEquals(error?.offset, 2);
});

test("defineCodec() takes every frame but undefined for a frame", () => {
  const values = [null, 0, "", false, NaN];
  const codec = defineCodec<never, unknown>({
    name: "values",
    reader: () => ({
      read: (input) =>
        input.length === 0 ? undefined : values[input.take(1)[0]!],
      finish: () => undefined,
    }),
    encoder: () => ({ encode() {} }),
  });
  assertEquals(codec.decode(hex("00 01 02 03 04")), values);
});

test("defineCodec() tells a reader where its frame began, however often it is asked", () => {
  const offsets: number[] = [];
  const codec = defineCodec<never, string>({
    name: "pairs",
    reader: () => ({
      read(input) {
        offsets.push(input.frameOffset);
        // Half of a frame is used up before the other half has come.
        if (input.length === 0) return undefined;
        input.skip(1);
        return input.offset % 2 === 0 ? "pair" : undefined;
      },
      finish: () => undefined,
    }),
    encoder: () => ({ encode() {} }),
  });
  const decoder = codec.decoder();
  for (let i = 0; i < 4; i++) {
    decoder.push(hex("00"));
    decoder.next();
  }
  assertEquals(offsets, [0, 0, 2, 2]);
});

test("defineCodec() keeps an error that is no FrameError too", () => {
  const codec = defineCodec<never, never>({
    name: "broken",
    reader: () => ({
      read() {
        throw new SyntaxError("broken");
      },
      finish: () => undefined,
    }),
    encoder: () => ({ encode() {} }),
  });
  const decoder = codec.decoder();
  const first = assertThrows(() => decoder.next(), SyntaxError);
  assertStrictEquals(assertThrows(() => decoder.next()), first);
  decoder.push(hex("00"));
  assertStrictEquals(decoder.bufferedBytes, 0);
});

// Errors

test("FrameError says what was expected, what came and where", () => {
  const cause = new Error("underneath");
  const error = new FrameError("LENGTH_INVALID", {
    reason: "The length is odd",
    offset: 12,
    expected: "an even number",
    got: "3",
    cause,
  });
  assert(error instanceof Error);
  assertStrictEquals(error.name, "FrameError");
  assertStrictEquals(error.code, "LENGTH_INVALID");
  assertStrictEquals(error.offset, 12);
  assertStrictEquals(error.expected, "an even number");
  assertStrictEquals(error.got, "3");
  assertStrictEquals(error.cause, cause);
  assertStrictEquals(
    error.message,
    "The length is odd: expected an even number, got 3, in the frame at byte offset 12",
  );
});

test("FrameError has no offset and no cause when it was given none", () => {
  const error = new FrameError("FRAME_TOO_LARGE", {
    reason: "The frame is too large",
    expected: "less",
    got: "more",
  });
  assertStrictEquals(error.offset, undefined);
  assertStrictEquals("cause" in error, false);
  assertStrictEquals(
    error.message,
    "The frame is too large: expected less, got more",
  );
});
