import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { test } from "node:test";
import { ReadBuffer } from "../../src/net/adapters/read_buffer.ts";

/** Reads as many bytes as there are, or as there is room for; returns the room. */
function read(buffer: ReadBuffer, bytes: number): number {
  const into = buffer.next();
  buffer.take(Math.min(bytes, into.length));
  return into.length;
}

test("ReadBuffer grows from 1 KiB to 64 KiB while reads fill it", () => {
  const buffer = new ReadBuffer();
  const rooms = Array.from({ length: 5 }, () => read(buffer, Infinity));
  assertEquals(rooms, [1_024, 16_384, 65_536, 65_536, 65_536]);
});

test("ReadBuffer holds 1 KiB after much, when nothing more is there", () => {
  const buffer = new ReadBuffer();
  for (let i = 0; i < 10; i++) read(buffer, Infinity);
  read(buffer, 20_000);
  assertEquals(buffer.next().buffer.byteLength, 1_024);
  // More of it: the reads are large again at once.
  read(buffer, Infinity);
  assertEquals(read(buffer, Infinity), 65_536);
});

test("ReadBuffer holds at most 16 KiB after reads of a few KiB", () => {
  const buffer = new ReadBuffer();
  for (let i = 0; i < 100; i++) {
    read(buffer, 4_352);
    assertLessOrEqual(buffer.next().buffer.byteLength, 16_384);
  }
});

test("ReadBuffer holds little after a few small reads", () => {
  const buffer = new ReadBuffer();
  for (let i = 0; i < 10; i++) read(buffer, Infinity);
  for (let i = 0; i < 40; i++) read(buffer, 10);
  assertLessOrEqual(buffer.next().buffer.byteLength, 4_096);
});

test("ReadBuffer allocates once for several reads of the same size", () => {
  const buffer = new ReadBuffer();
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    const into = buffer.next();
    buffers.add(into.buffer);
    buffer.take(Math.min(4_352, into.length));
  }
  assertLessOrEqual(buffers.size, 35);
});

test("ReadBuffer never gives out memory that was handed out", () => {
  const buffer = new ReadBuffer();
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < 2_000; i++) {
    const into = buffer.next();
    assert(into.length > 0);
    into.fill(i % 251);
    const length = 1 + (i * 7_919) % into.length;
    chunks.push(buffer.take(length));
  }
  chunks.forEach((chunk, i) => {
    assert(chunk.every((byte) => byte === i % 251), `chunk ${i} was changed`);
  });
});
