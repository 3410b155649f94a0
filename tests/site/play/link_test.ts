// Links to a state of the page.

import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { test } from "node:test";
import {
  type Linked,
  parseLink,
  printLink,
} from "../../../site/play/logic/link.ts";

const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 10_000_000 }), {
  maxLength: 50,
}).map((all) => all.sort((a, b) => a - b));

const links: fc.Arbitrary<Linked> = fc.record({
  expression: fc.string({ unit: "binary", maxLength: 60 }),
  cuts,
  example: fc.integer({ min: 0, max: 9 }),
  tab: fc.constantFrom("decode" as const, "live" as const),
  address: fc.string({ unit: "binary", maxLength: 30 }),
  bytes: fc.uint8Array({ maxLength: 200 }),
}, {
  noNullPrototype: true,
  requiredKeys: ["expression", "cuts", "example", "tab", "address"],
});

test("parseLink() reads 1,000 links of printLink()", () => {
  fc.assert(
    fc.property(links, (link) => {
      assertEquals(parseLink(`#${printLink(link)}`), link);
    }),
    { numRuns: 1_000 },
  );
});

test("parseLink() reads links that a browser has written its own way", () => {
  const link: Linked = {
    expression: 'delimited("\\0") | json',
    cuts: [3, 40],
    example: 2,
    tab: "live",
    address: "ws://127.0.0.1:9000/a?b=c#d",
    bytes: Uint8Array.of(0, 255),
  };
  const { hash } = new URL(`#${printLink(link)}`, "http://example.org/");
  assertEquals(parseLink(hash), link);
});

test("parseLink() throws for no text, and gives cuts in their order", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."fceabt=&.%-_0Zz~") })
      .map((rest) => `f=${rest}`),
  );
  fc.assert(
    fc.property(text, (hash) => {
      const link = parseLink(hash);
      if (link === undefined) return;
      assertEquals(link.cuts, link.cuts.toSorted((a, b) => a - b));
      assertEquals(parseLink(printLink(link))?.expression.isWellFormed(), true);
    }),
    { numRuns: 1_000 },
  );
});

test("parseLink() tells a hash that is no link", () => {
  for (const hash of ["", "#", "#top", "#x=1"]) {
    assertEquals(parseLink(hash), undefined);
  }
});
