import { assert } from "@std/assert";
import { test } from "node:test";
import { corpusFormats } from "./corpus.ts";

test("corpusFormats() finds all kinds of framings, contents and questions", () => {
  const formats = corpusFormats();
  const kinds = new Set(formats.flatMap(({ plan, questions }) => [
    plan.framing.kind,
    plan.content.kind,
    ...questions.map(({ line }) => line.split(" ")[0]),
  ]));
  for (
    const kind of [
      "length",
      "fixed",
      "varint",
      "netstring",
      "content-length",
      "delimited",
      "marked",
      "cobs",
      "stuffed",
      "bytes",
      "text",
      "json",
      "decode",
      "feed",
      "take",
      "encode",
    ]
  ) assert(kinds.has(kind), kind);
  assert(formats.length >= 300);
});
