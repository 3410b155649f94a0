import { assertLessOrEqual } from "@std/assert";
import { ByteQueue, type Codec } from "../../src/codec/mod.ts";

/** How much a call did, counted rather than timed. */
export interface Work {
  /** Bytes looked at one by one through `ByteQueue.at`. */
  read: number;
  /** Bytes looked through by `Uint8Array.indexOf`. */
  scanned: number;
  /** Bytes moved by `Uint8Array.set` and `slice`. */
  copied: number;
  /** The length of all arrays made by `new Uint8Array(length)`. */
  allocated: number;
  /** The length of the largest of them. */
  largestAllocation: number;
}

/**
 * Counts the work of a synchronous call by standing in for the array methods
 * that do it, so that “linear” can be asserted without a clock.
 */
export function countWork(call: () => void): Work {
  const work: Work = {
    read: 0,
    scanned: 0,
    copied: 0,
    allocated: 0,
    largestAllocation: 0,
  };
  const RealUint8Array = Uint8Array;
  const arrays: Uint8Array = Object.getPrototypeOf(RealUint8Array.prototype);
  const { indexOf, set, slice } = arrays;
  const { at } = ByteQueue.prototype;
  arrays.indexOf = function (this: Uint8Array, byte: number, from = 0) {
    const index = indexOf.call(this, byte, from);
    work.scanned += (index < 0 ? this.length : index + 1) - from;
    return index;
  };
  arrays.set = function (this: Uint8Array, source: ArrayLike<number>, offset) {
    work.copied += source.length;
    set.call(this, source, offset);
  };
  arrays.slice = function (this: Uint8Array, start?: number, end?: number) {
    const copy = slice.call(this, start, end);
    work.copied += copy.length;
    return copy as Uint8Array<ArrayBuffer>;
  };
  ByteQueue.prototype.at = function (this: ByteQueue, index: number) {
    work.read++;
    return at.call(this, index);
  };
  globalThis.Uint8Array = new Proxy(RealUint8Array, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget);
      if (typeof args[0] === "number") {
        work.allocated += made.length;
        work.largestAllocation = Math.max(work.largestAllocation, made.length);
      }
      return made;
    },
  });
  try {
    call();
  } finally {
    globalThis.Uint8Array = RealUint8Array;
    Object.assign(arrays, { indexOf, set, slice });
    ByteQueue.prototype.at = at;
  }
  return work;
}

/**
 * Decodes a frame that comes byte by byte, and asserts that it takes copies and
 * memory linear in its length. What was read of it differs between formats.
 */
export function decodeByteByByte<Out>(
  codec: Codec<never, Out>,
  bytes: Uint8Array,
): { frame: Out | undefined; work: Work } {
  const decoder = codec.decoder();
  let frame: Out | undefined;
  const work = countWork(() => {
    for (let i = 0; i < bytes.length; i++) {
      decoder.push(bytes.subarray(i, i + 1));
      frame = decoder.next();
    }
  });
  assertLessOrEqual(work.copied, 3 * bytes.length);
  assertLessOrEqual(work.largestAllocation, 2 * bytes.length);
  return { frame, work };
}
