import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import {
  delimited,
  FrameError,
  json,
  lengthPrefixed,
  type StandardSchema,
} from "../../src/codec/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { assertDecodes } from "../support/run_decoder.ts";

interface Point {
  x: number;
}

/** A schema that takes `{ x: "12" }` and hands out `{ x: 12 }`. */
const point: StandardSchema<{ x: string }, Point> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      const x = typeof value === "object" && value !== null && "x" in value
        ? value.x
        : undefined;
      return typeof x === "string" && Number.isFinite(Number(x))
        ? { value: { x: Number(x) } }
        : {
          issues: [
            { message: "not a number", path: ["points", { key: 0 }, "x"] },
            { message: "no point" },
          ],
        };
    },
  },
};

const inLines = delimited({ delimiter: ["\n", "\r\n"] });

test("json() reads past a byte order mark", () => {
  const codec = json(lengthPrefixed({ lengthBytes: 1 }));
  for (const text of ['\ufeff{"a":1}', '\ufeff{"a":"\ufffd"}']) {
    const bytes = utf8(text);
    const value = JSON.parse(text.slice(1));
    assertEquals(codec.decode(Uint8Array.of(bytes.length, ...bytes)), [value]);
  }
});

test("json() reads and writes every JSON value", () => {
  const codec = json(lengthPrefixed());
  const values = [null, true, 0, -1.5, "粘包", [], {}, { a: [1, { b: null }] }];
  for (const value of values) {
    assertEquals(codec.decode(codec.encode(value)), [value]);
  }
});

test("json() gives the values before a bad one, then its error", () => {
  assertDecodes(() => json(inLines), utf8('{"a":1}\n[2]\nnot json\n3\n'), {
    frames: [{ a: 1 }, [2]],
    error: { code: "MESSAGE_INVALID", offset: 12 },
  });
});

test("json() refuses what is not UTF-8", () => {
  const error = assertThrows(
    () => json(inLines).decode(Uint8Array.of(0x22, 0xff, 0x22, 0x0a)),
    FrameError,
  );
  assertEquals(error.code, "MESSAGE_INVALID");
});

test("json() refuses to write what JSON cannot say", () => {
  const codec = json(lengthPrefixed(), {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => ({ value }),
    },
  });
  const error = assertThrows(() => codec.encode(undefined), FrameError);
  assertEquals(error.code, "MESSAGE_INVALID");
});

test("json() hands out what the schema makes of a value", () => {
  const codec = json(inLines, point);
  const points: Point[] = codec.decode(utf8('{"x":"12"}\n'));
  assertEquals(points, [{ x: 12 }]);
  assertEquals(codec.encode({ x: "12" }), utf8('{"x":"12"}\n'));
});

test("json() names the path of what the schema refuses", () => {
  const error = assertThrows(
    () => json(inLines, point).decode(utf8('{"x":"1"}\n{"x":"one"}\n')),
    FrameError,
    "points.0.x: not a number; no point",
  );
  assertEquals(error.code, "MESSAGE_INVALID");
  assertEquals(error.offset, 10);
});

test("json() refuses an asynchronous schema", () => {
  const codec = json(inLines, {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => Promise.resolve({ value }),
    },
  });
  assertThrows(() => codec.decode(utf8("1\n")), TypeError, "asynchronous");
});
