import { hexOf } from "../../codec/bytes/hex.ts";
import {
  type Evidence,
  isTextByte,
  type NumberField,
  type Recogniser,
  uintAt,
} from "./evidence.ts";
import { SHOWN_BYTES } from "../../codec/bytes/recovery.ts";
import { isProtobuf } from "./protobuf.ts";

/**
 * A length of another kind than the decoder's. Frames that follow each other by such
 * a length, from the first byte of the stream on, are the evidence.
 */
export const lengths: readonly Recogniser[] = [
  // The same field in the other byte order is small.
  { name: "byteOrder", recognise: otherByteOrder },
  // A length of another size, in digits, or one that counts itself, or does not.
  { name: "otherLength", recognise: otherLength },
  // One byte, or the varint of Protocol Buffers, which has one byte below 128.
  { name: "varint", recognise: varintLength },
];

/** The beginning of a frame in a layout. */
interface Head {
  /** The length of what precedes the body. */
  readonly headerLength: number;
  /** The length of the frame, header included. */
  readonly frameLength: number;
  /** The number in the length field. */
  readonly value: number;
}

interface Layout {
  readonly name: string;
  /** How many bytes a header has at least. */
  readonly least: number;
  /** Whether one whole frame is evidence enough. */
  readonly isSure?: boolean;
  /** Reads a header, or returns `undefined` if there is none. */
  head(bytes: Uint8Array, at: number): Head | undefined;
}

/** The frames of the first bytes in a layout. */
interface Fit {
  readonly layout: Layout;
  readonly heads: readonly Head[];
  /** Where frames begin, and where the last whole one ends. */
  readonly boundaries: readonly number[];
  /** Whether the last frame ends with the bytes. */
  readonly isExact: boolean;
}

const ORDERS = [false, true];

/** How many bytes the frames must have behind their lengths: a few fit by chance. */
const LEAST_BODIES = 4;

const layouts: readonly Layout[] = [
  ...[2, 3, 4, 8].flatMap((size) =>
    ORDERS.flatMap((littleEndian) => [
      binary(size, littleEndian, false),
      binary(size, littleEndian, true),
    ])
  ),
  ...[4, 6, 8, 10].map(digits),
  netstrings(),
];

const varint: Layout = {
  name: "a length of one byte, or a varint",
  least: 1,
  head(bytes, at) {
    let value = 0;
    for (let i = 0; i < 3 && at + i < bytes.length; i++) {
      const byte = bytes[at + i]!;
      value += (byte & 0x7f) * 2 ** (7 * i);
      const headerLength = i + 1;
      if (byte < 0x80) {
        return { headerLength, frameLength: headerLength + value, value };
      }
    }
    return undefined;
  },
};

function binary(
  size: number,
  littleEndian: boolean,
  countsItself: boolean,
): Layout {
  return {
    name: `a length of ${size} bytes, ${
      littleEndian ? "little" : "big"
    }-endian${countsItself ? `, that counts its own ${size} bytes` : ""}`,
    least: size,
    head(bytes, at) {
      const value = uintAt(bytes, at, size, littleEndian);
      const frameLength = countsItself ? value : size + value;
      return { headerLength: size, frameLength, value };
    },
  };
}

function digits(count: number): Layout {
  return {
    name: `a length of ${count} decimal digits`,
    least: count,
    head(bytes, at) {
      const text = String.fromCharCode(...bytes.subarray(at, at + count));
      if (!/^\d+$/.test(text)) return undefined;
      const value = Number(text);
      return { headerLength: count, frameLength: count + value, value };
    },
  };
}

function netstrings(): Layout {
  return {
    name: "netstrings (digits, a colon, the bytes, a comma)",
    least: 3,
    // Its comma has been found where the length says.
    isSure: true,
    head(bytes, at) {
      const text = String.fromCharCode(...bytes.subarray(at, at + 8));
      const [header, number] = /^([1-9]\d{0,5}):/.exec(text) ?? [];
      if (header === undefined) return undefined;
      const value = Number(number);
      const comma = at + header.length + value;
      if (comma < bytes.length && bytes[comma] !== 0x2c) return undefined;
      return {
        headerLength: header.length,
        frameLength: header.length + value + 1,
        value,
      };
    },
  };
}

function otherByteOrder(evidence: Evidence): string | undefined {
  const { field, start } = evidence;
  if (field === undefined) return undefined;
  const { at, size, littleEndian, value } = field;
  const other = uintAt(start, at, size, !littleEndian);
  // A length of 64 KiB or 1 MiB ends with zeros, too.
  if (other === 0 || other > 0xffff || value < 0x100_0000) return undefined;
  // So does one of 16 MiB: what follows must not speak against the other order.
  if (at === 0 && value % 0x100_0000 === 0) {
    const fits = ORDERS
      .map((countsItself) =>
        framesOf(binary(size, !littleEndian, countsItself), start)
      )
      .some((fit) =>
        fit !== undefined && (fit.isExact || fit.heads.length !== 1)
      );
    if (!fits && !isInOtherOrder(start, at + size, field)) return undefined;
  }
  return inOtherOrder(field, other, start);
}

/** Whether the number behind a length is small in the other byte order, too. */
function isInOtherOrder(
  start: Uint8Array,
  at: number,
  { size, littleEndian }: NumberField,
): boolean {
  if (start.length < at + size) return false;
  const other = uintAt(start, at, size, !littleEndian);
  return other > 0 && other <= 0xffff &&
    uintAt(start, at, size, littleEndian) >= 0x100_0000;
}

function inOtherOrder(
  { at, size, littleEndian, value }: NumberField,
  other: number,
  start: Uint8Array,
): string {
  const [read, right] = littleEndian
    ? ["little-endian", "big-endian"]
    : ["big-endian", "little-endian"];
  const bytes = hexOf(start.subarray(at, at + size));
  return `The bytes ${bytes} are ${other} in ${right}, ${value} in ${read}: the peer writes numbers in the other byte order`;
}

function otherLength(evidence: Evidence): string | undefined {
  const fits = layouts
    .map((layout) => framesOf(layout, evidence.start))
    .filter((fit) => fit !== undefined)
    .filter((fit) => isEvident(fit, evidence));
  const [fit, another] = fits;
  if (fit === undefined || another !== undefined) return undefined;
  return inLayout(fit, evidence);
}

/** Whether frames fit so well that it can hardly be by chance. */
function isEvident(fit: Fit, { start }: Evidence): boolean {
  const { layout, heads, isExact } = fit;
  const bodies = bodiesOf(fit, start);
  if (lengthOf(bodies) < LEAST_BODIES) return false;
  if (layout.isSure) return true;
  // A zero there may belong to a larger field.
  if (bodies.some(([first]) => first === 0)) return false;
  return isExact || heads.length >= (layout.least < 4 ? 3 : 2);
}

/** The bodies of the frames. */
function bodiesOf({ heads, boundaries }: Fit, start: Uint8Array): Uint8Array[] {
  return heads.map(({ headerLength, frameLength }, i) => {
    const at = boundaries[i]!;
    return start.subarray(at + headerLength, at + frameLength);
  });
}

function lengthOf(bodies: readonly Uint8Array[]): number {
  return bodies.reduce((sum, { length }) => sum + length, 0);
}

function varintLength(evidence: Evidence): string | undefined {
  const { start } = evidence;
  // In a long text, the characters would do for lengths.
  if (start.every(isTextByte)) return undefined;
  const fit = framesOf(varint, start);
  if (fit === undefined || !fit.isExact && fit.heads.length < 2) {
    return undefined;
  }
  // A length of one byte fits so much that the bodies must be text or messages.
  const bodies = bodiesOf(fit, start);
  if (lengthOf(bodies) < LEAST_BODIES) return undefined;
  const isMessages = bodies.every(isProtobuf);
  const isText = bodies.every((body) => body.every(isTextByte));
  if (!isMessages && !isText) return undefined;
  return inLayout(fit, evidence, isMessages ? ", with Protocol Buffers" : "");
}

/** Follows the frames of a layout, or returns `undefined` if they do not fit. */
function framesOf(layout: Layout, bytes: Uint8Array): Fit | undefined {
  const heads: Head[] = [];
  const boundaries: number[] = [];
  let at = 0;
  while (at + layout.least <= bytes.length) {
    const head = layout.head(bytes, at);
    // Zeros would be any number of empty frames.
    if (head === undefined || head.frameLength <= head.headerLength) {
      return undefined;
    }
    boundaries.push(at);
    if (at + head.frameLength > bytes.length) {
      // The next frame must be of a usual length.
      if (head.value > 0xffff) return undefined;
      break;
    }
    heads.push(head);
    at += head.frameLength;
  }
  boundaries.push(at);
  return { layout, heads, boundaries, isExact: at === bytes.length };
}

function inLayout(
  { layout, heads, boundaries, isExact }: Fit,
  evidence: Evidence,
  what = "",
): string | undefined {
  const { start, offset } = evidence;
  const [first] = heads;
  if (first === undefined || isOwn(first, boundaries, evidence)) {
    return undefined;
  }
  const shown = heads.slice(0, 2).map(({ headerLength, value }, i) => {
    const at = boundaries[i]!;
    return `${hexOf(start.subarray(at, at + headerLength))} is ${value}`;
  });
  const { field } = evidence;
  if (
    offset === 0 && field?.at === 0 && first.headerLength === field.size &&
    uintAt(start, 0, field.size, !field.littleEndian) === first.value &&
    field.value !== first.value
  ) return inOtherOrder(field, first.value, start);
  return `The bytes fit ${layout.name}${what}: ${shown.join(", then ")}${
    isExact ? ", and the frames end where the bytes do" : ""
  }`;
}

/** Whether the frames are those that the decoder has found itself. */
function isOwn(
  first: Head,
  boundaries: readonly number[],
  { error, offset, announced, content, start }: Evidence,
): boolean {
  if (offset > 0) return boundaries.includes(offset);
  const { headerLength, frameLength } = first;
  const bodyLength = frameLength - headerLength;
  switch (error.code) {
    case "FRAME_TOO_LARGE":
    case "FRAME_TRUNCATED":
      return announced === frameLength || announced === bodyLength;
    case "MESSAGE_INVALID":
    case "TEXT_INVALID":
    case "COMPRESSION_INVALID":
    case "CHECKSUM_MISMATCH":
      // A frame of bytes that the decoder found, or nothing to compare with.
      return content === undefined ||
        [0, headerLength].some((from) =>
          isBeginning(content, start.subarray(from, frameLength))
        );
    case "DIGEST_UNKNOWN":
      return true;
    default:
      // The length of a JSON header has been read, and what follows is not right.
      return /\bJSON\b|^a whole number from 0 on as /.test(error.expected);
  }
}

/** Whether a frame is the content, or begins with it where that has been cut off. */
function isBeginning(content: Uint8Array, frame: Uint8Array): boolean {
  const { length } = content;
  return (length === frame.length || length === SHOWN_BYTES) &&
    content.every((byte, i) => byte === frame[i]);
}
