import { test } from "node:test";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteWriter } from "../../src/codec/mod.ts";
import { awsEventStream } from "../../src/presets/mod.ts";
import { hex, utf8 } from "../support/bytes.ts";
import { decodeByteByByte } from "../support/count_work.ts";
import { cutAt } from "../support/cuts.ts";
import {
  assertDecodes,
  frameError,
  runDecoder,
} from "../support/run_decoder.ts";

/** A message of AWS's own tests: a header that is an integer, and a payload. */
const message = {
  headers: concat([hex("0a"), utf8("event-type"), hex("04 0000a00c")]),
  payload: utf8("{'foo':'bar'}"),
};
const bytes = concat([
  hex("0000002d 00000010 41c424b8"),
  message.headers,
  message.payload,
  hex("36f480a0"),
]);

test("awsEventStream() reads and writes a message of AWS's own tests", () => {
  assertDecodes(() => awsEventStream(), concat([bytes, bytes]), {
    frames: [message, message],
  });
  assertEquals(awsEventStream().encode(message), bytes);
});

test("awsEventStream() finds every flipped bit, and ends the stream", () => {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    const decoder = awsEventStream().decoder();
    decoder.push(concat([bytes, flipped, bytes]));
    assertEquals(decoder.next(), message);
    const error = frameError(() => decoder.next());
    assertStrictEquals(error.code, "CHECKSUM_MISMATCH");
    assertStrictEquals(error.offset, bytes.length);
  }
});

test("awsEventStream() says which checksum is wrong", () => {
  const [lengths, whole] = [bytes.slice(), bytes.slice()];
  lengths[11]!--;
  whole[44]!--;
  const { message: first } = frameError(() => awsEventStream().decode(lengths));
  assertStrictEquals(
    first,
    "The checksum of the lengths is wrong: expected 41c424b8, got 41c424b7, in the frame at byte offset 0",
  );
  const { message: second } = frameError(() => awsEventStream().decode(whole));
  assertStrictEquals(
    second,
    "The checksum of the message is wrong: expected 36f480a0, got 36f4809f, in the frame at byte offset 0",
  );
});

test("awsEventStream() holds messages to the limit in both directions", () => {
  const least = { maxFrameLength: bytes.length };
  assertEquals(awsEventStream(least).decode(bytes), [message]);
  assertEquals(awsEventStream(least).encode(message), bytes);
  const less = { maxFrameLength: bytes.length - 1 };
  const output = new ByteWriter();
  for (
    const refused of [
      () => awsEventStream(less).decode(bytes),
      () => awsEventStream(less).encoder().encode(message, output),
    ]
  ) {
    assertStrictEquals(
      frameError(refused).expected,
      "at most 44 bytes (maxFrameLength)",
    );
  }
  assertStrictEquals(output.length, 0);
  for (const maxFrameLength of [-1, 0.5, NaN]) {
    assertThrows(() => awsEventStream({ maxFrameLength }), RangeError);
  }
});

test("awsEventStream() takes time linear in a message that comes byte by byte", () => {
  const payload = new Uint8Array(1 << 16);
  const long = awsEventStream().encode({ ...message, payload });
  const { frame, work } = decodeByteByByte(awsEventStream(), long);
  assertEquals(frame?.payload.length, payload.length);
  assertLessOrEqual(work.copied, 8 * long.length);
});

test("awsEventStream() gives back what was encoded, however it is cut", () => {
  const headers = fc.uint8Array({ maxLength: 12 });
  const payload = fc.uint8Array({ maxLength: 20 });
  fc.assert(fc.property(
    fc.array(fc.record({ headers, payload }, { noNullPrototype: true }), {
      maxLength: 4,
    }),
    fc.array(fc.nat(200)),
    (frames, indices) => {
      const codec = awsEventStream();
      const stream = concat(frames.map((frame) => codec.encode(frame)));
      assertEquals(runDecoder(() => codec, cutAt(stream, indices)), {
        frames,
        skipped: [],
        error: undefined,
      });
    },
  ));
});
