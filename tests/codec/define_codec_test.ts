import { test } from "node:test";
import { assertStrictEquals, assertThrows } from "@std/assert";
import { defineCodec, FrameError } from "../../src/codec/mod.ts";
import { hex } from "../support/bytes.ts";
import { frameError } from "../support/run_decoder.ts";

test("defineCodec() adds the offset when the reader throws a FrameError without one", () => {
  const codec = defineCodec<Uint8Array>({
    name: "refusing",
    reader: () => ({
      read(input) {
        if (input.length === 0) return undefined;
        if (input.at(0) === 1) return input.take(1);
        throw new FrameError("HEADER_INVALID", {
          reason: "The byte is wrong",
          expected: "1",
          got: `${input.at(0)}`,
        });
      },
      finish: () => undefined,
    }),
    encoder: { encode: (frame, output) => output.write(frame) },
  });
  assertStrictEquals(frameError(() => codec.decode(hex("01 01 02"))).offset, 2);
});

test("defineCodec() refuses a frame when the reader took no bytes for it", () => {
  const definitions = [
    {
      read: () => "frame",
      finish: () => undefined,
    },
    {
      read: () => undefined,
      finish: () => "frame",
    },
  ];
  for (const reader of definitions) {
    const codec = defineCodec<string>({
      name: "endless",
      reader: () => reader,
      encoder: { encode: () => undefined },
    });
    assertThrows(() => codec.decode(hex("01")), TypeError, "took no bytes");
    assertThrows(() => codec.decode(hex("")), TypeError, "took no bytes");
  }
});
