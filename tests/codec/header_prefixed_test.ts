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
const oneByte: HeaderPrefixedOptions = {
  headerLength: 1,
  frameLength: (header) => header[0],
};

/** MQTT 3.1.1, 2.2.3: the remaining length in one to four bytes. */
const mqtt: HeaderPrefixedOptions = {
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

test("headerPrefixed() asks in linear time when a long header comes in one push", () => {
  const length = 65_536;
  let asked = 0;
  let shown = 0;
  const codec = headerPrefixed({
    headerLength: 1,
    maxHeaderLength: length,
    frameLength(header) {
      asked++;
      shown += header.length;
      const end = header.indexOf(10);
      return end < 0 ? undefined : end + 1;
    },
  });
  for (const end of [length - 1, length - 2, 50_000, 1_000]) {
    const frame = new Uint8Array(end + 1);
    frame[end] = 10;
    asked = shown = 0;
    assertEquals(codec.decode(frame), [frame]);
    assertLessOrEqual(asked, 1_000);
    assertLessOrEqual(shown, 100 * length);
  }
  assertThrows(() => codec.decode(new Uint8Array(length + 1)), FrameError);
});

test("headerPrefixed() finds the frames when long headers are shown with what follows", () => {
  const codec = headerPrefixed({
    headerLength: 1,
    maxHeaderLength: 2_000,
    frameLength(header) {
      const end = header.indexOf(10);
      return end < 0 ? undefined : end + 1;
    },
  });
  const frames = [100, 1, 130, 1_500, 2_000, 2].map((length) => {
    const frame = new Uint8Array(length);
    frame[length - 1] = 10;
    return frame;
  });
  assertDecodes(() => codec, concat(frames), { frames });
});

test("headerPrefixed() says how long the header is when the frame would be shorter", () => {
  const codec = headerPrefixed({
    headerLength: 1,
    maxHeaderLength: 2_000,
    frameLength: (header) => header.indexOf(10) < 0 ? undefined : 5,
  });
  const bytes = new Uint8Array(2_000);
  bytes[1_000] = 10;
  const error = frameError(() => codec.decode(bytes));
  assertStrictEquals(error.code, "LENGTH_INVALID");
  assertStrictEquals(error.expected, "a whole number of at least 1001");
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
  const wrong: Partial<HeaderPrefixedOptions>[] = [
    { headerLength: 0 },
    { headerLength: 1.5 },
    { maxHeaderLength: 0 },
    { headerLength: 3, maxHeaderLength: 2 },
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
    maxHeaderLength: 1000,
    frameLength(header) {
      shown.push(header.length);
      return header.length < 500 ? undefined : 500;
    },
  });
  const decoder = codec.decoder();
  for (let i = 0; i < 500; i++) {
    assertStrictEquals(decoder.next(), undefined);
    decoder.push(utf8("a"));
    if (i < 499) assertStrictEquals(decoder.next(), undefined);
  }
  assert(decoder.next() !== undefined);
  assertEquals(shown, Array.from({ length: 499 }, (_, i) => i + 2));
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
