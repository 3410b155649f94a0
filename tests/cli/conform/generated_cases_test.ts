import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { cutsOf } from "../../../src/cli/conform/cuts.ts";
import { generatedCases } from "../../../src/cli/conform/generated_cases.ts";
import { TestedFormat } from "../../../src/cli/conform/tested_format.ts";
import { concat } from "../../../src/net/bytes.ts";
import { parseFormat } from "../../../src/format/mod.ts";

const casesOf = (expression: string, known: readonly unknown[] = []) =>
  generatedCases(new TestedFormat(parseFormat(expression)), 1, known);

test("generatedCases() has frames at the limit and one byte over it", () => {
  for (
    const expression of [
      "length | max 300",
      "lines | max 300",
      'delimited("\\n") | max 300',
      "netstring | max 300",
      "cobs | max 300",
      "varint | max 300 | json",
      "content-length | max 300",
      "length | max 304 | checksum(crc32)",
    ]
  ) {
    const cases = casesOf(expression);
    const over = cases.find(({ name }) => name.endsWith("over the limit"));
    const names = cases.map(({ name }) => name);
    assert(names.includes("a frame of 300 bytes, the limit"), expression);
    assert(names.includes("a frame of 299 bytes, one below the limit"));
    assertEquals(over?.decoder?.frames.length, 1, expression);
    assertEquals(over?.decoder?.error?.code, "FRAME_TOO_LARGE", expression);
    const end = cases.at(-1)!;
    assertEquals(end.name, "the stream ends one byte too early");
    assertEquals(names, [...new Set(names)], expression);
  }
});

test("generatedCases() passes an oversized frame over where the format says so", () => {
  const over = casesOf("length(1, onOversize=skip) | max 3")
    .find(({ name }) => name.endsWith("over the limit"));
  assertEquals(over?.decoder?.frames.length, 2);
  assertEquals(over?.decoder?.skipped, [{
    code: "FRAME_TOO_LARGE",
    offset: 2,
  }]);
});

test("generatedCases() has cases of any format that can be encoded", () => {
  assert(casesOf("fixed(188)").length > 4);
  // Its frames have their delimiters: they cannot be made up.
  assertEquals(casesOf('delimited("\\n", keepDelimiter)'), []);
  const known = [new TextEncoder().encode("a\n")];
  assert(casesOf('delimited("\\n", keepDelimiter)', known).length > 2);
  const command = { command: 1, wantsReply: false, body: known[0] };
  assert(casesOf("command", [command, "no frame"]).length > 2);
  // Legacy encodings are for decoding only.
  assertEquals(casesOf("length(1) | text(gbk)", ["a"]), []);
});

test("generatedCases() depends on the seed and on nothing else", () => {
  const inputs = (seed: number) =>
    generatedCases(new TestedFormat(parseFormat("length(1)")), seed, [])
      .map(({ decoder }) => decoder?.input);
  assertEquals(inputs(7), inputs(7));
  assert(JSON.stringify(inputs(7)) !== JSON.stringify(inputs(8)));
});

test("cutsOf() has the cuts of the report, each of which is the stream", () => {
  const input = Uint8Array.of(1, 65, 1, 66, 1, 67);
  const cuts = cutsOf({ input, ends: [2, 4, 6] }, 3);
  assertEquals(
    cuts.map(({ chunks }) => chunks.map(({ length }) => length)).slice(0, 4),
    [[6], [2, 2, 2], [1, 2, 2, 1], [1, 1, 1, 1, 1, 1]],
  );
  assert(cuts.length >= 4);
  for (const { chunks } of cuts) assertEquals(concat(chunks), input);
  // What is the same is sent once.
  assertEquals(cutsOf({ input: input.subarray(0, 1), ends: [] }, 3).length, 1);
  const long = new Uint8Array(100_000);
  const ends = Array.from(long.keys());
  const pieces = cutsOf({ input: long, ends }, 3);
  for (const { chunks } of pieces) assert(chunks.length <= 80);
});
