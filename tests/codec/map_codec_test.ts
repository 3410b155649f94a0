import { test } from "node:test";
import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Codec,
  FrameError,
  json,
  lines,
  mapCodec,
  type StandardSchema,
} from "../../src/codec/mod.ts";
import { framed } from "../../src/framed/mod.ts";
import { FrameDecoderStream } from "../../src/stream/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";
import { utf8 } from "../support/bytes.ts";
import { frameError } from "../support/run_decoder.ts";

/** Lines, of which the empty ones become `undefined`. */
const mapped: Codec<string, string | undefined> = mapCodec(lines(), {
  name: "mapped",
  decode: (line) => line === "" ? undefined : line,
  encode: (line: string) => line,
});

const optional: StandardSchema<string | null, string | undefined> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => ({
      value: typeof value === "string" ? value : undefined,
    }),
  },
};

const lineBytes = mapCodec(lines(), {
  name: "bytes",
  decode: (line) => utf8(line) as Uint8Array,
  encode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
});

const cases: [string, Codec<never, string | undefined>, Uint8Array][] = [
  ["mapCodec", mapped, utf8("one\n\ntwo\n")],
  ["json", json(lineBytes, optional), utf8('"one"\nnull\n"two"\n')],
];

for (const [name, codec, bytes] of cases) {
  test(`${name}() refuses the frame when it would become undefined`, () => {
    const decoder = codec.decoder();
    decoder.push(bytes);
    assertEquals(decoder.next(), "one");
    const error = assertThrows(() => decoder.next(), TypeError);
    assertStrictEquals(assertThrows(() => decoder.next()), error);
    assertThrows(() => codec.decode(bytes), TypeError, "undefined");
  });

  test(`${name}() errors a FrameDecoderStream when a frame would become undefined`, async () => {
    const reader = ReadableStream.from([bytes])
      .pipeThrough(new FrameDecoderStream(codec)).getReader();
    assertEquals((await reader.read()).value, "one");
    await assertRejects(() => reader.read(), TypeError, "undefined");
  });

  test(`${name}() rejects Framed.receive() when a frame would become undefined`, async () => {
    const [a, b] = streamPair();
    const writer = a.writable.getWriter();
    writer.write(bytes).catch(() => {});
    const receiver = framed(b, codec, quick);
    assertEquals(await receiver.receive(), "one");
    await assertRejects(() => receiver.receive(), TypeError, "undefined");
    await receiver.close().catch(() => {});
  });
}

test("mapCodec() adds the offset when the mapping throws a FrameError without one", () => {
  const codec = mapCodec(lines(), {
    name: "refusing",
    decode(line): string {
      if (line !== "bad") return line;
      throw new FrameError("MESSAGE_INVALID", {
        reason: "The line is bad",
        expected: "a good one",
        got: line,
      });
    },
    encode: (line: string) => line,
  });
  const error = frameError(() => codec.decode(utf8("good\nbad\n")));
  assertStrictEquals(error.offset, 5);
  assertStrictEquals(
    error.message,
    "The line is bad: expected a good one, got bad, in the frame at byte offset 5",
  );
});
