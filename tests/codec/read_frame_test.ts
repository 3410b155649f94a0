/** Codecs whose frames a generator reads: `defineCodec` with `readFrame`. */

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
  type Codec,
  defineCodec,
  type FrameDefinition,
  FrameError,
  type FrameInput,
  type FrameRead,
} from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { countWork, decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

type Limits = Pick<FrameDefinition<never>, "maxFrameLength" | "maxDepth">;

function codecOf<T>(
  readFrame: (input: FrameInput) => FrameRead<T | undefined>,
  limits: Limits = {},
): Codec<never, T> {
  const encoder = { encode: () => undefined };
  return defineCodec({ name: "test", readFrame, encoder, ...limits });
}

/** Two lengths, a name and a body. */
const named = (limits?: Limits) =>
  codecOf(function* (input) {
    const nameLength = yield* input.uint(1);
    const bodyLength = yield* input.uint(2, true);
    const name = yield* input.bytes(nameLength);
    return [name, yield* input.bytes(bodyLength)];
  }, limits);

/** Text before a delimiter. */
const before = (delimiter: string, maxLength?: number, limits?: Limits) =>
  codecOf(function* (input) {
    const text = yield* input.until(delimiter, maxLength);
    return new TextDecoder().decode(text);
  }, limits);

type Tree = number | Tree[];

/** A number, or from 128 on a list of so many less 128. */
function* readTree(input: FrameInput): FrameRead<Tree> {
  const first = yield* input.uint(1);
  if (first < 128) return first;
  const list: Tree[] = [];
  while (list.length < first - 128) {
    list.push(yield* input.nested(readTree(input)));
  }
  return list;
}

// What is read

test("readFrame reads integers, bytes and views, however they are cut", () => {
  assertDecodes(() => named(), hex("01 0200 61 4849 00 0000 00 0100 ff"), {
    frames: [
      [utf8("a"), utf8("HI")],
      [hex(""), hex("")],
      [hex(""), hex("ff")],
    ],
  });
  const integers = codecOf(function* (input) {
    return [
      yield* input.uint(2),
      yield* input.uint(3, true),
      yield* input.uint(8),
    ];
  });
  assertDecodes(() => integers, hex("0102 010203 0020000000000000"), {
    frames: [[258, 0x030201, 2 ** 53]],
  });
  const parts = codecOf(function* (input) {
    yield* input.skip(2);
    const { length } = input;
    yield* input.bytes(2);
    return [length, input.length, input.view(), input.view(1)];
  });
  assertDecodes(() => parts, hex("01020304"), {
    frames: [[2, 4, hex("01020304"), hex("020304")]],
  });
});

test("readFrame reads up to delimiters that are cut and that overlap themselves", () => {
  assertDecodes(() => before("aab"), utf8("aaabaabxaayaab"), {
    frames: ["a", "", "xaay"],
  });
  const lines = codecOf(function* (input) {
    const head = yield* input.until(":");
    const tail = yield* input.until("\r\n");
    return [head, tail];
  });
  assertDecodes(() => lines, utf8("a:b\r\n\r:\r\r\n:\r\n"), {
    frames: [
      [utf8("a"), utf8("b")],
      [utf8("\r"), utf8("\r")],
      [utf8(""), utf8("")],
    ],
  });
});

test("readFrame reads up to delimiters that follow what it has read", () => {
  const codec = codecOf(function* (input) {
    yield* input.skip(yield* input.uint(1));
    return (yield* input.until("\n\n")).length;
  });
  assertDecodes(() => codec, hex("01 0a 0a0a 03 0a0a0a 41 0a0a"), {
    frames: [0, 1],
  });
});

test("readFrame reads up to the first of several delimiters", () => {
  const ends = ["\n", "\0", "ab"];
  const make = (maxFrameLength = 100) =>
    codecOf(function* (input) {
      const { length } = yield* input.until(ends);
      return [length, ...input.view(length)];
    }, { maxFrameLength });
  assertDecodes(() => make(), utf8("1\n12\0aabb\n"), {
    frames: [[1, 10], [2, 0], [1, 97, 98], [1, 10]],
  });
  assertDecodes(() => make(3), utf8("12\n1ab12ab"), {
    frames: [[2, 10], [1, 97, 98]],
    error: { code: "FRAME_TOO_LARGE", offset: 6 },
  });
});

test("readFrame reads up to as many different delimiters as it likes", () => {
  const codec = codecOf(function* (input) {
    let text = "";
    for (let i = 0; i < 40; i++) {
      text += (yield* input.until(String.fromCharCode(65 + i))).length;
    }
    return text;
  });
  const all = utf8(
    Array.from({ length: 40 }, (_, i) => `.${String.fromCharCode(65 + i)}`)
      .join(""),
  );
  assertEquals(codec.decode(concat([all, all])), Array(2).fill("1".repeat(40)));
});

test("readFrame passes over what it has read when it returns undefined", () => {
  const codec = codecOf(function* (input) {
    const byte = yield* input.uint(1);
    return byte === 0 ? undefined : byte;
  });
  assertDecodes(() => codec, hex("00 01 00 00 02 00"), { frames: [1, 2] });
  const decoder = codec.decoder();
  decoder.push(hex("00 00"));
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.pendingBytes, 0);
  decoder.push(hex("03"));
  decoder.next();
  assertStrictEquals(decoder.frameOffset, 2);
});

test("readFrame is not begun before there is a byte", () => {
  let begun = 0;
  const decoder = codecOf(function* (input) {
    begun++;
    return yield* input.uint(1);
  }).decoder();
  assertStrictEquals(decoder.next(), undefined);
  decoder.push(hex("01"));
  assertStrictEquals(decoder.next(), 1);
  assertStrictEquals(decoder.next(), undefined);
  decoder.end();
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(begun, 1);
});

test("readFrame can catch the errors of its own reads", () => {
  const codec = codecOf(function* (input) {
    try {
      return yield* input.nested(readTree(input));
    } catch {
      return input.length;
    }
  }, { maxDepth: 2 });
  assertDecodes(() => codec, hex("81 01 81 81 01 81 01"), {
    frames: [[1], 2, 1, [1]],
  });
});

// Errors

test("readFrame gets the offset added to the errors that it throws", () => {
  const codec = codecOf(function* (input) {
    const byte = yield* input.uint(2);
    if (byte === 1) return byte;
    throw new FrameError("HEADER_INVALID", {
      reason: "The number is wrong",
      expected: "1",
      got: `${byte}`,
    });
  });
  assertDecodes(() => codec, hex("0001 0001 0002"), {
    frames: [1, 1],
    error: { code: "HEADER_INVALID", offset: 4 },
  });
});

test("readFrame is refused when it returns and has read nothing", () => {
  for (const frame of ["frame", undefined]) {
    // deno-lint-ignore require-yield
    const codec = codecOf(function* () {
      return frame;
    });
    assertThrows(() => codec.decode(hex("01")), TypeError, "took no bytes");
  }
});

test("readFrame takes an end of the stream only between two frames", () => {
  for (const rest of ["01", "01 02", "01 0200 61", "00 0100"]) {
    assertDecodes(() => named(), hex(`00 0000 ${rest}`), {
      frames: [[hex(""), hex("")]],
      error: { code: "FRAME_TRUNCATED", offset: 3 },
    });
  }
  assertStrictEquals(
    frameError(() => named().decode(hex("01 0200 61"))).message,
    "The stream ended inside a frame: expected at least 6 bytes, got 4 bytes, in the frame at byte offset 0",
  );
  assertDecodes(() => before("ab"), utf8("xabxa"), {
    frames: ["x"],
    error: { code: "FRAME_TRUNCATED", offset: 3 },
  });
});

test("readFrame refuses a length that no bytes can have", () => {
  for (const length of [-1, 1.5, NaN]) {
    const codec = codecOf(function* (input) {
      yield* input.uint(1);
      return yield* input.bytes(length);
    });
    assertStrictEquals(
      frameError(() => codec.decode(hex("01 02 03"))).code,
      "LENGTH_INVALID",
    );
  }
});

// Limits

test("readFrame is held to the limit on what it asks for", () => {
  const frame = hex("01 0100 61 62");
  assertDecodes(() => named({ maxFrameLength: 5 }), frame, {
    frames: [[utf8("a"), utf8("b")]],
  });
  assertDecodes(
    () => named({ maxFrameLength: 5 }),
    concat([frame, hex("01 0200")]),
    {
      frames: [[utf8("a"), utf8("b")]],
      // The name has not arrived, so the body is not yet asked for.
      error: { code: "FRAME_TRUNCATED", offset: 5 },
    },
  );
  const decoder = named({ maxFrameLength: 5 }).decoder();
  decoder.push(hex("00 ffff"));
  const error = frameError(() => decoder.next());
  assertStrictEquals(error.code, "FRAME_TOO_LARGE");
  assertStrictEquals(error.got, "65538 bytes");
  for (const length of [2 ** 53, 2 ** 64, Infinity]) {
    const codec = codecOf((input) => input.skip(length));
    assertStrictEquals(
      frameError(() => codec.decode(hex("01"))).code,
      "FRAME_TOO_LARGE",
    );
  }
});

test("readFrame finds no delimiter beyond the limits", () => {
  const frames = ["abc"];
  const tooLarge = { code: "FRAME_TOO_LARGE", offset: 5 };
  for (const [maxLength, maxFrameLength] of [[3, 100], [100, 5], [3, 5]]) {
    const make = () =>
      before("\r\n", maxLength, { maxFrameLength: maxFrameLength! });
    assertDecodes(make, utf8("abc\r\n"), { frames });
    assertDecodes(make, utf8("abc\r\nabcd\r\n"), { frames, error: tooLarge });
    // Half a delimiter at the limit may become a whole one.
    const decoder = make().decoder();
    decoder.push(utf8("abc\r"));
    assertStrictEquals(decoder.next(), undefined);
    decoder.push(utf8("d"));
    assertStrictEquals(frameError(() => decoder.next()).code, tooLarge.code);
  }
  assertStrictEquals(
    frameError(() => before("\n", 2).decode(utf8("abc"))).message,
    'A part of the frame is too large: expected "\\n" behind at most 2 bytes, got more, in the frame at byte offset 0',
  );
});

test("readFrame keeps no room for what a frame announces", () => {
  const decoder = codecOf(function* (input) {
    return yield* input.bytes(yield* input.uint(6));
  }, { maxFrameLength: 2 ** 50 }).decoder();
  const work = countWork(() => {
    decoder.push(hex("010000000000"));
    for (let i = 0; i < 100; i++) {
      decoder.push(hex("41"));
      assertStrictEquals(decoder.next(), undefined);
    }
  });
  assertStrictEquals(decoder.bufferedBytes, 106);
  assertLessOrEqual(work.largestAllocation, 212);
});

test("readFrame is held to the limit on depth, and not by the stack", () => {
  const codec = codecOf(readTree, { maxDepth: 3 });
  assertDecodes(() => codec, hex("81 81 81 01 81 81 81 81 01"), {
    frames: [[[[1]]]],
    error: { code: "FRAME_TOO_LARGE", offset: 4 },
  });
  const deep = new Uint8Array(100_001).fill(0x81);
  const error = frameError(() => codecOf(readTree).decode(deep));
  assertStrictEquals(
    error.message,
    "The frame is nested too deeply: expected at most 128 levels (maxDepth), got more, in the frame at byte offset 0",
  );
  const deepest = codecOf(readTree, { maxDepth: 1_000 });
  assertStrictEquals(frameError(() => deepest.decode(deep)).code, error.code);
  deep[1_000] = 1;
  assertStrictEquals(deepest.decode(deep.subarray(0, 1_001)).length, 1);
  // Wide is not deep.
  const wide = concat([hex("ff"), new Uint8Array(127)]);
  assertEquals(codec.decode(wide), [Array(127).fill(0)]);
});

test("defineCodec() refuses limits that are no numbers, and two readers or none", () => {
  for (
    const limits of [{ maxFrameLength: -1 }, { maxDepth: 1.5 }, {
      maxDepth: 1_001,
    }]
  ) {
    assertThrows(() => codecOf(readTree, limits), RangeError, "Cannot use max");
  }
  const parts = { name: "test", encoder: { encode: () => undefined } };
  const reader = () => ({ read: () => undefined, finish: () => undefined });
  for (const readers of [{}, { reader, readFrame: readTree }]) {
    assertThrows(
      () => defineCodec({ ...parts, ...readers } as FrameDefinition<Tree>),
      TypeError,
      "expected either reader or readFrame",
    );
  }
});

// What is unread

test("takeUnread() hands out the bytes of a frame that has begun", () => {
  const decoder = named().decoder();
  decoder.push(hex("00 0000 01 0200 61 48"));
  assertEquals(decoder.next(), [hex(""), hex("")]);
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.bufferedBytes, 5);
  assertStrictEquals(decoder.pendingBytes, 5);
  assertEquals(decoder.takeUnread(1), hex("01"));
  // What follows is a frame of its own: lengths of 2 and 0x6100.
  assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(decoder.pendingBytes, 4);
  assertEquals(decoder.takeUnread(), hex("0200 61 48"));
  decoder.push(hex("00 0100 02"));
  assertEquals(decoder.next(), [hex(""), hex("02")]);
  assertStrictEquals(decoder.frameOffset, 8);
});

test("takeUnread() leaves a frame as it is when it takes nothing", () => {
  const decoder = named().decoder();
  decoder.push(hex("01 0100 61"));
  assertStrictEquals(decoder.next(), undefined);
  assertEquals(decoder.takeUnread(0), hex(""));
  decoder.push(hex("62"));
  assertEquals(decoder.next(), [utf8("a"), utf8("b")]);
});

test("takeUnread() ends the parts that a frame was within", () => {
  const decoder = codecOf(readTree, { maxDepth: 2 }).decoder();
  for (let i = 0; i < 5; i++) {
    decoder.push(hex("81 81"));
    assertStrictEquals(decoder.next(), undefined);
    assertStrictEquals(decoder.takeUnread().length, 2);
  }
  decoder.push(hex("81 81 01"));
  assertEquals(decoder.next(), [[1]]);
});

// Work

/** Counts how often a part goes on. */
function counted<T>(part: FrameRead<T>, count: () => void): FrameRead<T> {
  const { next } = part;
  part.next = (...args) => {
    count();
    return next.apply(part, args);
  };
  return part;
}

test("readFrame goes on only when what it waits for is there", () => {
  let resumed = 0;
  const decoder = codecOf((input) => {
    const read = function* (): FrameRead<number> {
      yield* input.skip(1_000);
      return (yield* input.until("\n")).length;
    };
    return counted(read(), () => resumed++);
  }).decoder();
  for (let i = 0; i < 1_000; i++) {
    decoder.push(hex("41"));
    assertStrictEquals(decoder.next(), undefined);
  }
  assertStrictEquals(resumed, 2);
  for (let i = 0; i < 10; i++) assertStrictEquals(decoder.next(), undefined);
  assertStrictEquals(resumed, 2);
  decoder.push(hex("0a"));
  assertStrictEquals(decoder.next(), 0);
  assertStrictEquals(resumed, 3);
});

test("readFrame goes on in its innermost part without going through those around it", () => {
  let resumed = 0;
  const readDeep = (input: FrameInput): FrameRead<Tree> => {
    const read = function* (): FrameRead<Tree> {
      const first = yield* input.uint(1);
      if (first === 128) return [yield* input.nested(readDeep(input))];
      for (let left = first; left > 0; left--) yield* input.uint(1);
      return first;
    };
    return counted(read(), () => resumed++);
  };
  const bytes = concat([
    new Uint8Array(100).fill(128),
    new Uint8Array(101).fill(100),
  ]);
  const { frame } = decodeByteByByte(codecOf(readDeep), bytes);
  assertStrictEquals(JSON.stringify(frame).replace(/[[\]]/g, ""), "100");
  // For each part: to begin and when what is in it is read; and for each byte.
  assertLessOrEqual(resumed, 2 * 101 + bytes.length);
});

test("readFrame takes time linear in a nested frame that comes byte by byte", () => {
  let begun = 0;
  function* read(input: FrameInput): FrameRead<number> {
    begun++;
    const length = yield* input.uint(2);
    if (length < 0x8000) return (yield* input.bytes(length)).length;
    let sum = 0;
    for (let i = length - 0x8000; i > 0; i--) {
      sum += yield* input.nested(read(input));
    }
    return sum;
  }
  const leaf = concat([hex("0005"), new Uint8Array(5)]);
  const list = concat([hex("a000"), ...Array<Uint8Array>(0x2000).fill(leaf)]);
  const bytes = concat([hex("8002"), list, list]);
  const { frame } = decodeByteByByte(codecOf(read), bytes);
  assertStrictEquals(frame, 2 * 5 * 0x2000);
  assertStrictEquals(begun, 3 + 2 * 0x2000);
});

test("readFrame scans no byte twice for a delimiter", () => {
  const bytes = utf8(`${"a".repeat(1 << 15)}\r\n`);
  const { work } = decodeByteByByte(before("\r\n"), bytes);
  assertLessOrEqual(work.scanned, bytes.length + 2);
});

// Laws

test("readFrame gives the same trees, however they are cut", () => {
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.nat(127),
      fc.array(tie("tree"), { maxLength: 4 }),
    ),
  }));
  const bytesOf = (tree: Tree): number[] =>
    typeof tree === "number"
      ? [tree]
      : [128 + tree.length, ...tree.flatMap(bytesOf)];
  fc.assert(
    fc.property(fc.array(tree), fc.array(fc.nat(40)), (trees, cuts) => {
      const decoder = codecOf(readTree).decoder();
      const decoded: Tree[] = [];
      const bytes = Uint8Array.from(trees.flatMap(bytesOf));
      for (const chunk of cutAt(bytes, cuts)) {
        decoder.push(chunk);
        for (
          let frame = decoder.next();
          frame !== undefined;
          frame = decoder.next()
        ) decoded.push(frame);
      }
      assertEquals(decoded, trees);
    }),
  );
});
