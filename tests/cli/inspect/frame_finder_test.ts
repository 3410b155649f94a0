import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { test } from "node:test";
import {
  type Found,
  FrameFinder,
} from "../../../src/cli/inspect/frame_finder.ts";
import type { Codec } from "../../../src/codec/types.ts";
import { fieldsOf } from "../../../src/format/fields_of.ts";
import { parseFormat } from "../../../src/format/parse_format.ts";

/** Formats that pass over bytes, or wait for several parts, among others. */
const expressions = [
  "length(1)",
  "length(1, onOversize=skip) | max 3",
  'delimited(";", skipEmpty, truncated=drop)',
  "lines",
  "netstring",
  "slip(onInvalid=skip)",
  "cobs",
  'marked("<", ">", between=skip, onInvalid=skip)',
  "length(1) | json(onInvalid=skip)",
  "preset:syslogAny",
  "preset:oncRpc",
  "preset:resp",
];

/** Bytes that mean something in many of the formats. */
const byte = fc.oneof(
  fc.constantFrom(..."\0\x01\x02\x03\n;<>:,1*$+\x80\xc0\xdb\xdc[]")
    .map((character) => character.charCodeAt(0)),
  fc.nat(255),
);
const chunks = fc.array(fc.array(byte, { minLength: 1, maxLength: 8 }));

function piecesOf(codec: Codec<unknown>, parts: readonly number[][]): Found[] {
  const finder = new FrameFinder(codec);
  const pieces: Found[] = [];
  const take = () => {
    for (let one = finder.next(); one !== undefined; one = finder.next()) {
      pieces.push(one);
      if (one.kind === "bad") return false;
    }
    return true;
  };
  for (const part of parts) {
    finder.push(Uint8Array.from(part));
    if (!take()) return pieces;
  }
  finder.end();
  take();
  return pieces;
}

for (const expression of expressions) {
  test(`FrameFinder gives all bytes of ${expression}, as fieldsOf() splits them`, () => {
    const codec = parseFormat(expression);
    fc.assert(fc.property(chunks, (parts) => {
      const all = Uint8Array.from(parts.flat());
      const pieces = piecesOf(codec, parts);
      let at = 0;
      for (const { offset, bytes } of pieces) {
        assertEquals(offset, at);
        at += bytes.length;
        assertEquals(bytes, all.slice(offset, at));
      }
      const isBad = pieces.at(-1)?.kind === "bad";
      if (!isBad) assertEquals(at, all.length);
      assertEquals(
        pieces.map(({ kind, offset }) => `${kind} at ${offset}`),
        fieldsOf(codec, all).map(({ offset, fields, error }, i) =>
          `${kindOf(fields, error, pieces[i])} at ${offset}`
        ),
      );
    }));
  });
}

/** What `fieldsOf` has found; a delimiter alone may be either. */
function kindOf(
  fields: readonly { readonly name: string }[],
  error: unknown,
  piece: Found | undefined,
): string {
  if (error !== undefined) return "bad";
  const names = fields.map(({ name }) => name).join();
  if (names === "skipped") return "passed";
  return names === "delimiter" ? piece?.kind ?? "passed" : "frame";
}

test("FrameFinder counts offsets from that of the first byte", () => {
  const finder = new FrameFinder(parseFormat("length(1)"), 100);
  finder.push(Uint8Array.of(1, 7, 0));
  assertEquals(finder.next()?.offset, 100);
  assertEquals(finder.next()?.offset, 102);
  assertEquals(finder.next(), undefined);
});

test("FrameFinder keeps no more than some of an oversized frame", () => {
  const finder = new FrameFinder(parseFormat("length(onOversize=skip)"));
  finder.push(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  let most = 0;
  let passed = 0;
  for (let i = 0; i < 100; i++) {
    finder.push(new Uint8Array(16_384));
    for (let one = finder.next(); one !== undefined; one = finder.next()) {
      assertEquals(one.kind, "passed");
      passed += one.bytes.length;
    }
    most = Math.max(most, finder.heldLength);
  }
  assertEquals(most <= 65_536, true);
  assertEquals(passed + finder.heldLength, 4 + 100 * 16_384);
});
