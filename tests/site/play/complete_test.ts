// What the page offers behind the caret.

import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import { engine } from "../../../site/play/engine/engine.ts";
import { complete } from "../../../site/play/logic/complete.ts";

const vocabulary = engine.vocabulary();

/** What is offered where `^` stands. */
function at(text: string): readonly string[] {
  const caret = text.indexOf("^");
  return complete(text.replace("^", ""), caret, vocabulary).words;
}

test("complete() offers formats at the beginning, views and a limit behind", () => {
  assert(at("^").includes("length"));
  assert(at("^").includes("preset:kafka"));
  assert(!at("^").includes("json"));
  assert(at("length | ^").includes("json"));
  assert(at("length | ^").includes("max "));
  assert(!at("length | ^").includes("lines"));
});

test("complete() puts what begins so first, presets by their own names", () => {
  assertEquals(at("len^")[0], "length");
  assertEquals(at("kaf^"), ["preset:kafka"]);
  assertEquals(at("preset:resp^"), []);
  assertEquals(complete("lines | js", 10, vocabulary).from, 8);
});

test("complete() offers the options of a stage, and their words", () => {
  const options = at("length(^");
  for (const name of ["little", "includes=", "endian=", "copy"]) {
    assert(options.includes(name), name);
  }
  assertEquals(at("length(2, lit^"), ["little"]);
  assertEquals(at("length(includes=^"), ["body", "frame"]);
  assert(at("cobs | checksum(crc16^").includes("crc16Modbus"));
});

test("complete() offers nothing within strings, lists and objects", () => {
  for (
    const text of [
      'delimited("^',
      'delimited("a\\"^',
      'delimited(["\\n", ^',
      "stuffed(1, 2, {^",
      "length 4^",
      "nothing(^",
    ]
  ) assertEquals(at(text), [], text);
});
