import { test } from "node:test";
import { release } from "../../src/codec/bytes/buffer_pool.ts";
import {
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import fc from "fast-check";
import { ByteWriter } from "../../src/codec/mod.ts";
import { countWork } from "../support/count_work.ts";
import { hex } from "../support/bytes.ts";

/** Gives back what a writer has written. */
function recycle(writer: ByteWriter): void {
  const { length } = writer;
  release(writer.takeBuffer(), length);
}

test("ByteWriter gathers bytes in the order they were written", () => {
  const writer = new ByteWriter();
  writer.write(hex("01 02"));
  writer.writeByte(3);
  writer.writeZeros(2);
  writer.writeUint(0x0405, 2);
  assertStrictEquals(writer.length, 7);
  assertEquals(writer.take(), hex("01 02 03 00 00 04 05"));
  assertStrictEquals(writer.length, 0);
});

test("ByteWriter copies what it is given", () => {
  const writer = new ByteWriter();
  const bytes = hex("01 02");
  writer.write(bytes);
  bytes.fill(9);
  assertEquals(writer.take(), hex("01 02"));
});

test("ByteWriter writes a part of itself behind itself", () => {
  const writer = new ByteWriter();
  writer.write(hex("01 02 03"));
  for (let i = 0; i < 8; i++) writer.write(writer.view());
  const expected = concat(new Array<Uint8Array>(256).fill(hex("01 02 03")));
  assertEquals(writer.take(), expected);
});

test("ByteWriter writes whole numbers of 1 to 8 bytes in both byte orders", () => {
  for (let byteCount = 1; byteCount <= 8; byteCount++) {
    const most = Math.min(256 ** byteCount - 1, Number.MAX_SAFE_INTEGER);
    for (
      const value of [0, 1, 0x7f, 0x80, most, Math.floor(most / 3), most - 1]
    ) {
      const littleEndian = Array.from(
        { length: byteCount },
        (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 255n),
      );
      const writer = new ByteWriter();
      writer.writeByte(0xee);
      writer.writeUint(value, byteCount, true);
      writer.writeUint(value, byteCount);
      assertEquals(
        [...writer.take()],
        [0xee, ...littleEndian, ...littleEndian.toReversed()],
      );
    }
  }
});

test("ByteWriter.setUint() changes the bytes it is told to and no other", () => {
  const writer = new ByteWriter();
  writer.write(hex("ff ff ff ff ff"));
  writer.setUint(1, 0x0102, 3);
  assertEquals(writer.view(), hex("ff 00 01 02 ff"));
  writer.setUint(1, 0x0102, 3, true);
  assertEquals(writer.view(), hex("ff 02 01 00 ff"));
});

test("ByteWriter.truncate() takes back what was written last", () => {
  const writer = new ByteWriter();
  writer.write(hex("01 02 03 04"));
  writer.truncate(1);
  assertStrictEquals(writer.length, 1);
  writer.writeZeros(2);
  assertEquals(writer.view(), hex("01 00 00"));
  assertEquals(writer.view(1), hex("00 00"));
});

test("ByteWriter.writeZeros() writes zeros also where other bytes were taken back", () => {
  for (const count of [1, 2, 16, 17, 200]) {
    const writer = new ByteWriter();
    writer.write(new Uint8Array(201).fill(255));
    writer.truncate(1);
    writer.writeZeros(count);
    assertEquals(writer.take(), concat([hex("ff"), new Uint8Array(count)]));
  }
});

test("ByteWriter never writes over bytes it has handed out", () => {
  const writer = new ByteWriter();
  writer.write(hex("01 02 03"));
  const first = writer.take();
  writer.write(hex("04 05 06"));
  const second = writer.take();
  writer.writeZeros(1000);
  assertEquals(first, hex("01 02 03"));
  assertEquals(second, hex("04 05 06"));
});

test("ByteWriter.take() gives nothing when nothing was written", () => {
  const writer = new ByteWriter();
  assertEquals(writer.take(), hex(""));
  writer.write(hex(""));
  assertEquals(writer.take(), hex(""));
});

test("ByteWriter.write() writes zeros before the bytes when it is told to", () => {
  const writer = new ByteWriter();
  writer.write(hex("ff"));
  writer.write(hex("01 02"), 3);
  assertEquals(writer.take(), hex("ff 00 00 00 01 02"));
});

test("ByteWriter.write() writes nothing when it is given no bytes", () => {
  const writer = new ByteWriter();
  for (const wrong of ["ab", 1, {}] as unknown as Uint8Array[]) {
    assertThrows(() => writer.write(wrong, 4), TypeError, "Cannot encode");
    assertStrictEquals(writer.length, 0);
  }
});

test("release() lets the next writer use the memory again", () => {
  for (const length of [1, 256, 257, 5_000, 65_536]) {
    const writer = new ByteWriter();
    writer.write(new Uint8Array(length).fill(255));
    const first = writer.takeBuffer();
    release(first, length);
    const next = new ByteWriter();
    next.write(new Uint8Array(length));
    assertStrictEquals(next.takeBuffer(), first);
  }
});

test("release() keeps at most 4 MiB, and no buffer above 256 KiB", () => {
  const writer = new ByteWriter();
  for (const [length, most] of [[250_000, 16], [262_145, 0]] as const) {
    const taken = Array.from({ length: 50 }, () => {
      writer.write(new Uint8Array(length));
      return writer.takeBuffer();
    });
    const buffers = new Set(taken);
    for (const buffer of taken) release(buffer, length);
    let again = 0;
    for (let i = 0; i < 50; i++) {
      writer.write(new Uint8Array(length));
      if (buffers.has(writer.takeBuffer())) again++;
    }
    assertLessOrEqual(again, most);
  }
});

test("release() leaves none of the bytes to the next writer", () => {
  const writer = new ByteWriter();
  writer.write(new Uint8Array(900).fill(255));
  writer.truncate(600);
  recycle(writer);
  const next = new ByteWriter();
  next.write(new Uint8Array(600));
  const { buffer } = next.take();
  assertEquals(new Uint8Array(buffer), new Uint8Array(1_024));
});

test("ByteWriter does not hold a large buffer for a small output", () => {
  const writer = new ByteWriter();
  writer.write(new Uint8Array(65_536));
  writer.take();
  writer.write(new Uint8Array(64));
  recycle(writer);
  writer.write(new Uint8Array(64));
  assertStrictEquals(writer.take().buffer.byteLength, 256);
});

test("ByteWriter behaves like an array of bytes under any use", () => {
  const step = fc.oneof(
    fc.record({ write: fc.uint8Array({ maxLength: 400 }) }),
    fc.record({ zeros: fc.nat(300) }),
    fc.record({
      uint: fc.nat(0xffff_ffff),
      byteCount: fc.integer({ min: 4, max: 8 }),
    }),
    fc.record({ truncate: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.constant("take" as const),
    fc.constant("recycle" as const),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const writer = new ByteWriter();
    let model: number[] = [];
    const taken: { view: Uint8Array; bytes: number[] }[] = [];
    for (const step of steps) {
      if (step === "take") {
        taken.push({ view: writer.take(), bytes: model });
        model = [];
      } else if (step === "recycle") {
        const { length } = writer;
        const buffer = writer.takeBuffer();
        assertEquals([...buffer.subarray(0, length)], model);
        release(buffer, length);
        model = [];
      } else if ("write" in step) {
        writer.write(step.write);
        model.push(...step.write);
      } else if ("zeros" in step) {
        writer.writeZeros(step.zeros);
        model.push(...new Uint8Array(step.zeros));
      } else if ("uint" in step) {
        writer.writeUint(step.uint, step.byteCount);
        const bytes = new Uint8Array(8);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(step.uint));
        model.push(...bytes.subarray(8 - step.byteCount));
      } else {
        model = model.slice(0, Math.floor(step.truncate * model.length));
        writer.truncate(model.length);
      }
      assertStrictEquals(writer.length, model.length);
      assertEquals([...writer.view()], model);
    }
    for (const { view, bytes } of taken) assertEquals([...view], bytes);
  }));
});

test("ByteWriter.setUint() copies bytes that it has not copied before it overwrites them", () => {
  const writer = new ByteWriter(4);
  const given = hex("00 00 01 02 03");
  writer.write(given, 1);
  writer.setUint(0, 9, 1);
  assertStrictEquals(writer.at(0), 9);
  assertStrictEquals(writer.at(3), 1);
  assertStrictEquals(writer.takeTail(), given);
  writer.write(given);
  writer.setUint(1, 0x0405, 2);
  assertEquals(given, hex("00 00 01 02 03"));
  assertStrictEquals(writer.takeTail(), undefined);
  assertEquals(writer.take(), hex("09 04 05 01 02 03"));
});

test("ByteWriter takes time and memory linear in the bytes written", () => {
  const count = 1 << 18;
  const writer = new ByteWriter();
  const work = countWork(() => {
    for (let i = 0; i < count; i++) writer.writeByte(i);
  });
  assertStrictEquals(writer.length, count);
  assertLessOrEqual(work.copied, 2 * count);
  assertLessOrEqual(work.allocated, 4 * count);
});
