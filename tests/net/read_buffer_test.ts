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
  const rooms = Array.from({ length: 6 }, () => read(buffer, Infinity));
  assertEquals(rooms, [1_024, 8_192, 65_536, 65_536, 65_536, 65_536]);
});

test("ReadBuffer holds little after a few small reads", () => {
  const buffer = new ReadBuffer();
  for (let i = 0; i < 10; i++) read(buffer, Infinity);
  for (let i = 0; i < 24; i++) read(buffer, 10);
  assertEquals(buffer.next().buffer.byteLength, 1_024);
});

test("ReadBuffer does not shrink for reads of half its size", () => {
  const buffer = new ReadBuffer();
  for (let i = 0; i < 10; i++) read(buffer, Infinity);
  for (let i = 0; i < 10; i++) read(buffer, 30_000);
  assertEquals(buffer.next().buffer.byteLength, 65_536);
});

test("ReadBuffer allocates once for several reads of the same size", () => {
  const buffer = new ReadBuffer();
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    const into = buffer.next();
    buffers.add(into.buffer);
    buffer.take(Math.min(4_352, into.length));
  }
  assertLessOrEqual(buffers.size, 25);
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
