import { assert, assertEquals, assertThrows } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bytesOf } from "../../../src/cli/conform/byte_notation.ts";
import { casesOf } from "../../../src/cli/conform/cases_of.ts";
import { readCorpus } from "../../../src/cli/conform/corpus.ts";
import { VectorsByExpression } from "../../../src/cli/conform/expressions.ts";
import { TestedFormat } from "../../../src/cli/conform/tested_format.ts";
import { vectorCase } from "../../../src/cli/conform/vector_cases.ts";
import { parseVectors } from "../../../src/cli/conform/vectors.ts";
import { UsageError } from "../../../src/cli/errors.ts";
import { parseFormat } from "../../../src/format/mod.ts";
import { matches } from "../../support/format_json.ts";
import { projectFile } from "../../support/programs.ts";
import { vectorFiles, vectorIndex } from "../../support/vectors.ts";

const folder = projectFile("tests/vectors/");
const corpus = await readCorpus();
const formatOfText = (text: string) => new TestedFormat(parseFormat(text));

test("the index lists the files and what is in them", () => {
  const index = JSON.parse(readFileSync(`${folder}index.json`, "utf8"));
  assert(/^\d+\.\d+\.\d+$/.test(index.version), index.version);
  // `deno run -A scripts/vectors.ts` brings it up to date.
  assertEquals(index, vectorIndex(index.version));
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"))
    .filter((file) => !["index.json", "vectors.schema.json"].includes(file));
  assertEquals(corpus.files.map(({ file }) => file), files.sort());
});

test("the JSON Schema has every file, and not everything", () => {
  const text = readFileSync(`${folder}vectors.schema.json`, "utf8");
  const { $defs } = JSON.parse(text);
  // No definition refers to itself.
  const schema = JSON.parse(
    text,
    (_, value) =>
      typeof value?.$ref === "string"
        ? inlined(value.$ref.replace("#/$defs/", ""))
        : value,
  );
  function inlined(name: string): unknown {
    return JSON.parse(
      JSON.stringify($defs[name]),
      (_, value) =>
        typeof value?.$ref === "string"
          ? inlined(value.$ref.replace("#/$defs/", ""))
          : value,
    );
  }
  for (const { file } of vectorFiles()) {
    const content = JSON.parse(readFileSync(folder + file, "utf8"));
    assert(matches(schema, content), file);
  }
  const vector = { name: "x", cases: [1], input: "00", frames: [] };
  const of = (wrong: object) =>
    matches(schema, {
      format: "lines",
      about: "",
      vectors: [{ ...vector, ...wrong }],
    });
  assert(of({}));
  for (
    const wrong of [
      { input: "0" },
      { input: 1 },
      { cases: [25] },
      { cases: [1, 1] },
      { refused: "FRAME_TOO_LARGE" },
      { stopAfter: 1 },
      { error: { code: "x", offset: 0 } },
      { more: 1 },
    ]
  ) assert(!of(wrong), JSON.stringify(wrong));
});

test("every case with an expression is a case for a peer", () => {
  const vectors = new VectorsByExpression(corpus.files);
  const skipped = new Set<string>();
  let count = 0;
  for (const { file, vectors: all } of corpus.files) {
    for (const vector of all) {
      if (vector.expression === undefined) continue;
      const one = vectorCase(vector, file, formatOfText(vector.expression));
      if (one.skipped !== undefined) skipped.add(one.skipped);
      else assert(one.decoder !== undefined || one.encoder !== undefined);
      count++;
    }
  }
  assert(count > 1_400, String(count));
  assertEquals([...skipped].sort(), [
    "it stops before the end of its stream",
    "its frames are values that cannot be written as bytes",
  ]);
  assertEquals(vectors.of("netstring").length, 53);
});

test("vectorCase() refuses a case that says something else than its bytes", () => {
  const format = formatOfText("length(1)");
  const vector = { name: "x", input: "01 'a'", frames: ["'b'"] };
  assertThrows(
    () => vectorCase(vector, "own.json", format),
    UsageError,
    "Cannot use own.json, “x”: expected the frames that the expression gives",
  );
  const right = { ...vector, frames: ["'a'"], error: { code: "X", offset: 0 } };
  assertThrows(() => vectorCase(right, "own.json", format), UsageError);
  assertThrows(
    () => vectorCase({ ...vector, input: "0" }, "own.json", format),
    UsageError,
    "Not bytes",
  );
});

test("VectorsByExpression finds presets by what they are made of, and the reverse", () => {
  const vectors = new VectorsByExpression(corpus.files);
  const namesOf = (text: string) =>
    new Set(
      vectors.akin(parseFormat(text).description).map(({ file }) => file),
    );
  assert(namesOf("length(2)").has("erlang.json"));
  assert(namesOf("preset:erlang(2)").has("length_prefixed.json"));
  // Its frames have a flag beside the bytes.
  assert(!namesOf("length(offset=1, stripBytes=5)").has("grpc.json"));
});

test("a format with a limit of its own has the cases that the limit leaves as they are", async () => {
  const of = async (text: string) =>
    (await casesOf(
      formatOfText(text),
      { files: undefined, seed: 1 },
      () => undefined,
    )).filter(({ source }) => source !== "generated").length;
  const [most, some] = [await of("netstring | max 77"), await of("netstring")];
  assert(most > 30 && most <= some, `${most} of ${some}`);
});

test("near() names expressions of the same stage, the nearest first", () => {
  const near = new VectorsByExpression(corpus.files).near("netstring | max 5");
  assert(near.every((one) => one.startsWith("netstring")), near.join());
  assert(near.indexOf("netstring | max 3") < near.indexOf("netstring"));
});

test("parseVectors() refuses what is no file of cases", () => {
  for (
    const [text, expected] of [
      ["{", "Cannot read x.json: expected JSON"],
      ["[]", "expected an object with a list of vectors"],
      ['{"vectors":[{"name":"a"}]}', "at index 0"],
      ['{"vectors":[{"name":"a","frames":[],"input":1}]}', "at index 0"],
    ] as const
  ) assertThrows(() => parseVectors(text, "x.json"), UsageError, expected);
  assertEquals(bytesOf("'a'*2"), new Uint8Array([97, 97]));
});
