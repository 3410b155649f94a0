/**
 * What went wrong with a frame:
 *
 * - `FRAME_TOO_LARGE`: longer than the limit, or than its length field can say.
 * - `FRAME_TRUNCATED`: the bytes ended inside a frame.
 * - `LENGTH_INVALID`: the length says what no frame of this format can have.
 * - `DELIMITER_IN_FRAME`: a frame to encode contains its own delimiter.
 * - `TEXT_INVALID`: the bytes are not valid in the text encoding asked for.
 * - `VARINT_OVERLONG`: a variable-length integer is not in its shortest form, or
 *   has no end.
 * - `HEADER_INVALID`: the header is not what the format says.
 * - `MARK_INVALID`: a start mark, a terminator or an escape is not what the
 *   format says.
 * - `MESSAGE_INVALID`: the frame is whole, and its content is not what was asked
 *   for: not JSON, or not of the schema.
 * - `CHECKSUM_MISMATCH`: the content does not have the checksum or digest that
 *   came with it.
 * - `DIGEST_UNKNOWN`: the header has no digest of a kind that can be checked.
 * - `COMPRESSION_INVALID`: the content cannot be decompressed.
 */
export type FrameErrorCode =
  | "FRAME_TOO_LARGE"
  | "FRAME_TRUNCATED"
  | "LENGTH_INVALID"
  | "DELIMITER_IN_FRAME"
  | "TEXT_INVALID"
  | "VARINT_OVERLONG"
  | "HEADER_INVALID"
  | "MARK_INVALID"
  | "MESSAGE_INVALID"
  | "CHECKSUM_MISMATCH"
  | "DIGEST_UNKNOWN"
  | "COMPRESSION_INVALID";

/**
 * The details of a {@linkcode FrameError}: where a frame broke its format, and
 * how.
 */
export interface FrameErrorDetails {
  /** What is wrong, in a few words. */
  reason: string;
  /**
   * The position in the byte stream, in bytes from its start, at which the
   * frame began. A decoder adds it where it is missing. An encoder has none.
   */
  offset?: number | undefined;
  /** What the format or a limit asked for. */
  expected: string;
  /** What was there instead. */
  got: string;
  /** The beginning of the frame, at most 64 bytes. A decoder adds it. */
  bytes?: Uint8Array;
  /** The error underneath, where there is one. */
  cause?: unknown;
}

/**
 * The error for bytes that are not a frame of the format, and for frames that
 * the format cannot carry. A wrong option is a `TypeError` or `RangeError`
 * instead.
 *
 * @example
 * ```ts
 * import { FrameError, lengthPrefixed } from "@framewire/framewire/codec";
 * import { assert, assertEquals } from "@std/assert";
 *
 * try {
 *   lengthPrefixed().decode(Uint8Array.of(0, 0, 0, 5, 1, 2));
 * } catch (error) {
 *   assert(error instanceof FrameError);
 *   assertEquals(error.code, "FRAME_TRUNCATED");
 *   assertEquals(error.offset, 0);
 * }
 * ```
 */
export class FrameError extends Error {
  /** What went wrong, for programs. */
  readonly code: FrameErrorCode;
  /**
   * The position in the byte stream at which the frame began, in bytes;
   * `undefined` when the frame was to be encoded.
   */
  readonly offset: number | undefined;
  /** What the format or a limit asked for. */
  readonly expected: string;
  /** What was there instead. */
  readonly got: string;
  /**
   * The beginning of a frame whose content is not valid, as it arrived: at most 64
   * bytes, and `undefined` where the decoder does not have them.
   */
  readonly bytes: Uint8Array | undefined;

  /** Makes an error and composes its message from the details. */
  constructor(code: FrameErrorCode, details: FrameErrorDetails) {
    const { reason, offset, expected, got, bytes, cause } = details;
    const where = offset === undefined ? "" : inFrameAt(offset);
    super(
      `${reason}: expected ${expected}, got ${got}${where}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "FrameError";
    this.code = code;
    this.offset = offset;
    this.expected = expected;
    this.got = got;
    this.bytes = bytes;
  }
}

/**
 * Adds the offset of the frame to an error that a reader or a mapping has
 * thrown, if it is a `FrameError` without an offset.
 */
export function addOffset(thrown: unknown, offset: number): void {
  if (!(thrown instanceof FrameError) || thrown.offset !== undefined) return;
  const message = thrown.message + inFrameAt(offset);
  Object.assign(thrown, { offset, message });
}

function inFrameAt(offset: number): string {
  return `, in the frame at byte offset ${offset}`;
}
