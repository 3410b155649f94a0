import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteWriter } from "../../src/codec/mod.ts";
import { resp, type RespPairs, type RespValue } from "../../src/presets/mod.ts";
import { utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const bulk = (text: string): RespValue => ({ type: "bulk", value: utf8(text) });
const string = (value: string): RespValue => ({ type: "string", value });
const integer = (value: number): RespValue => ({ type: "integer", value });
const array = (...value: RespValue[]): RespValue => ({ type: "array", value });
const double = (value: number): RespValue => ({ type: "double", value });

/** The examples of the specification, each with its value. */
const examples: readonly (readonly [string, RespValue])[] = [
  ["+OK\r\n", string("OK")],
  ["-Error message\r\n", { type: "error", value: "Error message" }],
  [":0\r\n", integer(0)],
  [":-1000\r\n", integer(-1000)],
  ["$5\r\nhello\r\n", bulk("hello")],
  ["$0\r\n\r\n", bulk("")],
  ["$4\r\n\r\n\r\n\r\n", bulk("\r\n\r\n")],
  ["$-1\r\n", { type: "bulk", value: null }],
  ["*0\r\n", array()],
  ["*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n", array(bulk("hello"), bulk("world"))],
  [
    "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n",
    array(
      array(integer(1), integer(2), integer(3)),
      array(string("Hello"), { type: "error", value: "World" }),
    ),
  ],
  ["*-1\r\n", { type: "array", value: null }],
  ["_\r\n", { type: "null", value: null }],
  ["#t\r\n", { type: "boolean", value: true }],
  ["#f\r\n", { type: "boolean", value: false }],
  [",1.23\r\n", double(1.23)],
  [",1e+30\r\n", double(1e30)],
  [",-0\r\n", double(-0)],
  [",inf\r\n", double(Infinity)],
  [",-inf\r\n", double(-Infinity)],
  [",nan\r\n", double(NaN)],
  [
    "(3492890328409238509324850943850943825024385\r\n",
    {
      type: "bigNumber",
      value: 3492890328409238509324850943850943825024385n,
    },
  ],
  [
    "!21\r\nSYNTAX invalid syntax\r\n",
    { type: "bulkError", value: utf8("SYNTAX invalid syntax") },
  ],
  [
    "=15\r\ntxt:Some string\r\n",
    { type: "verbatim", format: "txt", value: utf8("Some string") },
  ],
  [
    "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
    {
      type: "map",
      value: [[string("first"), integer(1)], [string("second"), integer(2)]],
    },
  ],
  ["~2\r\n+a\r\n#t\r\n", {
    type: "set",
    value: [string("a"), { type: "boolean", value: true }],
  }],
  [">2\r\n+message\r\n$2\r\nHI\r\n", {
    type: "push",
    value: [string("message"), bulk("HI")],
  }],
  [
    "|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n" +
    "*2\r\n:2039123\r\n:9543892\r\n",
    {
      type: "attributed",
      attributes: [[string("key-popularity"), {
        type: "map",
        value: [[bulk("a"), double(0.1923)], [bulk("b"), double(0.0012)]],
      }]],
      value: array(integer(2039123), integer(9543892)),
    },
  ],
];

test("resp() reads and writes the examples of its specification", () => {
  for (const [text, value] of examples) {
    assertDecodes(() => resp(), utf8(text), { frames: [value] });
    assertEquals(resp().encode(value), utf8(text));
  }
  assertEquals(
    resp().decode(utf8(examples.map(([text]) => text).join(""))),
    examples.map(([, value]) => value),
  );
});

test("resp() reads the NaN that Redis 7.0 writes with a sign", () => {
  assertDecodes(() => resp(), utf8(",-nan\r\n,1\r\n"), {
    frames: [double(NaN), double(1)],
  });
});

test("resp() passes over empty lines between values", () => {
  assertDecodes(() => resp(), utf8("\r\n:1\r\n\r\n\r\n*1\r\n:2\r\n\r\n"), {
    frames: [integer(1), array(integer(2))],
  });
  assertDecodes(() => resp(), utf8(":1\r\n\r\n\r"), {
    frames: [integer(1)],
    error: { code: "FRAME_TRUNCATED", offset: 6 },
  });
});

test("resp() hands out as a bigint what a number cannot hold", () => {
  const integers = [
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9223372036854775808", -9223372036854775808n],
  ] as const;
  for (const [text, value] of integers) {
    const bytes = utf8(`:${text}\r\n`);
    assertEquals(resp().decode(bytes), [{ type: "integer", value }]);
    assertEquals(resp().encode({ type: "integer", value }), bytes);
  }
  assertEquals(
    resp().decode(utf8(":+5\r\n:-0\r\n:007\r\n(1\r\n")),
    [integer(5), integer(0), integer(7), { type: "bigNumber", value: 1 }],
  );
});

test("resp() refuses what is not a value, behind those that are", () => {
  const invalid: readonly (readonly [string, string])[] = [
    ["PING\r\n", "HEADER_INVALID"],
    ["*1\r\n\r\n", "HEADER_INVALID"],
    ["|0\r\n\r\n", "HEADER_INVALID"],
    ["$?\r\n;4\r\nHell\r\n;0\r\n", "LENGTH_INVALID"],
    ["$\r\n\r\n", "LENGTH_INVALID"],
    ["$-2\r\n", "LENGTH_INVALID"],
    ["$1a\r\n", "LENGTH_INVALID"],
    ["!-1\r\n", "LENGTH_INVALID"],
    ["*1.5\r\n", "LENGTH_INVALID"],
    ["%-1\r\n", "LENGTH_INVALID"],
    ["$2\r\nabc\r\n", "MARK_INVALID"],
    ["$2\r\nab\rc", "MARK_INVALID"],
    ["+a\nb\r\n", "MARK_INVALID"],
    ["-a\rb\r\n", "MARK_INVALID"],
    [":\r\n", "MESSAGE_INVALID"],
    [":1.5\r\n", "MESSAGE_INVALID"],
    [":9223372036854775808\r\n", "MESSAGE_INVALID"],
    ["(12a\r\n", "MESSAGE_INVALID"],
    [`(${"1".repeat(1_001)}\r\n`, "MESSAGE_INVALID"],
    ["_a\r\n", "MESSAGE_INVALID"],
    ["#T\r\n", "MESSAGE_INVALID"],
    [",1.\r\n", "MESSAGE_INVALID"],
    [",0x1\r\n", "MESSAGE_INVALID"],
    [",Infinity\r\n", "MESSAGE_INVALID"],
    ["=3\r\ntxt\r\n", "MESSAGE_INVALID"],
    ["=4\r\ntxt-\r\n", "MESSAGE_INVALID"],
    ["$1048576\r\n", "FRAME_TOO_LARGE"],
    ["$99999999999999999999999\r\n", "FRAME_TOO_LARGE"],
    ["*1\r\n", "FRAME_TRUNCATED"],
    ["$3\r\nabc\r", "FRAME_TRUNCATED"],
    ["|0\r\n", "FRAME_TRUNCATED"],
  ];
  for (const [text, code] of invalid) {
    const make = () => resp();
    const bytes = utf8(`:1\r\n${text}`);
    if (bytes.length < 100) {
      assertDecodes(make, bytes, {
        frames: [integer(1)],
        error: { code, offset: 4 },
      });
    } else {assertStrictEquals(
        frameError(() => make().decode(bytes)).code,
        code,
      );}
  }
});

test("resp() refuses to write what it would not read back", () => {
  const invalid: readonly (readonly [RespValue, string])[] = [
    [string("a\nb"), "DELIMITER_IN_FRAME"],
    [{ type: "error", value: "a\r" }, "DELIMITER_IN_FRAME"],
    [integer(1.5), "MESSAGE_INVALID"],
    [integer(2 ** 53), "MESSAGE_INVALID"],
    [{ type: "integer", value: 2n ** 63n }, "MESSAGE_INVALID"],
    [{ type: "bigNumber", value: 10n ** 1_000n }, "MESSAGE_INVALID"],
    [
      { type: "verbatim", format: "text", value: utf8("") },
      "MESSAGE_INVALID",
    ],
    [bulk("a".repeat(1_048_576)), "FRAME_TOO_LARGE"],
  ];
  const output = new ByteWriter();
  for (const [value, code] of invalid) {
    const encoder = resp().encoder();
    const error = frameError(() => encoder.encode(array(value), output));
    assertStrictEquals(error.code, code);
    assertStrictEquals(error.offset, undefined);
    assertStrictEquals(output.length, 0);
  }
});

test("resp() refuses a value without a type, and writes nothing", () => {
  const output = new ByteWriter();
  const value = { type: "text", value: "a" } as unknown as RespValue;
  assertThrows(
    () => resp().encoder().encode(array(value), output),
    TypeError,
    "Cannot encode",
  );
  assertStrictEquals(output.length, 0);
});

test("resp() holds values to the same limit in both directions", () => {
  const value = array(bulk("HI"), integer(1));
  const { length } = resp().encode(value);
  const most = resp({ maxFrameLength: length });
  assertEquals(most.decode(most.encode(value)), [value]);
  const less = resp({ maxFrameLength: length - 1 });
  for (
    const call of [
      () => less.encode(value),
      () => less.decode(most.encode(value)),
    ]
  ) assertStrictEquals(frameError(call).code, "FRAME_TOO_LARGE");
});

test("resp() refuses arrays that are too deep, in both directions", () => {
  const deep = utf8(`${"*1\r\n".repeat(100_000)}_\r\n`);
  assertStrictEquals(
    frameError(() => resp().decode(deep)).expected,
    "at most 128 levels (maxDepth)",
  );
  let value: RespValue = integer(1);
  for (let i = 0; i < 128; i++) value = array(value);
  const bytes = resp().encode(value);
  assertEquals(resp().decode(bytes), [value]);
  const deeper = array(value);
  const pairs: RespPairs = [[integer(1), value]];
  for (
    const call of [
      () => resp().encode(deeper),
      () => resp().encode({ type: "map", value: pairs }),
      () => resp().encode({ type: "attributed", attributes: [], value }),
      () => resp().decode(concat([utf8("*1\r\n"), bytes])),
      () => resp().decode(concat([utf8("|0\r\n"), bytes])),
    ]
  ) assertStrictEquals(frameError(call).code, "FRAME_TOO_LARGE");
  assertThrows(() => resp({ maxDepth: 1_001 }), RangeError, "maxDepth");
});

test("resp() takes time linear in an array that comes byte by byte", () => {
  const bytes = utf8(`*2000\r\n${"$5\r\nhello\r\n".repeat(2_000)}`);
  const { frame, work } = decodeByteByByte(resp(), bytes);
  assertStrictEquals(frame?.type === "array" && frame.value?.length, 2_000);
  assertStrictEquals(work.scanned <= 2 * bytes.length, true);
});

const bytes = fc.uint8Array({ maxLength: 20 });
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true });
const { value: anyValue } = fc.letrec<{ value: RespValue; pairs: RespPairs }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      record({
        type: fc.constantFrom("string", "error"),
        value: fc.string({ unit: "grapheme" }).filter((text) =>
          !/[\r\n]/.test(text)
        ),
      }),
      record({ type: fc.constant("integer"), value: fc.maxSafeInteger() }),
      record({
        type: fc.constant("bigNumber"),
        value: fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
      }),
      record({ type: fc.constant("bulk"), value: fc.option(bytes) }),
      record({ type: fc.constant("bulkError"), value: bytes }),
      record({
        type: fc.constant("verbatim"),
        format: fc.constantFrom("txt", "mkd"),
        value: bytes,
      }),
      record({ type: fc.constant("boolean"), value: fc.boolean() }),
      record({ type: fc.constant("double"), value: fc.double() }),
      record({
        type: fc.constantFrom("set", "push", "array"),
        value: fc.array(tie("value"), { maxLength: 3 }),
      }),
      record({ type: fc.constant("map"), value: tie("pairs") }),
      record({
        type: fc.constant("attributed"),
        attributes: tie("pairs"),
        value: tie("value"),
      }),
    ) as fc.Arbitrary<RespValue>,
    pairs: fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 2 }),
  }),
);

test("resp() gives back what was encoded, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(anyValue, { maxLength: 4 }),
      fc.array(fc.nat(200)),
      (values, cuts) => {
        const codec = resp();
        const encoded = concat(values.map((value) => codec.encode(value)));
        const decoder = codec.decoder();
        const decoded: RespValue[] = [];
        for (const chunk of cutAt(encoded, cuts)) {
          decoder.push(chunk);
          for (
            let frame = decoder.next();
            frame !== undefined;
            frame = decoder.next()
          ) decoded.push(frame);
        }
        assertEquals(decoded, values);
      },
    ),
  );
});

test("resp() gives one outcome for plain values, whether they come whole or in parts", () => {
  const wrong: readonly [string, string][] = [
    ["$5\r\nhelloX\n", "MARK_INVALID"],
    ["$5\r\nhello\rX", "MARK_INVALID"],
    ["*2\r\n:1\r\n$1\r\naX\n", "MARK_INVALID"],
  ];
  for (const [text, code] of wrong) {
    assertDecodes(() => resp(), utf8(`:7\r\n${text}`), {
      frames: [integer(7)],
      error: { code, offset: 4 },
    });
  }
  assertDecodes(() => resp({ maxDepth: 0 }), utf8("*0\r\n:1\r\n*1\r\n:1\r\n"), {
    frames: [array(), integer(1)],
    error: { code: "FRAME_TOO_LARGE", offset: 8 },
  });
});

test("resp() looks at the bytes of an array that comes byte by byte a few times only", () => {
  const text = `*64\r\n${"$2\r\nab\r\n".repeat(64)}`;
  const { frame, work } = decodeByteByByte(resp(), utf8(text));
  assertEquals(frame, array(...Array.from({ length: 64 }, () => bulk("ab"))));
  assertLessOrEqual(work.read + work.scanned, 8 * text.length);
});
