import { ByteQueue } from "../../codec/bytes/byte_queue.ts";
import { bcd, decimal, type Digits, hex } from "../../codec/bytes/digits.ts";
import { FrameError } from "../../codec/errors.ts";
import type { CommandFrameOptions } from "../../codec/formats/command_frame.ts";
import type { HeaderPrefixedOptions } from "../../codec/formats/header_prefixed.ts";
import type { JsonHeaderOptions } from "../../codec/formats/json_header.ts";
import type { LengthPrefixedOptions } from "../../codec/formats/length_prefixed.ts";
import {
  varintPrefixed,
  type VarintPrefixedOptions,
} from "../../codec/formats/varint_prefixed.ts";
import { readJson } from "../../codec/views/json_bytes.ts";
import { body, endOf, head, type Options, type Splitter } from "./parts.ts";

const DIGITS = { decimal, hex, bcd };

/** What precedes the length, the length, and the body. */
export const lengthPrefixed: Splitter = (bytes, options) => {
  const {
    lengthBytes = 4,
    lengthEncoding = "binary",
    endian = "big",
    lengthOffset = 0,
    stripBytes = lengthOffset + lengthBytes,
  } = options as LengthPrefixedOptions;
  const headerLength = lengthOffset + lengthBytes;
  const value = lengthEncoding === "binary"
    ? uintAt(bytes, lengthOffset, lengthBytes, endian === "little")
    : digitsAt(bytes, lengthOffset, lengthBytes, DIGITS[lengthEncoding]);
  const parts = [
    head("header", lengthOffset),
    head("length", lengthBytes, value),
    // More may be stripped than the header.
    head("header", Math.max(0, stripBytes - headerLength)),
    body(bytes, Math.max(headerLength, stripBytes)),
  ];
  // Or less: then frames include their header.
  return stripBytes < headerLength
    ? parts.map((part) => ({ ...part, isContent: true }))
    : parts;
};

/** The varint and the body. */
export const varint: Splitter = (bytes, options) => {
  const { maxLengthBytes = 10 } = options as VarintPrefixedOptions;
  const last = bytes.findIndex((byte) => byte < 0x80);
  const length = Math.min(last < 0 ? bytes.length : last + 1, maxLengthBytes);
  return [
    head("length", length, varintAt(bytes, options)),
    body(bytes, length),
  ];
};

/** The digits, a colon, the body and a comma. */
export const netstring: Splitter = (bytes, _options, extent) => {
  const found = bytes.indexOf(0x3a);
  const digits = found < 0 ? bytes.length : found;
  const text = String.fromCharCode(...bytes.subarray(0, Math.min(digits, 16)));
  const value = /^\d+$/.test(text) ? Number(text) : undefined;
  return [
    head("length", digits, value),
    head("delimiter", 1),
    body(bytes, digits + 1, extent === "whole" ? 1 : 0),
    head("terminator", 1),
  ];
};

/** The three numbers and the body. */
export const commandFrame: Splitter = (bytes, options) => {
  const { endian = "big" } = options as CommandFrameOptions;
  const isLittle = endian === "little";
  return [
    head("length", 4, uintAt(bytes, 0, 4, isLittle)),
    head("command", 4, uintAt(bytes, 4, 4, isLittle)),
    head("reply", 4, uintAt(bytes, 8, 4, isLittle)),
    body(bytes, 12),
  ];
};

/** The length of the header, the header and the body. */
export const jsonHeader: Splitter = (bytes, options) => {
  const { endian = "big" } = options as JsonHeaderOptions;
  const length = uintAt(bytes, 0, 4, endian === "little");
  const headerLength = length ?? 0;
  return [
    head("length", 4, length),
    head("header", headerLength, jsonOf(bytes.subarray(4, 4 + headerLength))),
    body(bytes, 4 + headerLength),
  ];
};

/** The header, as far as its length is known without the function, and the rest. */
export const headerPrefixed: Splitter = (bytes, options) => {
  const { headerEnd, headerLength } =
    options as unknown as HeaderPrefixedOptions;
  const length = headerEnd === undefined
    ? headerLength
    : endOf(headerEnd, bytes) ?? bytes.length;
  const parts = [head("header", length), body(bytes, length)];
  return parts.map((part) => ({ ...part, isContent: true }));
};

/** An unsigned integer, if all of it is there. */
function uintAt(
  bytes: Uint8Array,
  at: number,
  length: number,
  littleEndian: boolean,
): number | undefined {
  if (at + length > bytes.length) return undefined;
  const input = new ByteQueue();
  input.push(bytes);
  return input.uintAt(at, length, littleEndian);
}

/** A number in digits, if all of it is there and is digits. */
function digitsAt(
  bytes: Uint8Array,
  at: number,
  length: number,
  digits: Digits,
): number | undefined {
  if (at + length > bytes.length) return undefined;
  const input = new ByteQueue();
  input.push(bytes);
  const value = digits.read(input, at, length);
  return value < 0 ? undefined : value;
}

/** The length in a varint, if it is one. */
function varintAt(bytes: Uint8Array, options: Options): number | undefined {
  const { header } = varintPrefixed({
    ...options,
    // A length that is too large is shown as well.
    maxFrameLength: Number.MAX_SAFE_INTEGER,
  });
  const decoder = header.decoder();
  decoder.push(bytes.subarray(0, 10));
  try {
    return decoder.next();
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}

/** The value of JSON, if it is some. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return readJson(bytes, 0);
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
