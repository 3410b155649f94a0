import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import * as algorithms from "../../src/algorithms/mod.ts";
import {
  checksum,
  cobs,
  type Codec,
  compressed,
  defineCodec,
  delimited,
  filter,
  FrameError,
  headerPrefixed,
  json,
  jsonHeader,
  lengthPrefixed,
  lines,
  mapCodec,
  marked,
  stuffed,
  text,
} from "../../src/codec/mod.ts";
import * as presets from "../../src/presets/mod.ts";
import {
  FormatError,
  formatFromJson,
  type FormatJson,
  formatOf,
  formatSchema,
  formatToJson,
  parseFormat,
} from "../../src/format/mod.ts";
import { formatJson, matches } from "../support/format_json.ts";
import { failure } from "../support/run_decoder.ts";

/** Expressions and their normal forms. */
const normalForms: readonly [string, string][] = [
  ["length(4, big, includes=body, copy=false)|max 1MiB", "length"],
  ["length(copy, bytes=2)", "length(2, copy)"],
  ["length(lengthIncludes=frame)", "length(includes=frame)"],
  ["length(maxFrameLength=2048)|json", "length | max 2KiB | json"],
  ["length|json|max 0x3e8", "length | max 1000 | json"],
  ["length(maxEncodedLength=3072)", "length(maxEncodedLength=3KiB)"],
  ['delimited("\\x0a\\x22\\/")', 'delimited("\\n\\"/")'],
  [
    'delimited("\\xe4\\xbd\\xa0\\x80\\u4f60")',
    'delimited("\\xe4\\xbd\\xa0\\x80\\xe4\\xbd\\xa0")',
  ],
  [
    'delimited("\\xe4\\xbd\\xa0\\u2028\\x7f\\ud83d\\ude00")',
    'delimited("你\\u2028\\x7f😀")',
  ],
  [
    "lines(onInvalid=skip,truncated=emit)|max 0",
    "lines(onInvalid=skip) | max 0",
  ],
  ["lines | json", "lines | json"],
  ['delimited("a \\u0085\\u00a0")', 'delimited("a \\u0085\\u00a0")'],
  ['hdlc(fcs="fcs16")', "hdlc"],
  ['length|text("gbk",fatal)', "length | text(gbk, fatal)"],
  [
    "stuffed(map={xor:32,also:[17]},end=126,escape=125)",
    "stuffed(0x7e, 0x7d, {xor: 0x20, also: [0x11]})",
  ],
  [
    'json-header(fields={a: [true, {"__proto__": 1e3}]})',
    'json-header(fields={"a": [true, {"__proto__": 1000}]})',
  ],
  ["preset:kafka(copy=false)", "preset:kafka"],
  ["preset:kafka|max 1MiB|json", "preset:kafka | max 1MiB | json"],
  ["preset:iso8583(length=bcd)", "preset:iso8583(bcd)"],
];

for (const [expression, normal] of normalForms) {
  test(`formatOf() gives ${JSON.stringify(normal)}`, () => {
    assertEquals(formatOf(parseFormat(expression)), normal);
    assertEquals(formatOf(parseFormat(normal)), normal);
  });
}

const own = defineCodec<Uint8Array>({
  name: "own",
  *readFrame(input) {
    return yield* input.bytes(1);
  },
  encoder: { encode: (frame, output) => void output.write(frame) },
});
const { xor8, gzip, md5 } = algorithms;

const anySchema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value: unknown) => ({ value }),
  },
} as const;

/** Codecs, and their expressions; none where a part is no data. */
const codecs: readonly [string, Codec<never, unknown>, string | undefined][] = [
  [
    "length and JSON",
    json(lengthPrefixed({ endian: "little" })),
    "length(little) | json",
  ],
  ["a checksum of algorithms", checksum(cobs(), xor8), "cobs | checksum(xor8)"],
  [
    "a checksum of the program",
    checksum(cobs(), { ...xor8 }),
    undefined,
  ],
  [
    "a callback",
    lines({ onInvalid: "skip", onSkip: () => undefined }),
    "lines(onInvalid=skip)",
  ],
  [
    "bytes that are UTF-8",
    marked({ start: Uint8Array.of(0x3c), end: Uint8Array.of(0xff) }),
    'marked("<", "\\xff")',
  ],
  [
    "bytes of a lone surrogate",
    delimited({ delimiter: "\ud800" }),
    'delimited("\ufffd")',
  ],
  [
    "a map of bytes",
    stuffed({ end: 10, escape: 92, map: { 92: 92, 10: 110 } }),
    "stuffed(0x0a, 0x5c, {0x0a: 0x6e, 0x5c: 0x5c})",
  ],
  ["a preset", presets.kafka(), "preset:kafka"],
  ["a preset of a number", presets.erlang(4), "preset:erlang(4)"],
  [
    "a preset with options",
    presets.ndjson({ onInvalid: "skip", onSkip: () => undefined }),
    "preset:ndjson(onInvalid=skip)",
  ],
  [
    "a view over a preset",
    json(presets.erlang(2, { maxFrameLength: 2_048 })),
    "preset:erlang(2) | max 2KiB | json",
  ],
  ["a preset with a schema", presets.ndjson(anySchema), undefined],
  [
    "a preset with a digest",
    presets.remoteCommand({ digest: md5 }),
    undefined,
  ],
  [
    "a header that a function reads",
    headerPrefixed({ headerLength: 1, frameLength: () => 1 }),
    undefined,
  ],
  ["a compression", compressed(lengthPrefixed(), gzip), undefined],
  ["a digest", jsonHeader({ digest: md5 }), undefined],
  ["fields that are no data", jsonHeader({ fields: { a: NaN } }), undefined],
  [
    "fields that are objects of a class",
    jsonHeader({ fields: { a: new Date(0) as never } }),
    undefined,
  ],
  [
    "text that cannot be UTF-8",
    jsonHeader({ lengthKey: "\ud800" }),
    undefined,
  ],
  [
    "a text encoding of the program",
    text(cobs(), { decode: String, encode: () => new Uint8Array() }),
    undefined,
  ],
  ["a codec of the program", own, undefined],
  ["a view over one of the program", text(own), undefined],
  ["filter", filter(lines(), () => true), undefined],
  [
    "mapCodec",
    mapCodec(lines(), { name: "numbers", decode: Number, encode: String }),
    undefined,
  ],
  [
    "a codec with a description of its own",
    { ...own, description: { kind: "toString", options: {} } },
    undefined,
  ],
  [
    "an option that is not known",
    { ...own, description: { kind: "lines", options: { colour: "red" } } },
    undefined,
  ],
];

for (const [name, codec, expression] of codecs) {
  test(`formatOf() gives ${expression ?? "nothing"} for ${name}`, () => {
    assertEquals(formatOf(codec), expression);
    assertEquals(formatToJson(codec) === undefined, expression === undefined);
  });
}

test("formatOf() gives nothing that parseFormat() would find too long", () => {
  const fields = { a: "a".repeat(4_096) };
  assertEquals(formatOf(jsonHeader({ fields })), undefined);
  let codec: Codec<Uint8Array> = lengthPrefixed();
  for (let i = 1; i < 16; i++) codec = checksum(codec, "crc32");
  parseFormat(formatOf(codec)!);
  assertEquals(formatOf(checksum(codec, "crc32")), undefined);
  let deep: unknown = 1;
  for (let i = 0; i < 15; i++) deep = [deep];
  parseFormat(formatOf(jsonHeader({ fields: { deep } as never }))!);
  const deeper = jsonHeader({ fields: { deep: [deep] } as never });
  assertEquals(formatOf(deeper), undefined);
});

/** The codec of a format, where its options go together. */
function codecOf(json: FormatJson): Codec<unknown> | undefined {
  try {
    return formatFromJson(json);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** All that a codec makes of bytes, and back. */
function behaviour(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  const decoder = codec.decoder();
  decoder.push(bytes);
  decoder.end();
  const frames: unknown[] = [];
  try {
    for (let one = decoder.next(); one !== undefined; one = decoder.next()) {
      frames.push(one, encoded(codec, one));
    }
    return frames;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return [...frames, failure(error)];
  }
}

function encoded(codec: Codec<unknown>, frame: unknown): unknown {
  try {
    return codec.encode(frame);
  } catch (error) {
    // A TypeError is that of an encoding that can only be decoded.
    assert(error instanceof FrameError || error instanceof TypeError);
    return error.message;
  }
}

test("formatOf() and formatToJson() write the -0 of a codec as JSON does", () => {
  const codec = jsonHeader({ fields: { a: -0, b: [-0] } });
  const expression = 'json-header(fields={"a": 0, "b": [0]})';
  assertEquals(formatOf(codec), expression);
  const json = formatToJson(codec);
  assertEquals(json, [{ stage: "json-header", fields: { a: 0, b: [0] } }]);
  assertEquals(formatToJson(parseFormat(expression)), json);
});

test("formatOf() and parseFormat() keep what a codec is and does", () => {
  let made = 0;
  fc.assert(
    fc.property(
      formatJson(),
      fc.array(
        fc.oneof(fc.constantFrom(0, 1, 2, 10, 0x30), fc.nat({ max: 255 })),
        { maxLength: 30 },
      ).map((bytes) => Uint8Array.from(bytes)),
      (json, bytes) => {
        const codec = codecOf(json);
        if (codec === undefined) return;
        made++;
        assert(matches(formatSchema, json), "the schema has it");
        const expression = formatOf(codec)!;
        const parsed = parseFormat(expression);
        assertEquals(formatOf(parsed), expression);
        const normal = formatToJson(codec)!;
        assertEquals(formatToJson(parsed), normal);
        assert(matches(formatSchema, normal), "the schema has the normal form");
        const read = formatFromJson(JSON.parse(JSON.stringify(normal)));
        assertEquals(formatOf(read), expression);
        const expected = behaviour(codec, bytes);
        assertEquals(behaviour(parsed, bytes), expected);
        assertEquals(behaviour(read, bytes), expected);
      },
    ),
    { numRuns: 600 },
  );
  assert(made > 300, `${made} of the formats can be made`);
});
