import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { guessFormats } from "../../../src/cli/guess/guess_formats.ts";
import type { Guess } from "../../../src/cli/guess/types.ts";
import { parseFormat } from "../../../src/format/mod.ts";
import { Random } from "../../support/random.ts";
import { formats } from "./formats.ts";
import { moreFormats } from "./more_formats.ts";
import { trialsOf } from "./trials.ts";

const encoder = new TextEncoder();

function guessesOf(bytes: Uint8Array, ended = true): readonly Guess[] {
  return guessFormats([{ bytes, ended }]).guesses;
}

function expressionsOf(bytes: Uint8Array): string[] {
  return guessesOf(bytes).map(({ expression }) => expression);
}

/** The bytes of frames in a format. */
function encoded(expression: string, frames: readonly unknown[]): Uint8Array {
  const codec = parseFormat(expression);
  return Uint8Array.from(frames.flatMap((frame) => [...codec.encode(frame)]));
}

for (
  const [name, list] of [["common", formats], ["rarer", moreFormats]] as const
) {
  test(`guessFormats() finds ${name} formats first in 95 % of captures, and is never certain of a wrong one`, () => {
    const trials = trialsOf(list, 1, 500_000);
    const misses = trials.flatMap(({ expression, misses }) =>
      misses.map((miss) => `${expression}, ${miss}`)
    );
    assert(misses.length <= 0.05 * list.length, misses.join("\n"));
    for (const { expression, wrongCertain, misses } of trials) {
      assertEquals(wrongCertain, 0, `${expression}: ${misses}`);
    }
  });
}

test("guessFormats() cannot tell what random bytes are", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const bytes = random.bytes(1 + random.below(2_048));
    assertEquals(guessesOf(bytes, seed % 2 === 0), [], `seed ${seed}`);
  }
});

test("guessFormats() cannot tell from few bytes, or from equal ones", () => {
  for (const length of [0, 1, 2, 5, 100, 5_000]) {
    for (const byte of [0, 1, 0x20, 0x41, 0xff]) {
      const bytes = new Uint8Array(length).fill(byte);
      assertEquals(guessesOf(bytes), [], `${length} times ${byte}`);
    }
  }
  assertEquals(guessesOf(encoder.encode("hello")), []);
  assertEquals(guessFormats([]), { guesses: [], looked: 0 });
});

test("guessFormats() is not certain of data that has no frames", () => {
  const random = new Random(1);
  const floats = new DataView(new ArrayBuffer(8_000));
  const samples = new DataView(new ArrayBuffer(8_000));
  for (let i = 0; i < 1_000; i++) {
    floats.setFloat64(8 * i, 20 + random.below(1_000) / 1_000, true);
  }
  for (let i = 0; i < 4_000; i++) {
    samples.setInt16(2 * i, 8_000 * Math.sin(i / 20) + random.below(50));
  }
  const prose =
    "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals, when it was checked by a violent gust of wind (for it is in London that our scene lies), rattling along the house-tops. ";
  const unframed = {
    floats: new Uint8Array(floats.buffer),
    sound: new Uint8Array(samples.buffer),
    prose: encoder.encode(prose),
    base64: encoder.encode(btoa(String.fromCharCode(...random.bytes(3_000)))),
    sparse: Uint8Array.from(
      { length: 8_000 },
      () => random.chance(0.9) ? 0 : random.below(256),
    ),
    ramp: Uint8Array.from({ length: 8_000 }, (_, i) => i & 255),
  };
  for (const [name, bytes] of Object.entries(unframed)) {
    const certain = guessesOf(bytes).filter(({ confidence }) =>
      confidence === "certain"
    );
    assertEquals(certain, [], name);
  }
});

test("guessFormats() calls a table and a log lines", () => {
  const random = new Random(2);
  const rows = Array.from(
    { length: 40 },
    (_, i) => `${i},${random.below(999)},OK`,
  );
  for (const end of ["\n", "\r\n"]) {
    const [first] = expressionsOf(encoder.encode(rows.join(end) + end));
    assertEquals(first, "lines");
  }
});

test("guessFormats() names other protocols and gives no format for them", () => {
  const named: readonly [string, Uint8Array][] = [
    ["HTTP", encoder.encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
    [
      "WebSocket",
      encoder.encode("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
    ],
    ["SSH", encoder.encode("SSH-2.0-OpenSSH_9.2\r\n")],
    ["TLS", Uint8Array.of(0x16, 3, 1, 0, 0xf8, 1, 0, 0, 0xf4)],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
    ["JPEG", Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46)],
    [
      "text in UTF-16",
      new Uint8Array(20).map((_, i) => i % 2 === 0 ? 0x41 : 0),
    ],
  ];
  for (const [name, bytes] of named) {
    const { guesses, protocol } = guessFormats([{ bytes, ended: false }]);
    assertEquals([protocol?.name, guesses.length], [name, 0]);
  }
});

test("guessFormats() says JSON, text and checksums as stages", () => {
  const words = ["alpha", "beta", "gamma", "delta", "epsilon"];
  const texts = words.map((word) => encoder.encode(`${word} is a word`));
  assertEquals(
    expressionsOf(encoded("length(2)", texts))[0],
    "length(2) | text",
  );
  const objects = words.map((word, id) => ({ id, word }));
  assertEquals(
    expressionsOf(encoded("length(2) | json", objects))[0],
    "length(2) | json",
  );
  const bodies = words.map((_, i) => new Random(i).bytes(12 + i));
  for (
    const expression of [
      "cobs | checksum(crc32)",
      "length(1) | checksum(crc16Modbus)",
    ]
  ) {
    assertEquals(expressionsOf(encoded(expression, bodies))[0], expression);
  }
});

test("guessFormats() gives what each guess explains, and where it ends", () => {
  const random = new Random(3);
  const frames = Array.from({ length: 12 }, (_, i) => random.bytes(20 + 3 * i));
  const whole = encoded("length(4)", frames);
  const bytes = whole.subarray(0, whole.length - 5);
  const [guess] = guessesOf(bytes, false);
  const left = 4 + frames[11]!.length - 5;
  assertEquals(
    [guess?.expression, guess?.confidence, guess?.frames, guess?.left],
    ["length", "certain", 11, left],
  );
  assertEquals(guess?.explained, 1 - left / bytes.length);
});

test("guessFormats() looks at the beginning of a long sample, in little time", () => {
  const random = new Random(4);
  const frames = Array.from({ length: 50 }, () => random.bytes(4_000));
  const bytes = encoded("length(4, little)", frames);
  const { guesses: [guess], looked } = guessFormats([{ bytes, ended: true }]);
  assertEquals([guess?.expression, looked], ["length(little)", 65_536]);
});

test("guessFormats() needs one format for all directions", () => {
  const random = new Random(5);
  const samples = [1, 2].map(() => ({
    bytes: encoded(
      "length(2)",
      Array.from({ length: 6 }, () => random.bytes(30)),
    ),
    ended: true,
  }));
  assertEquals(guessFormats(samples).guesses[0]?.expression, "length(2)");
  const noise = { bytes: random.bytes(300), ended: true };
  const { guesses } = guessFormats([...samples, noise]);
  assert(guesses.every(({ confidence }) => confidence === "possible"));
});
