import { Buffer } from "node:buffer";

/** One way in which an input may arrive. */
export interface Cut {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/**
 * The ways to cut an input: whole, single bytes, every two-way split, random
 * cuts, empty chunks in between, views into larger buffers, and Node's own kind
 * of chunk. Meant for short inputs: it yields about twice as many cuts as there
 * are bytes.
 */
export function* everyCut(bytes: Uint8Array): Generator<Cut> {
  yield { name: "whole", chunks: [bytes] };
  const singles = singleBytes(bytes);
  yield { name: "single bytes", chunks: singles };
  yield { name: "single bytes, empty between", chunks: withEmpty(singles) };
  yield { name: "single bytes, views", chunks: asViews(singles) };
  yield { name: "whole, a view", chunks: asViews([bytes]) };
  yield { name: "whole, a Buffer", chunks: [Buffer.from(bytes)] };
  for (let at = 0; at <= bytes.length; at++) {
    const chunks = cutAt(bytes, [at]);
    yield { name: `at ${at}`, chunks };
    yield { name: `at ${at}, views`, chunks: asViews(chunks) };
  }
  for (let seed = 1; seed <= 8; seed++) {
    const chunks = randomCut(bytes, seed);
    yield { name: `random ${seed}`, chunks };
    yield { name: `random ${seed}, views`, chunks: asViews(withEmpty(chunks)) };
    yield {
      name: `random ${seed}, Buffers`,
      chunks: chunks.map((chunk) => Buffer.from(chunk)),
    };
  }
}

/** One chunk a byte. */
export function singleBytes(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/**
 * The input cut at the given indices. Each chunk has a buffer of its own, like
 * one that came from a socket.
 */
export function cutAt(
  bytes: Uint8Array,
  indices: readonly number[],
): Uint8Array[] {
  const edges = indices.map((index) => Math.min(index, bytes.length))
    .sort((a, b) => a - b);
  return [...edges, bytes.length].map((end, i) =>
    bytes.slice(i === 0 ? 0 : edges[i - 1]!, end)
  );
}

/** The input in chunks of 1 to 8 bytes, the same for the same seed. */
export function randomCut(bytes: Uint8Array, seed: number): Uint8Array[] {
  const random = randomNumbers(seed);
  const indices: number[] = [];
  let at = 0;
  while (at < bytes.length) indices.push(at += 1 + Math.floor(random() * 8));
  return cutAt(bytes, indices);
}

/** The same chunks with empty ones before, between and behind them. */
export function withEmpty(chunks: readonly Uint8Array[]): Uint8Array[] {
  const empty = new Uint8Array(0);
  return [empty, ...chunks.flatMap((chunk) => [chunk, empty, empty])];
}

/**
 * The same chunks, each a view into a larger buffer of its own, with bytes
 * around it that spoil every result they get into.
 */
export function asViews(chunks: readonly Uint8Array[]): Uint8Array[] {
  return chunks.map((chunk, i) => {
    const before = 1 + (i * 7) % 13;
    const end = before + chunk.length;
    const garbage = new Uint8Array(end + 9);
    for (let j = 0; j < before; j++) garbage[j] = garbageByte(j);
    garbage.set(chunk, before);
    for (let j = end; j < garbage.length; j++) garbage[j] = garbageByte(j);
    return garbage.subarray(before, end);
  });
}

/** Line ends, zeros and small numbers: what would pass for part of a format. */
const garbageBytes = [10, 13, 0, 97, 255, 1, 98, 2] as const;

function garbageByte(index: number): number {
  return garbageBytes[index % garbageBytes.length]!;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
