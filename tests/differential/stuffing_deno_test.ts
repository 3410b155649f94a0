// The npm packages cobs and slip. Pure functions: once is enough.

import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { createRequire } from "node:module";
import { test } from "node:test";
import { cobs, slip } from "../../src/codec/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { randomCut, singleBytes } from "../support/cuts.ts";
import { assertDecodes, frameError } from "../support/run_decoder.ts";

const require = createRequire(import.meta.url);
const theirCobs: {
  encode(bytes: Uint8Array, zeroFrame?: boolean): Uint8Array;
  decode(bytes: Uint8Array): Uint8Array;
} = require("cobs");
const theirSlip: {
  encode(bytes: Uint8Array): Uint8Array;
  Decoder: new (options: { onMessage: (message: Uint8Array) => void }) => {
    decode(bytes: Uint8Array): void;
  };
} = require("slip");

const ones = (length: number) => new Uint8Array(length).fill(1);
const frames = [
  utf8("HI"),
  hex("00"),
  hex("11 22 00 33"),
  hex("c0 db dc dd 00 c0"),
  hex("00 00"),
  ones(253),
  ones(255),
  Uint8Array.of(...ones(254), 0),
  Uint8Array.of(...ones(254), 0, 1),
];

test("cobs() and cobs write the same, and read each other", () => {
  for (const frame of frames) {
    // It can frame with zeros at both ends; ours is the end only.
    const theirs = Uint8Array.from(theirCobs.encode(frame, true));
    assertEquals(cobs().encode(frame), theirs.subarray(1));
    assertEquals(Uint8Array.from(theirCobs.decode(theirs.slice(1, -1))), frame);
    assertDecodes(() => cobs(), theirs, { frames: [frame] });
  }
});

test("cobs writes one byte more behind a last full block than cobs(), and each takes both", () => {
  const theirs = Uint8Array.from(theirCobs.encode(ones(254)));
  const ours = cobs().encode(ones(254)).subarray(0, -1);
  assertEquals(ours, Uint8Array.of(255, ...ones(254)));
  assertEquals(theirs, Uint8Array.of(...ours, 1));
  assertEquals(Uint8Array.from(theirCobs.decode(ours)), ones(254));
  assertEquals(cobs().decode(Uint8Array.of(...theirs, 0)), [ones(254)]);
});

test("cobs makes up what a block lacks, cobs() refuses it", () => {
  const cut = hex("05 01 02 03");
  assertEquals(Uint8Array.from(theirCobs.decode(cut)), hex("01 02 03 00"));
  assertEquals(
    frameError(() => cobs().decode(Uint8Array.of(...cut, 0))).code,
    "MARK_INVALID",
  );
});

test("slip() and slip read each other", () => {
  for (const frame of frames) {
    // It writes an END before the frame too.
    const theirs = theirSlip.encode(frame);
    assertEquals(slip({ endFirst: true }).encode(frame), theirs);
    assertDecodes(() => slip(), theirs, { frames: [frame] });
  }
  const bytes = concat(frames.map((frame) => slip().encode(frame)));
  for (const chunks of [[bytes], singleBytes(bytes), randomCut(bytes, 1)]) {
    assertEquals(readBySlip(chunks), frames);
  }
});

test("slip takes any byte behind an escape, slip() when asked to, and no END", () => {
  const keeping = slip({ unknownEscapes: "keep" });
  const unknown = hex("01 db 03 c0");
  assertEquals(readBySlip([unknown]), [hex("01 03")]);
  assertEquals(keeping.decode(unknown), [hex("01 03")]);
  assertEquals(frameError(() => slip().decode(unknown)).code, "MARK_INVALID");
  const end = hex("01 db c0 02 c0");
  assertEquals(readBySlip([end]), [hex("01 c0 02")]);
  assertEquals(frameError(() => keeping.decode(end)).code, "MARK_INVALID");
});

test("slip and slip() pass empty packets over; what has no end only slip() reports", () => {
  assertEquals(readBySlip([hex("c0 c0 01")]), []);
  assertEquals(slip().decode(hex("c0 c0")), []);
  assertEquals(
    frameError(() => slip().decode(hex("c0 c0 01"))).code,
    "FRAME_TRUNCATED",
  );
});

function readBySlip(chunks: readonly Uint8Array[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const decoder = new theirSlip.Decoder({
    onMessage: (message) => messages.push(message),
  });
  for (const chunk of chunks) decoder.decode(chunk);
  return messages;
}
