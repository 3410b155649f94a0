import type { FramedCrc } from "../codec/bytes/crc_models.ts";

/**
 * A format as a generator needs it: all options with their values, and what follows
 * from them worked out.
 */
export interface Plan {
  /** The expression of the format, in its normal form. */
  readonly expression: string;
  /** The name of what is generated, as `Frames` or `SensorFrames`. */
  readonly name: string;
  readonly framing: Framing;
  readonly limit: Limit;
  /** What stands behind the content of a frame, the innermost last. */
  readonly checksums: readonly PlannedChecksum[];
  readonly content: Content;
}

/** The limits on the frames of the framing: checksums and all. */
export interface Limit {
  readonly maxFrameLength: number;
  readonly maxEncodedLength: number;
  /** Whether an oversized frame is passed over; otherwise it is an error. */
  readonly skips: boolean;
}

/** Where the frames begin and end. */
export type Framing =
  | LengthFraming
  | FixedFraming
  | VarintFraming
  | NetstringFraming
  | ContentLengthFraming
  | DelimitedFraming
  | MarkedFraming
  | CobsFraming
  | StuffedFraming;

/** See `lengthPrefixed`, and `HeaderLayout` for what follows from its options. */
export interface LengthFraming {
  readonly kind: "length";
  readonly lengthBytes: number;
  readonly lengthEncoding: "binary" | "decimal" | "hex" | "bcd";
  readonly littleEndian: boolean;
  readonly lengthOffset: number;
  readonly lengthUnit: number;
  /** The index at which the length field ends. */
  readonly headerLength: number;
  readonly stripBytes: number;
  /** The length of the frame handed out if the length field is 0; it can be below 0. */
  readonly base: number;
  /** The smallest valid value of the length field, in bytes. */
  readonly least: number;
  /** The largest value of the length field, in units. */
  readonly mostOfField: bigint;
}

/** See `fixedLength`. It has no limit. */
export interface FixedFraming {
  readonly kind: "fixed";
  readonly frameLength: number;
}

/** See `varintPrefixed`. */
export interface VarintFraming {
  readonly kind: "varint";
  readonly encoding: "leb128" | "vlq" | "zigzag";
  /** Whether a length may be longer in bytes than its shortest form. */
  readonly acceptsOverlong: boolean;
  readonly maxLengthBytes: number;
}

/** See `netstring`. */
export interface NetstringFraming {
  readonly kind: "netstring";
  /** How many digits a length has at most. */
  readonly maxDigits: number;
}

/** See `contentLength`. */
export interface ContentLengthFraming {
  readonly kind: "content-length";
  /** Whether frames include their headers; then no view stands over them. */
  readonly headers: boolean;
  readonly maxHeaderLength: number;
}

/** See `delimited`. `lines` is this with `"\n"` and `"\r\n"`. */
export interface DelimitedFraming {
  readonly kind: "delimited";
  /** The first is the one that is written. */
  readonly delimiters: readonly Uint8Array[];
  readonly keepDelimiter: boolean;
  readonly skipEmpty: boolean;
  readonly truncated: "error" | "emit" | "drop";
}

/** See `marked`. */
export interface MarkedFraming {
  readonly kind: "marked";
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly between: "error" | "skip" | readonly Uint8Array[];
  readonly restart: boolean;
  readonly trailerLength: number;
  /** Whether what is not valid is passed over; otherwise it is an error. */
  readonly skipsInvalid: boolean;
}

/** See `cobs`. */
export interface CobsFraming {
  readonly kind: "cobs";
  readonly skipsInvalid: boolean;
}

/** See `stuffed`. `slip` is this with the bytes of RFC 1055. */
export interface StuffedFraming {
  readonly kind: "stuffed";
  readonly end: number;
  readonly escape: number;
  /** Bytes that are escaped, each with what follows the escape. */
  readonly written: readonly (readonly [byte: number, code: number])[];
  /**
   * What the byte behind an escape is combined with by exclusive or; `undefined` where
   * only those of `written` may stand there.
   */
  readonly xor: number | undefined;
  readonly endFirst: boolean;
  /** Whether an unknown byte behind an escape is taken as it is. */
  readonly keepsUnknown: boolean;
  readonly skipsInvalid: boolean;
}

/** A checksum behind the content. */
export interface PlannedChecksum {
  /** Its name in expressions. */
  readonly name: string;
  /** How many bytes it has. */
  readonly length: number;
  /** A CRC, or what the sum does with each byte, from 0 on and modulo 256. */
  readonly sum: FramedCrc | "xor" | "add" | "subtract";
  readonly skipsInvalid: boolean;
}

/** What the frames are made into. */
export type Content =
  | { readonly kind: "bytes" }
  | {
    readonly kind: "text";
    /** Whether other bytes than UTF-8 are refused; otherwise they are replaced. */
    readonly fatal: boolean;
    readonly skipsInvalid: boolean;
  }
  | { readonly kind: "json"; readonly skipsInvalid: boolean };
