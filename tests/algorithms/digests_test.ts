import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { md5, sha256 } from "../../src/algorithms/mod.ts";
import { utf8 } from "../support/bytes.ts";

test("sha256 computes what FIPS 180-4 says for abc", () => {
  assertEquals(
    sha256.compute(utf8("abc")),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test("md5 computes what RFC 1321 says for abc", () => {
  assertEquals(md5.compute(utf8("abc")), "900150983cd24fb0d6963f7d28e17f72");
});
