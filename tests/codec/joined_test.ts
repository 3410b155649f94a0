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
  headerPrefixed,
  joined,
  type JoinedOptions,
  lengthPrefixed,
  lines,
  mapCodec,
  pieces,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork } from "../support/count_work.ts";
import { cutAt, singleBytes } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

/** A length, and a byte: its bit 1 says that more follows, its bit 2 “alone”. */
const options: JoinedOptions<Uint8Array, Uint8Array> = {
  more: (frame) => (frame[0]! & 1) !== 0,
  payload: (frame) => frame.subarray(1),
  alone: (frame) => (frame[0]! & 2) !== 0,
  split: (message) =>
    pieces(message, 3).map((piece, i, { length }) =>
      Uint8Array.of(i + 1 < length ? 1 : 0, ...piece)
    ),
};
const frames = lengthPrefixed({ lengthBytes: 1 });
const codec = joined(frames, options);

// Messages

test("joined() joins the frames of a message, of which the last may be empty", () => {
  assertDecodes(
    () => codec,
    hex("02 00 61  03 01 6162  02 01 63  02 00 64  02 01 65  01 00  01 00"),
    { frames: [utf8("a"), utf8("abcd"), utf8("e"), hex("")] },
  );
});

test("joined() decodes what it encodes, however it is cut", () => {
  const message = fc.uint8Array({ maxLength: 20 });
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat(200)), (messages, cuts) => {
      const bytes = concat(messages.map((one) => codec.encode(one)));
      const outcome = runDecoder(() => codec, cutAt(bytes, cuts));
      assertEquals(outcome.frames, messages);
      assertStrictEquals(outcome.error, undefined);
    }),
  );
});

test("joined() hands out a frame that stands alone between two of a message", () => {
  const bytes = hex("02 01 61  02 02 70  02 01 62  01 03  02 00 63");
  assertDecodes(() => codec, bytes, {
    frames: [utf8("p"), hex(""), utf8("abc")],
  });
  const decoder = codec.decoder();
  decoder.push(bytes);
  const offsets = [0, 0, 0].map(() => decoder.next() && decoder.frameOffset);
  assertEquals(offsets, [3, 9, 0]);
});

test("joined() does not copy a message of one frame", () => {
  const bytes = hex("03 00 6162");
  const [message] = codec.decode(bytes);
  assertStrictEquals(message!.buffer, bytes.buffer);
});

test("joined() makes messages of the payload and the first frame", () => {
  const named = joined(lines(), {
    more: (line) => line.endsWith("-"),
    payload: (line) => utf8(line.slice(1, -1)),
    join: (payload, first) => ({
      kind: first[0],
      text: new TextDecoder().decode(payload),
    }),
    split: ({ kind, text }: { kind: string | undefined; text: string }) => [
      `${kind}${text}.`,
    ],
  });
  assertDecodes(() => named, utf8("Aone-\nBtwo-\nBsix.\nC.\n"), {
    frames: [{ kind: "A", text: "onetwosix" }, { kind: "C", text: "" }],
  });
  assertEquals(named.encode({ kind: "X", text: "y" }), utf8("Xy.\n"));
});

// Limits and ends

test("joined() has one limit on the whole message, found at the frame that passes it", () => {
  const make = () => joined(frames, { ...options, maxFrameLength: 4 });
  assertDecodes(make, hex("02 01 61 04 00 626364"), {
    frames: [utf8("abcd")],
  });
  const bytes = hex("01 00  02 01 61  04 01 626364  02 01 65  ff 00");
  assertDecodes(make, bytes, {
    frames: [hex("")],
    error: { code: "FRAME_TOO_LARGE", offset: 2 },
  });
  const decoder = make().decoder();
  decoder.push(bytes.subarray(0, 10));
  assertEquals(decoder.next(), hex(""));
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(bytes.subarray(10, 13));
  assertStrictEquals(
    frameError(() => decoder.next()).message,
    "The frame is too large: expected at most 4 bytes (maxFrameLength), got more, in the frame at byte offset 2",
  );
  assertEquals(make().encode(utf8("abcd")), hex("04 01 616263 02 00 64"));
  assertStrictEquals(
    frameError(() => make().encode(utf8("abcde"))).code,
    "FRAME_TOO_LARGE",
  );
});

test("joined() limits a message of one frame, and one that stands alone by its own codec", () => {
  const make = () => joined(frames, { ...options, maxFrameLength: 0 });
  assertDecodes(make, hex("02 02 61 01 00 02 00 61"), {
    frames: [utf8("a"), hex("")],
    error: { code: "FRAME_TOO_LARGE", offset: 5 },
  });
});

test("joined() refuses a stream that ends between two frames of a message", () => {
  const make = () => codec;
  assertDecodes(make, hex("02 00 61 02 01 62 01 01"), {
    frames: [utf8("a")],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
  // An empty frame alone is a message that has begun, too.
  assertDecodes(make, hex("01 01"), {
    frames: [],
    error: { code: "FRAME_TRUNCATED", offset: 0 },
  });
  // Inside of a frame, the error is the inner codec's.
  assertDecodes(make, hex("02 00 61 01 01 02"), {
    frames: [utf8("a")],
    error: { code: "FRAME_TRUNCATED", offset: 5 },
  });
});

test("joined() counts the bytes of a message that is not complete", () => {
  const decoder = codec.decoder();
  const counts: [number, number][] = [];
  for (
    const byte of singleBytes(hex("02 00 61  01 01  03 01 6263  01 02  01"))
  ) {
    decoder.push(byte);
    decoder.next();
    counts.push([decoder.pendingBytes, decoder.bufferedBytes]);
  }
  assertEquals(counts, [
    ...[[1, 1], [2, 2], [0, 0]],
    ...[[1, 1], [2, 0]],
    ...[[3, 1], [4, 2], [5, 3], [6, 2]],
    ...[[7, 3], [8, 2]],
    [9, 3],
  ] as [number, number][]);
});

test("joined() leaves the rest unread after a message, and drops what it joined", () => {
  const decoder = codec.decoder();
  decoder.push(hex("02 00 61 02 01 62 02 01"));
  assertEquals(decoder.next(), utf8("a"));
  assertEquals(decoder.takeUnread(3), hex("02 01 62"));
  assertEquals(decoder.takeUnread(), hex("02 01"));
  decoder.push(hex("02 01 62 02"));
  assertStrictEquals(decoder.next(), undefined);
  assertEquals(decoder.takeUnread(), hex("02"));
  assertStrictEquals(decoder.bufferedBytes, 0);
  assertStrictEquals(decoder.pendingBytes, 0);
  decoder.push(hex("02 00 63"));
  assertEquals(decoder.next(), utf8("c"));
});

test("joined() refuses an option, or a codec, that does not fit", () => {
  assertThrows(
    () => joined(frames, { ...options, maxFrameLength: -1 }),
    RangeError,
    "maxFrameLength",
  );
  const deaf = { ...frames, name: "deaf", decoder: () => frames.decoder() };
  assertThrows(
    () => joined(deaf, options).decode(hex("01 01 01 00")),
    TypeError,
    "deaf",
  );
});

test("joined() ends with the error that a function throws", () => {
  const fault = new Error("a bug");
  const faulty = joined(frames, {
    ...options,
    more: () => {
      throw fault;
    },
  });
  const decoder = faulty.decoder();
  decoder.push(hex("01 00"));
  for (let i = 0; i < 2; i++) {
    assertStrictEquals(assertThrows(() => decoder.next()), fault);
  }
});

test("joined() refuses a message of undefined", () => {
  for (const bytes of ["01 00", "01 01 01 00", "01 02"]) {
    const nothing = joined<Uint8Array, undefined>(frames, {
      more: options.more,
      payload: options.payload,
      alone: (frame) => frame[0] === 2,
      join: () => undefined,
      split: () => [],
    });
    assertThrows(() => nothing.decode(hex(bytes)), TypeError, "undefined");
  }
});

// The encoder

test("joined() writes nothing of a message that it refuses", () => {
  const small = lengthPrefixed({ lengthBytes: 1, maxFrameLength: 2 });
  const refusing = joined(small, {
    ...options,
    split: () => [hex("01 61"), hex("00 6262")],
  });
  const output = new ByteWriter();
  output.write(hex("ff"));
  const error = frameError(() => refusing.encoder().encode(hex(""), output));
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertEquals(output.take(), hex("ff"));
  for (
    const split of [
      [],
      [hex("01")],
      [hex("00"), hex("00")],
      [hex("02"), hex("00")],
      [hex("01"), hex("00"), hex("01")],
    ]
  ) {
    const wrong = joined(frames, { ...options, split: () => split });
    assertThrows(() => wrong.encode(hex("")), TypeError, "split");
  }
  assertEquals(
    joined(frames, { ...options, split: () => [hex("03")] }).encode(hex("")),
    hex("01 03"),
  );
});

test("joined() shares its encoder when the inner codec shares its own", () => {
  assertStrictEquals(codec.encoder(), codec.encoder());
});

test("pieces() cuts bytes into views", () => {
  const bytes = hex("010203040506");
  const cut = (length: number) =>
    pieces(bytes, length).map((one) => one.length);
  assertEquals([1, 3, 4, 6, 7].map(cut), [
    [1, 1, 1, 1, 1, 1],
    [3, 3],
    [4, 2],
    [6],
    [6],
  ]);
  assertEquals(pieces(hex(""), 3), [hex("")]);
  assertStrictEquals(pieces(bytes, 4)[1]!.buffer, bytes.buffer);
  assertThrows(() => pieces(bytes, 0), RangeError, "maxLength");
});

// Three formats

test("joined() reads the records of ONC RPC", () => {
  const word = (bytes: Uint8Array) =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const records = joined(
    headerPrefixed({
      headerLength: 4,
      frameLength: (header) => 4 + (word(header) & 0x7fff_ffff),
    }),
    {
      more: (fragment) => fragment[0]! < 0x80,
      payload: (fragment) => fragment.subarray(4),
      split: (record: Uint8Array) => [
        concat([hex("80000000"), record]).fill(record.length, 3, 4),
      ],
    },
  );
  assertDecodes(() => records, hex("00000001 61 80000000 80000002 6263"), {
    frames: [utf8("a"), utf8("bc")],
  });
  assertEquals(records.encode(utf8("bc")), hex("80000002 6263"));
});

test("joined() reads the packets of MySQL", () => {
  /** The length of a full packet, 16,777,215 in the protocol. */
  const full = 3;
  const packets = joined(
    headerPrefixed({
      headerLength: 4,
      frameLength: ([a, b, c]) => 4 + a! + (b! << 8) + (c! << 16),
    }),
    {
      more: (packet) => packet.length === 4 + full,
      payload: (packet) => packet.subarray(4),
      split: (payload: Uint8Array) =>
        [...pieces(payload, full), ...payload.length % full ? [] : [hex("")]]
          .map((piece, i) => Uint8Array.of(piece.length, 0, 0, i, ...piece)),
    },
  );
  const bytes = hex("03000000 616263 00000001  03000000 616263 01000001 64");
  assertDecodes(() => packets, bytes, { frames: [utf8("abc"), utf8("abcd")] });
  assertEquals(packets.encode(utf8("abc")), bytes.subarray(0, 11));
  assertEquals(packets.encode(utf8("abcd")), bytes.subarray(11));
});

interface WebSocketFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

test("joined() reads the messages of a WebSocket, a ping between two fragments", () => {
  /** RFC 6455, 5.2: frames that are not masked and have at most 125 bytes. */
  const frames = mapCodec(
    headerPrefixed({
      headerLength: 2,
      frameLength: (header) => 2 + header[1]!,
    }),
    {
      name: "frames",
      decode: (frame) => ({
        fin: frame[0]! >= 0x80,
        opcode: frame[0]! & 15,
        payload: frame.subarray(2),
      }),
      encode: ({ fin, opcode, payload }: WebSocketFrame) =>
        Uint8Array.of((fin ? 0x80 : 0) + opcode, payload.length, ...payload),
    },
  );
  const messages = joined(frames, {
    more: ({ fin }) => !fin,
    alone: ({ opcode }) => opcode >= 8,
    payload: ({ payload }) => payload,
    join: (payload, { opcode }) => ({ opcode, payload }),
    split: ({ opcode, payload }: { opcode: number; payload: Uint8Array }) => [
      { fin: true, opcode, payload },
    ],
  });
  // RFC 6455, 5.7: "Hello" as one frame, and as two, with a ping between them.
  const whole = hex("81 05 48656c6c6f");
  const bytes = hex("01 03 48656c 89 05 48656c6c6f 80 02 6c6f");
  const hello = { opcode: 1, payload: utf8("Hello") };
  assertDecodes(() => messages, concat([whole, bytes]), {
    frames: [hello, { opcode: 9, payload: utf8("Hello") }, hello],
  });
  assertEquals(messages.encode(hello), whole);
});

// Time and memory

test("joined() takes linear time and memory for many small frames", () => {
  const count = 20_000;
  const bytes = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    bytes.set([2, i + 1 < count ? 1 : 0, i], 3 * i);
  }
  for (const chunks of [[bytes], singleBytes(bytes)]) {
    const decoder = codec.decoder();
    let message: Uint8Array | undefined;
    const work = countWork(() => {
      for (const chunk of chunks) {
        decoder.push(chunk);
        message = decoder.next();
      }
    });
    assertStrictEquals(message?.length, count);
    assertLessOrEqual(work.copied, 4 * bytes.length);
    assertLessOrEqual(work.allocated, 4 * bytes.length);
    assertLessOrEqual(work.largestAllocation, 4 * count);
  }
});
