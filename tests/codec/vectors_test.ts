// Runs the cases of tests/vectors/, each cut in every way.

import { test } from "node:test";
import {
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import * as codecs from "../../src/codec/mod.ts";
import { ByteWriter, type FrameError } from "../../src/codec/mod.ts";
import { formatOf, parseFormat } from "../../src/format/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import { assertFrames } from "../support/assert_frames.ts";
import { bytesOf } from "../support/byte_notation.ts";
import {
  asViews,
  type Cut,
  everyCut,
  randomCut,
  singleBytes,
} from "../support/cuts.ts";
import type { Format, Options } from "../support/formats.ts";
import {
  assertOutcome,
  failure,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";
import {
  codecOf,
  formatNamed,
  type Vector,
  type VectorFile,
  vectorFiles,
} from "../support/vectors.ts";

const files = vectorFiles();

for (const { file, format: name, vectors } of files) {
  const format = formatNamed(name);
  for (const vector of vectors) {
    test(`${file}: ${vector.name}`, () => check(format, vector, cuts));
  }
  test(`${file}: the expressions are those of the codecs`, () => {
    for (const vector of vectors) checkExpression(name, vector);
  });
}

function check(
  format: Format,
  vector: Vector,
  cuts: (input: Uint8Array) => Iterable<Cut>,
): void {
  if (vector.input === undefined) checkEncoder(format, vector);
  else checkDecoder(format, vector, bytesOf(vector.input), cuts);
}

/** The codec that the expression makes passes the case as well. */
function checkExpression(name: string, vector: Vector): void {
  const { options = {}, expression } = vector;
  const format = formatNamed(name);
  assertStrictEquals(
    expression,
    formatOf(codecOf(format, options)),
    vector.name,
  );
  if (expression === undefined) return;
  const make = ({ onSkip }: Options) =>
    parseFormat(expression, { onSkip: onSkip as (error: FrameError) => void });
  check({ ...format, make }, vector, fewCuts);
}

// The corpus itself

test("the corpus has at least 300 cases", () => {
  assertGreaterOrEqual(count(() => true), 300);
});

/** Those of the README. */
const cornerCases = Array.from({ length: 24 }, (_, i) => i + 1);

test("the corpus has at least three cases for every corner case", () => {
  const covered = cornerCases.map((cornerCase) => ({
    cornerCase,
    vectors: count(({ cases }) => cases.includes(cornerCase)),
  }));
  assertEquals(covered.filter(({ vectors }) => vectors < 3), []);
});

test("every format and preset has at least five cases", () => {
  const few = [...Object.keys(codecs), ...Object.keys(presets)]
    .filter((name) => !notData.has(name))
    .map((name) => ({ name, vectors: casesOf(name) }))
    .filter(({ vectors }) => vectors < 5);
  assertEquals(few, []);
});

/** What the corpus cannot have cases of, and why. */
const notData: ReadonlySet<string> = new Set([
  // No formats
  ...["ByteQueue", "ByteWriter", "FrameError", "pieces", "respCommand"],
  // Made of functions: syslogAny has cases of choose, oncRpc and mysqlPackets of
  // joined, nmea and p1 of mapCodec.
  ...["choose", "defineCodec", "filter", "joined", "mapCodec"],
]);

function casesOf(name: string): number {
  return files.filter(({ format }) => format === name)
    .reduce((sum, { vectors }) => sum + vectors.length, 0);
}

test("the cases of a file have names of their own", () => {
  for (const { file, vectors } of files) {
    const names = vectors.map(({ name }) => name);
    assertEquals(names, [...new Set(names)], file);
  }
});

test("bytesOf() reads digits, text and repetitions", () => {
  assertEquals(bytesOf(""), Uint8Array.of());
  assertEquals(
    bytesOf("00ff 'a b'*2 61*3 0d0a*2 'é'"),
    Uint8Array.of(
      ...[0, 255, 97, 32, 98, 97, 32, 98, 97, 97, 97],
      ...[13, 10, 13, 10, 0xc3, 0xa9],
    ),
  );
  for (const wrong of ["0", "0G", "'a", "00*", "00,00", "00*2x", "00''"]) {
    assertThrows(() => bytesOf(wrong), TypeError);
  }
});

function count(chosen: (vector: Vector) => boolean): number {
  return files.reduce(
    (sum, { vectors }: VectorFile) => sum + vectors.filter(chosen).length,
    0,
  );
}

// Decoding

function checkDecoder(
  format: Format,
  vector: Vector,
  input: Uint8Array,
  cuts: (input: Uint8Array) => Iterable<Cut>,
): void {
  const frames = vector.frames.map(format.frame);
  const { options = {} } = vector;
  const make = (onSkip: (error: FrameError) => void) =>
    codecOf(format, options, onSkip);
  if (vector.unread === undefined) {
    for (const { name, chunks } of cuts(input)) {
      for (const late of [false, true]) {
        assertOutcome(
          runDecoder(make, chunks, late),
          { frames, skipped: vector.skipped, error: vector.error },
          `${name}${late ? ", pulled late" : ""}`,
        );
      }
    }
    checkWhole(format, vector, input, frames);
  } else {
    for (const cut of cuts(input)) checkStop(format, vector, cut, frames);
  }
  if (vector.framesAt !== undefined || vector.errorAt !== undefined) {
    checkArrival(format, vector, input);
  }
  if (options.copy === true) checkCopies(format, vector, input, frames);
  if (vector.bothWays === true) {
    const output = new ByteWriter();
    const encoder = codecOf(format, options).encoder();
    for (const frame of frames) encoder.encode(frame, output);
    assertFrames([output.take()], [input], "encoded");
  }
}

/** The whole input at once: `Codec.decode` yields the frames or throws. */
function checkWhole(
  format: Format,
  vector: Vector,
  input: Uint8Array,
  frames: readonly unknown[],
): void {
  const codec = codecOf(format, vector.options);
  if (vector.error === undefined) {
    assertFrames(codec.decode(input), frames, "decode()");
  } else {
    const { code, offset } = failure(frameError(() => codec.decode(input)));
    assertEquals({ code, offset }, vector.error, "decode()");
  }
}

/** Stops after some frames: what follows is there for another decoder. */
function checkStop(
  format: Format,
  vector: Vector,
  { name, chunks }: Cut,
  frames: readonly unknown[],
): void {
  const decoder = codecOf(format, vector.options).decoder();
  const got: unknown[] = [];
  let used = 0;
  while (got.length !== vector.stopAfter) {
    const frame = decoder.next();
    if (frame !== undefined) got.push(frame);
    else if (used < chunks.length) decoder.push(chunks[used++]!);
    else break;
  }
  const unread = concat([decoder.takeUnread(), ...chunks.slice(used)]);
  assertFrames(got, frames, name);
  assertFrames([unread], [bytesOf(vector.unread!)], name);
  assertStrictEquals(decoder.bufferedBytes, 0, name);
  if (vector.then !== undefined) {
    const next = formatNamed(vector.then.format);
    assertFrames(
      codecOf(next, vector.then.options).decode(unread),
      vector.then.frames.map(next.frame),
      name,
    );
  }
}

/** Counts the bytes after which each frame, and the error, comes out. */
function checkArrival(
  format: Format,
  vector: Vector,
  input: Uint8Array,
): void {
  const decoder = codecOf(format, vector.options).decoder();
  const framesAt: number[] = [];
  let errorAt: number | undefined;
  const pull = (arrived: number) => {
    try {
      while (decoder.next() !== undefined) framesAt.push(arrived);
    } catch (error) {
      failure(error);
      errorAt ??= arrived;
    }
  };
  input.forEach((byte, i) => {
    decoder.push(Uint8Array.of(byte));
    if (errorAt === undefined) pull(i + 1);
    assertLessOrEqual(decoder.bufferedBytes, i + 1);
  });
  if (vector.framesAt !== undefined) assertEquals(framesAt, vector.framesAt);
  if (vector.errorAt !== undefined) {
    assertStrictEquals(errorAt, vector.errorAt);
  }
}

/** Frames that are copies do not change with the chunk they came in. */
function checkCopies(
  format: Format,
  vector: Vector,
  input: Uint8Array,
  frames: readonly unknown[],
): void {
  const chunk = input.slice();
  const { frames: got } = runDecoder(
    () => codecOf(format, vector.options),
    [chunk],
  );
  chunk.fill(0xee);
  assertFrames(got, frames, "copies");
}

/** All cuts of a short input, and some of a long one. */
function* cuts(input: Uint8Array): Generator<Cut> {
  if (input.length <= 200) return yield* everyCut(input);
  yield { name: "whole", chunks: [input] };
  yield { name: "whole, a view", chunks: asViews([input]) };
  if (input.length <= 262_144) {
    yield { name: "single bytes", chunks: singleBytes(input) };
  }
  if (input.length <= 4_096) {
    for (let seed = 1; seed <= 8; seed++) {
      const chunks = randomCut(input, seed);
      yield { name: `random ${seed}, views`, chunks: asViews(chunks) };
    }
  }
  for (const size of [1_000, 65_536]) {
    const chunks = Array.from(
      { length: Math.ceil(input.length / size) },
      (_, i) => input.subarray(i * size, (i + 1) * size),
    );
    yield { name: `${size} bytes each`, chunks };
  }
}

function* fewCuts(input: Uint8Array): Generator<Cut> {
  yield { name: "whole", chunks: [input] };
  if (input.length <= 4_096) {
    yield { name: "single bytes", chunks: singleBytes(input) };
  }
}

// Encoding

function checkEncoder(format: Format, vector: Vector): void {
  const encoder = codecOf(format, vector.options).encoder();
  const frames = vector.frames.map(format.frame);
  const output = new ByteWriter();
  const before = Uint8Array.of(0xff, 0x0a);
  output.write(before);
  const last = vector.refused === undefined ? undefined : frames.pop();
  for (const frame of frames) encoder.encode(frame, output);
  const written = output.view(before.length).slice();
  if (vector.output !== undefined) {
    assertFrames([written], [bytesOf(vector.output)], "output");
  }
  if (vector.refused !== undefined) {
    const error = frameError(() => encoder.encode(last, output));
    assertStrictEquals(error.code, vector.refused);
    assertStrictEquals(error.offset, undefined);
    assertFrames([output.view()], [concat([before, written])], "refused");
  }
}
