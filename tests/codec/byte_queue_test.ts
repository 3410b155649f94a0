import { test } from "node:test";
import { Buffer } from "node:buffer";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteQueue } from "../../src/codec/mod.ts";
import { countWork } from "../support/count_work.ts";
import { hex } from "../support/bytes.ts";

test("ByteQueue joins chunks in the order they came", () => {
  const queue = new ByteQueue();
  queue.push(hex("01 02"));
  queue.push(hex("03"));
  queue.push(hex("04 05 06"));
  assertStrictEquals(queue.length, 6);
  assertEquals(queue.take(4), hex("01 02 03 04"));
  assertEquals(queue.take(2), hex("05 06"));
  assertStrictEquals(queue.length, 0);
});

test("ByteQueue hands out a chunk that arrives alone without copying it", () => {
  const queue = new ByteQueue();
  const chunk = hex("aa 01 02 03 bb").subarray(1, 4);
  queue.push(chunk);
  const taken = queue.take(2);
  assertStrictEquals(taken.buffer, chunk.buffer);
  assertStrictEquals(taken.byteOffset, 1);
  assertEquals(taken, hex("01 02"));
});

test("ByteQueue hands out Uint8Arrays also of chunks that are Buffers", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from([1, 2, 3]));
  assertStrictEquals(queue.peek(1).constructor, Uint8Array);
  assertStrictEquals(queue.take(3).constructor, Uint8Array);
});

test("ByteQueue.take() refuses more bytes than have arrived", () => {
  const queue = new ByteQueue();
  queue.push(hex("01 02 03 04").subarray(0, 3));
  assertThrows(() => queue.take(4), RangeError, "only 3 have arrived");
  assertThrows(() => queue.take(2, 1, 1), RangeError);
  assertThrows(() => queue.skip(4), RangeError);
  assertEquals(queue.take(1, 1, 1), hex("02"));
  assertThrows(() => queue.take(1), RangeError);
});

test("ByteQueue peeks without taking", () => {
  const queue = new ByteQueue();
  queue.push(hex("01 02 03"));
  assertEquals(queue.peek(2), hex("01 02"));
  assertStrictEquals(queue.length, 3);
  assertStrictEquals(queue.offset, 0);
});

test("ByteQueue counts its position from the start of the stream", () => {
  const queue = new ByteQueue();
  queue.push(hex("01 02 03"));
  queue.take(2);
  assertStrictEquals(queue.offset, 2);
  queue.push(hex("04 05"));
  queue.skip(3);
  assertStrictEquals(queue.offset, 5);
  queue.push(hex("06"));
  assertStrictEquals(queue.offset, 5);
  assertStrictEquals(queue.at(0), 6);
});

test("ByteQueue finds a byte from an index on, and only among unread ones", () => {
  const queue = new ByteQueue();
  queue.push(hex("0a 01 0a 02"));
  queue.skip(1);
  queue.push(hex("0a"));
  assertStrictEquals(queue.indexOf(10), 1);
  assertStrictEquals(queue.indexOf(10, 1), 1);
  assertStrictEquals(queue.indexOf(10, 2), 3);
  assertStrictEquals(queue.indexOf(10, 4), -1);
  assertStrictEquals(queue.indexOf(1), 0);
  assertStrictEquals(queue.indexOf(7), -1);
});

test("ByteQueue reads whole numbers in both byte orders", () => {
  const queue = new ByteQueue();
  queue.push(hex("ff 01 02"));
  queue.skip(1);
  queue.push(hex("03 04 05 06 07 08 09"));
  assertStrictEquals(queue.uintAt(0, 3), 0x01_02_03);
  assertStrictEquals(queue.uintAt(0, 3, true), 0x03_02_01);
  assertStrictEquals(queue.uintAt(2, 1), 3);
  assertStrictEquals(queue.uintAt(2, 4, true), 0x06_05_04_03);
  assertStrictEquals(queue.uintAt(1, 7), 0x02_03_04_05_06_07_08);
  assertStrictEquals(queue.uintAt(1, 8), Number(0x0203040506070809n));
  assertStrictEquals(queue.length, 9);
});

test("ByteQueue never finds what lies in the buffer around a chunk", () => {
  const queue = new ByteQueue();
  queue.push(hex("0a 0a 01 02 0a 0a").subarray(2, 4));
  assertStrictEquals(queue.indexOf(10), -1);
  queue.push(hex("0a 03 0a").subarray(1, 2));
  assertStrictEquals(queue.indexOf(10), -1);
  assertEquals(queue.take(3), hex("01 02 03"));
});

test("ByteQueue never writes over bytes it has handed out, nor into a chunk", () => {
  const queue = new ByteQueue();
  const backing = hex("01 02 03 ff ff ff");
  queue.push(backing.subarray(0, 3));
  const first = queue.take(2);
  for (let byte = 4; byte < 40; byte++) queue.push(Uint8Array.of(byte));
  const second = queue.take(20);
  for (let byte = 40; byte < 120; byte++) queue.push(Uint8Array.of(byte));
  const third = queue.take(queue.length);
  for (let byte = 120; byte < 200; byte++) queue.push(Uint8Array.of(byte));
  assertEquals(backing, hex("01 02 03 ff ff ff"));
  assertEquals(
    [...first, ...second, ...third],
    Array.from({ length: 119 }, (_, i) => i + 1),
  );
});

test("ByteQueue lets go of a chunk with its last byte", () => {
  const queue = new ByteQueue();
  for (const chunks of [["01 02"], ["01", "02"]]) {
    for (const chunk of chunks) queue.push(hex(chunk));
    queue.take(1);
    queue.skip(1);
    assertStrictEquals(queue.peek(0).buffer.byteLength, 0);
  }
});

test("ByteQueue hides what is behind a frame, where decoders take turns", () => {
  const queue = new ByteQueue();
  queue.push(hex("01 02 03"));
  queue.showFrame();
  assertEquals(queue.take(1), hex("01"));
  assertStrictEquals(queue.length, 2);
  queue.endFrame();
  for (let i = 0; i < 2; i++) {
    assertEquals([queue.length, queue.heldLength, queue.pendingLength], [
      0,
      2,
      2,
    ]);
    assertStrictEquals(queue.indexOf(2), -1);
    assertStrictEquals(queue.join(), false);
    assertThrows(() => queue.take(1), RangeError);
    assertEquals(queue.take(0), hex(""));
    queue.endFrame();
  }
  queue.showFrame();
  queue.push(hex("04"));
  assertEquals(queue.take(3), hex("02 03 04"));
  assertEquals([queue.offset, queue.heldLength], [4, 0]);
});

test("ByteQueue hides also what waits behind a frame", () => {
  const queue = new ByteQueue();
  queue.showFrame();
  queue.push(hex("01"));
  queue.want(3);
  queue.push(hex("02 03 04 05"));
  assertStrictEquals(queue.length, 3);
  // Less than was wanted.
  assertEquals(queue.take(2), hex("01 02"));
  queue.endFrame();
  assertStrictEquals(queue.join(), false);
  assertEquals([queue.length, queue.heldLength], [0, 3]);
  queue.showFrame();
  assertEquals(queue.takeUnread(2), hex("03 04"));
  assertEquals([queue.length, queue.pendingLength], [0, 1]);
  queue.showFrame();
  assertEquals(queue.takeUnread(9), hex("05"));
});

test("ByteQueue behaves like an array of bytes under any use", () => {
  const step = fc.oneof(
    fc.record({
      push: fc.uint8Array({ maxLength: 40 }),
      around: fc.nat(5),
    }),
    fc.record({ take: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ skip: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new ByteQueue();
    let model: number[] = [];
    let offset = 0;
    const taken: { view: Uint8Array; bytes: number[] }[] = [];
    for (const step of steps) {
      if ("push" in step) {
        const { push, around } = step;
        const garbage = new Uint8Array(around).fill(255);
        queue.push(
          concat([garbage, push, garbage]).subarray(
            around,
            around + push.length,
          ),
        );
        model.push(...push);
      } else {
        const share = "take" in step ? step.take : step.skip;
        const count = Math.floor(share * model.length);
        if ("take" in step) {
          taken.push({ view: queue.take(count), bytes: model.slice(0, count) });
        } else queue.skip(count);
        model = model.slice(count);
        offset += count;
      }
      assertStrictEquals(queue.length, model.length);
      assertStrictEquals(queue.offset, offset);
      assertEquals([...queue.peek(model.length)], model);
      model.forEach((byte, i) => assertStrictEquals(queue.at(i), byte));
      const from = model.length >> 1;
      assertStrictEquals(queue.indexOf(10, from), model.indexOf(10, from));
    }
    for (const { view, bytes } of taken) assertEquals([...view], bytes);
  }));
});

test("ByteQueue joins single bytes in time and memory linear in their number", () => {
  const count = 1 << 18;
  const queue = new ByteQueue();
  const byte = hex("07");
  const work = countWork(() => {
    for (let i = 0; i < count; i++) queue.push(byte);
  });
  assertStrictEquals(queue.length, count);
  assertLessOrEqual(work.copied, 3 * count);
  assertLessOrEqual(work.allocated, 4 * count);
  assertLessOrEqual(work.largestAllocation, 2 * count);
});

test("ByteQueue keeps copying linear while it is read and filled in turn", () => {
  const count = 100_000;
  const queue = new ByteQueue();
  queue.push(new Uint8Array(10_000));
  const byte = hex("07");
  const work = countWork(() => {
    for (let i = 0; i < count; i++) {
      queue.push(byte);
      queue.take(1);
    }
  });
  assertStrictEquals(queue.length, 10_000);
  assertLessOrEqual(work.copied, 4 * count);
  assertLessOrEqual(work.largestAllocation, 3 * 10_000);
});
