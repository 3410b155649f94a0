// What the build packs, the page unpacks.

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { test } from "node:test";
import { pack } from "../../../scripts/site/play/pack.ts";
import { unpack } from "../../../site/play/unpack/unpack.ts";

test("unpack() gives the bytes that pack() got", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assertEquals(unpack(pack(bytes), bytes.length), Uint8Array.from(bytes));
    }),
    { numRuns: 8 },
  );
});

test("pack() makes code a third as long", () => {
  const code = new TextEncoder().encode(`${pack}${unpack}`.repeat(3));
  const packed = pack(code);
  assert(packed.length < code.length / 3, `${packed.length}`);
  assertEquals(unpack(packed, code.length), code);
});
