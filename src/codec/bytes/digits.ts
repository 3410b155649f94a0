import type { ByteQueue } from "./byte_queue.ts";
import type { ByteWriter } from "./byte_writer.ts";

/** Numbers whose bytes are digits, the highest first. */
export interface Digits {
  /** How many values a byte has. */
  readonly base: number;
  /**
   * Returns the number in the `byteCount` unread bytes from `index` on, or -1 if one
   * of them is not a digit. Past 2^53 it is rounded.
   */
  read(input: ByteQueue, index: number, byteCount: number): number;
  /** Overwrites `byteCount` bytes already written with the digits of `value`. */
  write(
    output: ByteWriter,
    at: number,
    byteCount: number,
    value: number,
  ): void;
}

/** The numbers whose digits are these bytes, or in input those of `others` too. */
function digits(bytes: Uint8Array, others: Uint8Array = bytes): Digits {
  const base = bytes.length;
  const values = new Int8Array(256).fill(-1);
  for (let value = 0; value < base; value++) {
    values[bytes[value]!] = value;
    values[others[value]!] = value;
  }
  return {
    base,
    read(input, index, byteCount) {
      let number = 0;
      for (let i = 0; i < byteCount; i++) {
        const value = values[input.at(index + i)]!;
        if (value < 0) return -1;
        number = number * base + value;
      }
      return number;
    },
    write(output, at, byteCount, value) {
      let rest = value;
      for (let i = byteCount - 1; i >= 0; i--) {
        const digit = rest % base;
        // A frame that includes its length may have it in the other letters.
        if (values[output.at(at + i)] !== digit) {
          output.setUint(at + i, bytes[digit]!, 1);
        }
        rest = Math.floor(rest / base);
      }
    },
  };
}

const ascii = new TextEncoder();

/** Decimal digits in ASCII. */
export const decimal: Digits = digits(ascii.encode("0123456789"));

/** Hexadecimal digits in ASCII, written in lower case and read in both. */
export const hex: Digits = digits(
  ascii.encode("0123456789abcdef"),
  ascii.encode("0123456789ABCDEF"),
);

/** Binary-coded decimal: two digits a byte, the higher one in the upper four bits. */
export const bcd: Digits = digits(
  Uint8Array.from({ length: 100 }, (_, value) => {
    const tens = Math.floor(value / 10);
    return 16 * tens + value % 10;
  }),
);
