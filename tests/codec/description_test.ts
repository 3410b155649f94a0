import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  checksum,
  choose,
  defineCodec,
  delimited,
  joined,
  type JoinedOptions,
  json,
  lengthPrefixed,
  lines,
  text,
} from "../../src/codec/mod.ts";
import { nearestOf } from "../../src/checks.ts";
import { formats } from "../support/formats.ts";

test("Codec.description says what a codec is made of, and leaves callbacks out", () => {
  const codec = json(
    checksum(
      lengthPrefixed({ endian: "little", onSkip: () => undefined }),
      "crc32",
    ),
    { onInvalid: "skip" },
  );
  assertEquals(codec.description, {
    kind: "json",
    options: { onInvalid: "skip" },
    over: {
      kind: "checksum",
      options: { kind: "crc32" },
      over: { kind: "lengthPrefixed", options: { endian: "little" } },
    },
  });
});

test("Codec.description is there for a format alone, and missing over a codec without one", () => {
  assertEquals(lines().description, { kind: "lines", options: {} });
  const own = defineCodec<Uint8Array>({
    name: "own",
    *readFrame(input) {
      return yield* input.bytes(1);
    },
    encoder: { encode: (frame, output) => void output.write(frame) },
  });
  assertEquals(own.description, undefined);
  assertEquals(text(own).description, undefined);
});

const slips: readonly [call: () => unknown, message: string][] = [
  [
    () => lengthPrefixed({ endianness: "little" } as object),
    "Cannot use endianness: lengthPrefixed has no such option, did you mean endian?",
  ],
  [
    () => delimited({ delimiter: "\n", maxFrameLenght: 5 } as never),
    "Cannot use maxFrameLenght: delimited has no such option, did you mean maxFrameLength?",
  ],
  [
    () => lines({ onInvalidd: "skip" } as object),
    "Cannot use onInvalidd: lines has no such option, did you mean onInvalid?",
  ],
  [
    () => json(lengthPrefixed(), { colour: "red" } as object),
    "Cannot use colour: json has no such option",
  ],
  [
    () => json(lengthPrefixed(), { schema: {} } as object),
    "Cannot use schema: json has no such option",
  ],
  [
    () => text(lengthPrefixed(), "utf-8", { encoding: "gbk" } as object),
    "Cannot use encoding: text has no such option",
  ],
  [
    () =>
      choose({ lines: lines() }, {
        decode: () => "lines",
        encode: () => "lines",
        maxHeaderLenght: 1,
      } as never),
    "Cannot use maxHeaderLenght: choose has no such option, did you mean maxHeaderLength?",
  ],
  [
    () =>
      joined(lengthPrefixed(), {
        more: () => false,
        payload: (frame: Uint8Array) => frame,
        split: (message: Uint8Array) => [message],
        onOversize: "skip",
      } as JoinedOptions<Uint8Array, Uint8Array>),
    "Cannot use onOversize: joined has no such option",
  ],
];

for (const [call, message] of slips) {
  test(`A codec refuses an option that it does not have: ${message}`, () => {
    const error = assertThrows(call, TypeError);
    assertEquals((error as TypeError).message, message);
  });
}

test("nearestOf() gives the name that is near, and none where all are far", () => {
  const names = ["endian", "lengthBytes", "maxFrameLength"];
  assertEquals(nearestOf("Endian", names), "endian");
  assertEquals(nearestOf("lengthByte", names), "lengthBytes");
  assertEquals(nearestOf("lenghtBytes", names), "lengthBytes");
  assertEquals(nearestOf("delimiter", names), undefined);
  assertEquals(nearestOf("x", names), undefined);
});

test("Each format of the codec layer refuses an option that it does not have", () => {
  const least: Readonly<Record<string, object>> = {
    fixedLength: { frameLength: 1 },
    delimited: { delimiter: "0a" },
    marked: { start: "02", end: "03" },
    stuffed: { end: 1, escape: 2, map: { 1: 3, 2: 4 } },
    headerPrefixed: { headerLength: 1, length: { at: 0, bytes: 1, add: 0 } },
  };
  const own = [
    "lengthPrefixed",
    "varintPrefixed",
    "netstring",
    "contentLength",
    "lines",
    "cobs",
    "slip",
    "hdlc",
    "commandFrame",
    "jsonHeader",
    ...Object.keys(least),
  ];
  for (const name of own) {
    const { make } = formats[name]!;
    make({ ...least[name] });
    assertThrows(
      () => make({ ...least[name], colour: 1 }),
      TypeError,
      `Cannot use colour: ${name} has no such option`,
    );
  }
});
