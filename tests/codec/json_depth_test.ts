import { test } from "node:test";
import { assertEquals, assertStrictEquals } from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import {
  ByteWriter,
  type Codec,
  contentLength,
  delimited,
  json,
  type JsonValue,
  lengthPrefixed,
} from "../../src/codec/mod.ts";
import { MAX_JSON_DEPTH } from "../../src/defaults.ts";
import { envelopes } from "../../src/message/mod.ts";
import { jsonSeq, nativeMessaging, ndjson } from "../../src/presets/mod.ts";
import { isTooDeep } from "../../src/codec/views/json_depth.ts";
import { utf8 } from "../support/bytes.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const lists = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const objects = (levels: number) =>
  '{"a":'.repeat(levels - 1) + "{}" + "}".repeat(levels - 1);
const deepList = (levels: number): JsonValue => {
  let value: JsonValue = [];
  for (let i = 1; i < levels; i++) value = [value];
  return value;
};

/** A format that carries JSON, and the framing alone. */
interface Carrier {
  readonly name: string;
  readonly codec: Codec<never, unknown>;
  readonly frame: (text: string) => Uint8Array;
}

const within = (framing: Codec<Uint8Array>) => (text: string) =>
  framing.encode(utf8(text));

const carriers: readonly Carrier[] = [
  {
    name: "json(lengthPrefixed())",
    codec: json(lengthPrefixed()),
    frame: within(lengthPrefixed()),
  },
  {
    name: "json(contentLength())",
    codec: json(contentLength()),
    frame: within(contentLength()),
  },
  {
    name: "nativeMessaging()",
    codec: nativeMessaging(),
    frame: within(lengthPrefixed({ endian: "little" })),
  },
  { name: "ndjson()", codec: ndjson(), frame: (text) => utf8(`${text}\n`) },
  {
    name: "jsonSeq()",
    codec: jsonSeq(),
    frame: (text) => utf8(`\x1e${text}\n`),
  },
];

for (const { name, codec, frame } of carriers) {
  test(`${name} refuses JSON of more than 1,000 levels, both ways`, () => {
    for (const nested of [lists, objects]) {
      const value = JSON.parse(nested(MAX_JSON_DEPTH)) as never;
      const bytes = codec.encode(value);
      assertEquals(bytes, frame(nested(MAX_JSON_DEPTH)));
      const [read] = codec.decode(bytes);
      assertStrictEquals(JSON.stringify(read), nested(MAX_JSON_DEPTH));
      for (const levels of [MAX_JSON_DEPTH + 1, 100_000]) {
        const deep = concat([frame("1"), frame(nested(levels))]);
        const { length: offset } = frame("1");
        const decoder = codec.decoder();
        decoder.push(deep);
        decoder.end();
        assertStrictEquals(decoder.next(), 1);
        const error = frameError(() => decoder.next());
        assertEquals([error.code, error.offset], ["MESSAGE_INVALID", offset]);
        assertStrictEquals(error.expected, "at most 1000 levels");
      }
    }
    for (const levels of [MAX_JSON_DEPTH + 1, 20_000]) {
      const encoder = codec.encoder();
      const output = new ByteWriter();
      const value = deepList(levels) as never;
      const error = frameError(() => encoder.encode(value, output));
      assertStrictEquals(error.code, "MESSAGE_INVALID");
      assertStrictEquals(error.offset, undefined);
      assertStrictEquals(output.length, 0);
    }
  });
}

test("envelopes() refuses bodies that are nested too deeply, both ways", () => {
  const codec = envelopes();
  const body = deepList(MAX_JSON_DEPTH - 1);
  const whole = ["event", "news", body] as const;
  assertStrictEquals(
    JSON.stringify(codec.decode(codec.encode(whole))),
    JSON.stringify([whole]),
  );
  for (const levels of [MAX_JSON_DEPTH, 50_000]) {
    const { code } = frameError(() =>
      codec.encode(["event", "news", deepList(levels)])
    );
    assertStrictEquals(code, "MESSAGE_INVALID");
    const text = `["event","news",${lists(levels)}]`;
    const bytes = lengthPrefixed().encode(utf8(text));
    assertStrictEquals(
      frameError(() => codec.decode(bytes)).code,
      "MESSAGE_INVALID",
    );
  }
});

test("json() passes over what is nested too deeply when asked to", () => {
  assertDecodes(
    (onSkip) =>
      json(delimited({ delimiter: "\n" }), { onInvalid: "skip", onSkip }),
    utf8(`1\n${lists(MAX_JSON_DEPTH + 1)}\n2\n`),
    { frames: [1, 2], skipped: [{ code: "MESSAGE_INVALID", offset: 2 }] },
  );
});

test("json() refuses brackets without end", () => {
  const bytes = utf8(`${"[".repeat(100_000)}\n`);
  const { code } = frameError(() =>
    json(delimited({ delimiter: "\n" })).decode(bytes)
  );
  assertStrictEquals(code, "MESSAGE_INVALID");
});

test("ndjson() refuses a last line that is nested too deeply like the other lines", () => {
  const text = lists(MAX_JSON_DEPTH + 1);
  const error = frameError(() => ndjson().decode(utf8(`1\n${text}`)));
  assertEquals([error.code, error.offset], ["MESSAGE_INVALID", 2]);
  // With a JSON text that has been cut, as before.
  const cut = frameError(() => ndjson().decode(utf8(`1\n${lists(9)}[`)));
  assertStrictEquals(cut.code, "FRAME_TRUNCATED");
});

test("json() counts levels, not brackets: those beside each other, and in strings", () => {
  const codec = json(lengthPrefixed());
  const values: readonly JsonValue[] = [
    Array.from({ length: 5_000 }, (_, i) => ({ i: [i, {}] })),
    "[".repeat(5_000),
    { ["{".repeat(5_000)]: '"['.repeat(5_000) },
    ['\\"[{'.repeat(5_000), "\\", "[".repeat(5_000)],
    ["\\".repeat(5_000), "{".repeat(5_000), "\\".repeat(5_001) + '"', "[["],
  ];
  for (const value of values) {
    assertEquals(codec.decode(codec.encode(value)), [value]);
  }
});

test("json() finds the levels between strings of brackets, quotes and backslashes", () => {
  const string = fc.string({
    unit: fc.constantFrom("[", "]", "{", "}", '"', "\\", "a", "ä"),
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.array(string, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      (strings, isDeeper) => {
        const levels = MAX_JSON_DEPTH + (isDeeper ? 1 : 0);
        let text = "";
        for (let i = 0; i < levels; i++) {
          const words = JSON.stringify(strings[i % strings.length]);
          text += i === levels - 1 ? "[]" : i % 2 ? `[${words},` : `{${words}:`;
        }
        for (let i = levels - 2; i >= 0; i--) text += i % 2 ? ",{}]" : "}";
        JSON.parse(text);
        assertStrictEquals(isTooDeep(text), isDeeper);
      },
    ),
    { numRuns: 30 },
  );
});

test("json() refuses cycles, and takes what JSON leaves out of them", () => {
  const codec = json(lengthPrefixed());
  const written = (value: unknown) => {
    const bytes = codec.encode(value as JsonValue);
    return new TextDecoder().decode(bytes.subarray(4));
  };
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  assertStrictEquals(
    frameError(() => written([cycle])).code,
    "MESSAGE_INVALID",
  );
  const named = { cycle, toJSON: () => "name" };
  assertStrictEquals(
    written([named, new Date(0)]),
    '["name","1970-01-01T00:00:00.000Z"]',
  );
  const heir = Object.assign(Object.create(cycle), { a: [1] });
  assertStrictEquals(written(heir), '{"a":[1]}');
  assertStrictEquals(
    written({ a: undefined, b: [undefined, () => 1], c: new Map([[1, 2]]) }),
    '{"b":[null,null],"c":{}}',
  );
});

test("json() refuses a value whose toJSON() is nested too deeply", () => {
  const codec = json(lengthPrefixed());
  const deep = (levels: number) => ({ toJSON: () => deepList(levels) });
  const value = [deep(MAX_JSON_DEPTH - 1)] as unknown as JsonValue;
  assertEquals(codec.encode(value).length, 4 + 2 * MAX_JSON_DEPTH);
  for (
    const value of [[deep(MAX_JSON_DEPTH)], { a: [1, deep(MAX_JSON_DEPTH)] }]
  ) {
    const { code } = frameError(() =>
      codec.encode(value as unknown as JsonValue)
    );
    assertStrictEquals(code, "MESSAGE_INVALID");
  }
});
