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
  type CountedHeaderOptions,
  type EndedHeaderOptions,
  FrameError,
  headerPrefixed,
  type HeaderPrefixedOptions,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt, singleBytes } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

/** A byte that is the length of the whole frame. */
const oneByte: CountedHeaderOptions = {
  headerLength: 1,
  frameLength: (header) => header[0],
};

/** MQTT 3.1.1, 2.2.3: the remaining length in one to four bytes. */
const mqtt: CountedHeaderOptions = {
  headerLength: 2,
  maxHeaderLength: 5,
  frameLength(header) {
    let length = 0;
    for (let i = 1; i < header.length; i++) {
      length += (header[i]! & 0x7f) * 128 ** (i - 1);
      if (header[i]! < 0x80) return i + 1 + length;
    }
    return undefined;
  },
};

// Formats

test("headerPrefixed() hands out the packets of MQTT whole", () => {
  const pingreq = hex("c0 00");
  // CONNECT with the client identifier "a", and a PUBLISH of 321 bytes.
  const connect = hex("10 0d 0004 4d515454 04 02 003c 0001 61");
  const publish = concat([hex("30 c1 02 0001 61"), new Uint8Array(318)]);
  assertDecodes(
    () => headerPrefixed(mqtt),
    concat([pingreq, connect, publish, pingreq]),
    { frames: [pingreq, connect, publish, pingreq] },
  );
  for (const packet of [pingreq, connect, publish]) {
    assertEquals(headerPrefixed(mqtt).encode(packet), packet);
  }
});

test("headerPrefixed() hands out the messages of PostgreSQL whole", () => {
  // A type, and an int32 that counts itself and what follows.
  const codec = headerPrefixed({
    headerLength: 5,
    frameLength: (header) =>
      1 + new DataView(header.buffer, header.byteOffset).getInt32(1),
  });
  const authenticationOk = hex("52 00000008 00000000");
  const readyForQuery = hex("5a 00000005 49");
  assertDecodes(() => codec, concat([authenticationOk, readyForQuery]), {
    frames: [authenticationOk, readyForQuery],
  });
  // A length that does not count itself, and a negative one.
  for (const length of ["00000003", "ffffffff"]) {
    assertDecodes(() => codec, hex(`5a 00000005 49 5a ${length} 49`), {
      frames: [readyForQuery],
      error: { code: "LENGTH_INVALID", offset: 6 },
    });
  }
});

test("headerPrefixed() shows every length of header in turn, whatever the cuts", () => {
  const header = hex("30 ff ff 03");
  for (const chunks of [[header], singleBytes(header), cutAt(header, [3])]) {
    const shown: string[] = [];
    const decoder = headerPrefixed({
      ...mqtt,
      frameLength(header) {
        shown.push(Array.from(header).join(" "));
        return mqtt.frameLength(header);
      },
    }).decoder();
    for (const chunk of chunks) {
      decoder.push(chunk);
      decoder.next();
      decoder.next();
    }
    assertEquals(shown, ["48 255", "48 255 255", "48 255 255 3"]);
  }
});

test("headerPrefixed() takes frames that are all header", () => {
  assertDecodes(() => headerPrefixed(oneByte), hex("01 02 41 01"), {
    frames: [hex("01"), hex("02 41"), hex("01")],
  });
});

// Headers that are none

test("headerPrefixed() refuses a length that no frame can have", () => {
  const lengths = [0, -1, 1, 2.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 63];
  for (const length of lengths) {
    const make = () =>
      headerPrefixed({
        headerLength: 2,
        frameLength: (header) => header[0] === 1 ? 2 : length,
        onOversize: "skip",
      });
    assertDecodes(make, hex("01 00 02 00 00"), {
      frames: [hex("01 00")],
      error: { code: "LENGTH_INVALID", offset: 2 },
    });
  }
  const error = frameError(() => headerPrefixed(oneByte).decode(hex("00")));
  assertStrictEquals(
    error.message,
    "The header says what no frame can have for a length: expected a whole number of at least 1, got 0, in the frame at byte offset 0",
  );
});

test("headerPrefixed() refuses a length smaller than the header that said it", () => {
  const codec = headerPrefixed({
    headerLength: 1,
    frameLength: (header) => header.length < 3 ? undefined : header[0],
  });
  assertDecodes(() => codec, hex("03 00 00 02 00 00"), {
    frames: [hex("03 00 00")],
    error: { code: "LENGTH_INVALID", offset: 3 },
  });
});

test("headerPrefixed() refuses a header longer than the longest", () => {
  assertDecodes(() => headerPrefixed(mqtt), hex("c000 30 ffffffff 01"), {
    frames: [hex("c0 00")],
    error: { code: "HEADER_INVALID", offset: 2 },
  });
  const decoder = headerPrefixed(mqtt).decoder();
  decoder.push(hex("30 ff ff ff"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(hex("ff"));
  const { expected } = frameError(() => decoder.next());
  assertStrictEquals(expected, "a header of at most 5 bytes (maxHeaderLength)");
});

test("headerPrefixed() shows no more than 64 bytes of a header by default", () => {
  for (const [headerLength, most] of [[1, 64], [64, 64], [100, 100]] as const) {
    let shown = 0;
    const codec = headerPrefixed({
      headerLength,
      frameLength(header) {
        shown = header.length;
        return undefined;
      },
    });
    const error = frameError(() => codec.decode(new Uint8Array(200)));
    assertStrictEquals(error.code, "HEADER_INVALID");
    assertStrictEquals(shown, most);
  }
});

test("headerPrefixed() ends with the error that frameLength throws", () => {
  const thrown = new FrameError("MARK_INVALID", {
    reason: "The magic number is wrong",
    expected: "1",
    got: "2",
  });
  const codec = headerPrefixed({
    headerLength: 1,
    frameLength(header) {
      if (header[0] === 1) return 1;
      throw thrown;
    },
  });
  const decoder = codec.decoder();
  decoder.push(hex("01 02"));
  assertEquals(decoder.next(), hex("01"));
  for (let i = 0; i < 2; i++) {
    assertStrictEquals(frameError(() => decoder.next()), thrown);
  }
  assertStrictEquals(frameError(() => codec.encode(hex("02"))), thrown);
});

test("headerPrefixed() adds the offset to the error that frameLength throws", () => {
  const codec = headerPrefixed({
    headerLength: 1,
    frameLength(header) {
      if (header[0] === 1) return 1;
      throw new FrameError("MARK_INVALID", {
        reason: "The magic number is wrong",
        expected: "1",
        got: `${header[0]}`,
      });
    },
  });
  assertDecodes(() => codec, hex("01 01 02"), {
    frames: [hex("01"), hex("01")],
    error: { code: "MARK_INVALID", offset: 2 },
  });
  assertStrictEquals(
    frameError(() => codec.encode(hex("02"))).offset,
    undefined,
  );
});

test("headerPrefixed() asks no more than once for each byte of a header in one push", () => {
  const shown: number[] = [];
  const codec = headerPrefixed({
    headerLength: 2,
    maxHeaderLength: 256,
    frameLength(header) {
      shown.push(header.length);
      return header.length < 200 ? undefined : 65_536;
    },
  });
  assertStrictEquals(codec.decode(new Uint8Array(65_536)).length, 1);
  assertEquals(shown, Array.from({ length: 199 }, (_, i) => i + 2));
});

// Headers that end with a mark

/** RFC 3261, 18.3 and 20.14: the body has the length that a header says. */
const sip: EndedHeaderOptions = {
  headerEnd: "\r\n\r\n",
  frameLength(header) {
    const text = new TextDecoder().decode(header);
    const [, length = 0] = /^Content-Length: *(-?\d+)\r$/im.exec(text) ?? [];
    return header.length + Number(length);
  },
};

test("headerPrefixed() finds the end of headers, however it is cut", () => {
  const frames = [
    utf8("OPTIONS sip:a SIP/2.0\r\n\r\n"),
    utf8("SIP/2.0 200 OK\r\nContent-Length: 6\r\n\r\n\r\n\r\nHI"),
    utf8("\r\r\n\r\n"),
    utf8("\r\n\r\n"),
  ];
  assertDecodes(() => headerPrefixed(sip), concat(frames), { frames });
  for (const frame of frames) {
    assertEquals(headerPrefixed(sip).encode(frame), frame);
  }
});

test("headerPrefixed() asks once for a frame whose header ends with a mark", () => {
  const text = `a: ${"b".repeat(60_000)}\r\n\r\n`;
  const frame = concat([utf8(text), new Uint8Array(5_536)]);
  for (const chunks of [[frame, frame], singleBytes(concat([frame, frame]))]) {
    const shown: number[] = [];
    const decoder = headerPrefixed({
      headerEnd: "\r\n\r\n",
      maxHeaderLength: 65_536,
      frameLength(header) {
        shown.push(header.length);
        return header.length + 5_536;
      },
    }).decoder();
    let frames = 0;
    const work = countWork(() => {
      for (const chunk of chunks) {
        decoder.push(chunk);
        while (decoder.next() !== undefined) frames++;
      }
    });
    assertStrictEquals(frames, 2);
    assertEquals(shown, [text.length, text.length]);
    assertLessOrEqual(work.scanned, 2 * text.length);
    assertLessOrEqual(work.copied, 6 * frame.length);
  }
});

test("headerPrefixed() refuses a header without its end within the longest", () => {
  const options = { ...sip, maxHeaderLength: 8 };
  assertDecodes(
    () => headerPrefixed(options),
    utf8("abcd\r\n\r\nabcde\r\n\r\n"),
    {
      frames: [utf8("abcd\r\n\r\n")],
      error: { code: "HEADER_INVALID", offset: 8 },
    },
  );
  const decoder = headerPrefixed(options).decoder();
  decoder.push(utf8("abcd\r\n\r"));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(utf8("a"));
  assertStrictEquals(frameError(() => decoder.next()).code, "HEADER_INVALID");
  const error = frameError(() =>
    headerPrefixed(options).encode(utf8("abcde\r\n\r\n"))
  );
  assertStrictEquals(error.code, "HEADER_INVALID");
  assertStrictEquals(error.offset, undefined);
  assertStrictEquals(
    frameError(() => headerPrefixed(sip).decode(new Uint8Array(9_000)))
      .expected,
    "a header of at most 8192 bytes (maxHeaderLength)",
  );
});

test("headerPrefixed() refuses lengths and frames that a header with an end belies", () => {
  for (const length of ["-1", "9".repeat(20)]) {
    const bytes = utf8(`Content-Length: ${length}\r\n\r\n`);
    assertDecodes(
      () => headerPrefixed(sip),
      concat([utf8("\r\n\r\n"), bytes]),
      {
        frames: [utf8("\r\n\r\n")],
        error: { code: "LENGTH_INVALID", offset: 4 },
      },
    );
  }
  for (const text of ["a\r\n\r", "a\r\n\r\nb", "Content-Length: 1\r\n\r\n"]) {
    const error = frameError(() => headerPrefixed(sip).encode(utf8(text)));
    assertStrictEquals(error.code, "LENGTH_INVALID");
  }
  for (const end of [1, 3]) {
    assertDecodes(() => headerPrefixed(sip), utf8("a\r\n\r\n".slice(0, end)), {
      frames: [],
      error: { code: "FRAME_TRUNCATED", offset: 0 },
    });
  }
});

test("headerPrefixed() passes over frames over the limit whose header ends with a mark", () => {
  const make = (onSkip: (error: FrameError) => void) =>
    headerPrefixed({ ...sip, maxFrameLength: 24, onOversize: "skip", onSkip });
  const large = utf8("Content-Length: 4\r\n\r\n\r\n\r\n");
  const small = utf8("Content-Length: 1\r\n\r\na");
  assertDecodes(make, concat([large, small]), {
    frames: [small],
    skipped: [0],
  });
});

test("headerPrefixed() takes either a length or an end of headers", () => {
  const { frameLength } = sip;
  for (
    const how of [{}, { headerLength: 1, headerEnd: "\n" }, { headerEnd: "" }]
  ) {
    assertThrows(
      () => headerPrefixed({ frameLength, ...how } as HeaderPrefixedOptions),
      TypeError,
      "Cannot use",
    );
  }
  for (const maxHeaderLength of [3, 8.5]) {
    assertThrows(
      () => headerPrefixed({ ...sip, maxHeaderLength }),
      RangeError,
      "Cannot use maxHeaderLength",
    );
  }
});

// Ends of the stream

test("headerPrefixed() takes only an end between two frames for a clean one", () => {
  assertDecodes(() => headerPrefixed(mqtt), hex(""), { frames: [] });
  for (const rest of ["30", "30 80", "30 01", "30 8001 41"]) {
    assertDecodes(() => headerPrefixed(mqtt), hex(`c000 ${rest}`), {
      frames: [hex("c0 00")],
      error: { code: "FRAME_TRUNCATED", offset: 2 },
    });
  }
  const { expected } = frameError(() =>
    headerPrefixed(mqtt).decode(hex("30 80"))
  );
  assertStrictEquals(expected, "a whole header");
});

// Limits

test("headerPrefixed() holds whole frames to the limit in both directions", () => {
  const codec = headerPrefixed({ ...oneByte, maxFrameLength: 4 });
  const largest = hex("04 414243");
  assertDecodes(() => codec, hex("04 414243 05 41424344"), {
    frames: [largest],
    error: { code: "FRAME_TOO_LARGE", offset: 4 },
  });
  assertEquals(codec.encode(largest), largest);
  const error = frameError(() => codec.encode(hex("05 41424344")));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
});

test("headerPrefixed() passes over frames over the limit when asked to", () => {
  assertDecodes(
    (onSkip) =>
      headerPrefixed({
        ...mqtt,
        maxFrameLength: 3,
        onOversize: "skip",
        onSkip,
      }),
    concat([
      hex("3002 4142 c000 30 8001"),
      new Uint8Array(128),
      hex("3001 41"),
    ]),
    { frames: [hex("c0 00"), hex("30 01 41")], skipped: [0, 6] },
  );
});

test("headerPrefixed() keeps no room for what a header announces", () => {
  const decoder = headerPrefixed({
    headerLength: 1,
    frameLength: () => 2 ** 40,
    maxFrameLength: 2 ** 40,
  }).decoder();
  const work = countWork(() => {
    for (let i = 0; i < 100; i++) {
      decoder.push(hex("41"));
      assertStrictEquals(decoder.next(), undefined);
    }
  });
  assertStrictEquals(decoder.bufferedBytes, 100);
  assertLessOrEqual(work.largestAllocation, 200);
});

// The encoder

test("headerPrefixed() refuses to encode a frame that its header belies", () => {
  const encoder = headerPrefixed(mqtt).encoder();
  const output = new ByteWriter();
  for (const digits of ["", "30", "3080", "3002 41", "3001 4142", "c000 00"]) {
    const error = frameError(() => encoder.encode(hex(digits), output));
    assertStrictEquals(error.code, "LENGTH_INVALID");
    assertStrictEquals(error.offset, undefined);
    assertStrictEquals(output.length, 0);
  }
  const error = frameError(() => encoder.encode(hex("3002 41"), output));
  assertStrictEquals(
    error.message,
    "The frame does not have the length that its header says: expected 4 bytes, got 3 bytes",
  );
});

test("headerPrefixed() does not change the bytes that it encodes", () => {
  const frame = hex("04 ff ff ff");
  assertEquals(headerPrefixed(oneByte).encode(frame), frame);
});

// Options

test("headerPrefixed() refuses options that are out of range", () => {
  const wrong: Partial<CountedHeaderOptions>[] = [
    { headerLength: 0 },
    { headerLength: 1.5 },
    { maxHeaderLength: 0 },
    { headerLength: 3, maxHeaderLength: 2 },
    { maxHeaderLength: 257 },
    { headerLength: 300, maxHeaderLength: 301 },
    { maxFrameLength: -1 },
  ];
  for (const options of wrong) {
    assertThrows(
      () => headerPrefixed({ ...oneByte, ...options }),
      RangeError,
      "Cannot use",
    );
  }
});

// Work

test("headerPrefixed() takes time linear in a frame that comes byte by byte", () => {
  const length = 1 << 16;
  let asked = 0;
  const codec = headerPrefixed({
    headerLength: 3,
    frameLength(header) {
      asked++;
      return header[0]! * 65_536 + header[1]! * 256 + header[2]!;
    },
  });
  const bytes = concat([hex("010000"), new Uint8Array(length - 3)]);
  const { frame } = decodeByteByByte(codec, bytes);
  assertStrictEquals(frame?.length, length);
  assertStrictEquals(asked, 1);
});

test("headerPrefixed() asks for each length of header once when it comes byte by byte", () => {
  const shown: number[] = [];
  const codec = headerPrefixed({
    headerLength: 2,
    maxHeaderLength: 256,
    frameLength(header) {
      shown.push(header.length);
      return header.length < 200 ? undefined : 200;
    },
  });
  const decoder = codec.decoder();
  for (let i = 0; i < 200; i++) {
    assertStrictEquals(decoder.next(), undefined);
    decoder.push(utf8("a"));
    if (i < 199) assertStrictEquals(decoder.next(), undefined);
  }
  assert(decoder.next() !== undefined);
  assertEquals(shown, Array.from({ length: 199 }, (_, i) => i + 2));
});

// Laws

test("headerPrefixed() gives back what was encoded, however it is cut", () => {
  const packet = fc.uint8Array({ maxLength: 300 }).map((body) =>
    body.length < 128
      ? Uint8Array.of(0x30, body.length, ...body)
      : Uint8Array.of(
        0x30,
        body.length & 0x7f | 0x80,
        body.length >> 7,
        ...body,
      )
  );
  fc.assert(fc.property(
    fc.array(packet, { maxLength: 5 }),
    fc.array(fc.nat(900)),
    (frames, indices) => {
      const codec = headerPrefixed(mqtt);
      const bytes = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(bytes, concat(frames));
      assertEquals(runDecoder(() => codec, cutAt(bytes, indices)), {
        frames,
        skipped: [],
        error: undefined,
      });
    },
  ));
});
