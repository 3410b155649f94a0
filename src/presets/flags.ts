import { withoutChecksum } from "../codec/bytes/trailing_checksum.ts";
import { recoveryNames } from "../codec/description.ts";
import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError, type FrameErrorCode } from "../codec/errors.ts";
import { fcs16 } from "../codec/formats/hdlc.ts";
import { cutOff } from "../codec/bytes/limits.ts";
import {
  type Recovery,
  recovery,
  type Refusal,
  SHOWN_BYTES,
} from "../codec/bytes/recovery.ts";
import type { Codec, FrameReader, RecoveryOptions } from "../codec/types.ts";
import { describePreset } from "./describe_preset.ts";

const FLAG = 0x7e;
/** The upper four bits of the format field. */
const FORMAT_TYPE = 0xa;
const SEGMENTED = 0x800;
const MAX_LENGTH = 0x7ff;
const MAX_ADDRESS_LENGTH = 4;

/** A frame of {@linkcode dlmsHdlc}. */
export interface DlmsHdlcFrame {
  /** Whether the next frame continues the information of this one. */
  segmented: boolean;
  /** The address: one to four bytes, of which the last and no other is odd. */
  destination: Uint8Array;
  /** The address of the sender, in the same form. */
  source: Uint8Array;
  /** The control byte, such as `93` (SNRM), `73` (UA) or `10` (an I frame). */
  control: number;
  /** What the frame carries. It may be empty. */
  information: Uint8Array;
}

/**
 * The HDLC frames of electricity meters (DLMS/COSEM, IEC 62056-46; “frame format type
 * 3” of ISO/IEC 13239): a flag, `7e`; `a` and a length of eleven bits that counts the
 * bytes between the flags; two addresses and a control byte; where there is information,
 * a checksum of the header and the information; a checksum; a flag. Nothing is escaped.
 * Two frames may share a flag. The checksums are CRC-16/X-25, the lowest byte first.
 *
 * Documentation: the “Green Book” of the DLMS User Association, section 8.4. The bytes of
 * the example are from “Examples for DLMS/COSEM information exchange” by Gyozo Kmethy.
 *
 * @example
 * ```ts
 * import { dlmsHdlc } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = dlmsHdlc().encode({
 *   segmented: false,
 *   destination: Uint8Array.of(0x00, 0x02, 0x00, 0x23),
 *   source: Uint8Array.of(0x21),
 *   control: 0x93,
 *   information: new Uint8Array(0),
 * });
 * assertEquals(bytes.subarray(0, 3), Uint8Array.of(0x7e, 0xa0, 0x0a));
 * assertEquals(bytes.subarray(9), Uint8Array.of(0x18, 0x71, 0x7e));
 * assertEquals(dlmsHdlc().decode(bytes)[0]?.control, 0x93);
 * ```
 *
 * Errors of its frames: `HEADER_INVALID` if the format or an address is not what it
 * must be, `LENGTH_INVALID` if a length is too short for its frame, `MARK_INVALID` if
 * there is no flag where one must be, `CHECKSUM_MISMATCH`, `FRAME_TRUNCATED`, and
 * `FRAME_TOO_LARGE` if the encoder is given more than a length of eleven bits can say.
 *
 * With `onInvalid: "skip"`, the decoder passes over a frame whose checksum is wrong and
 * whose flags are in their places; where the header or a flag is wrong, it passes over
 * all that lies before the next `7e`. Since `7e` is not escaped, that may lie inside the
 * damaged frame, which is then reported in several pieces.
 *
 * @param options What to do with frames that are not valid.
 * @returns The codec.
 */
export function dlmsHdlc(
  options: RecoveryOptions = {},
): Codec<DlmsHdlcFrame> {
  const described = describePreset("dlmsHdlc", options, recoveryNames);
  const invalid = recovery(options);
  return described(readerCodec({
    name: "dlmsHdlc",
    reader: () => new DlmsHdlcReader(invalid),
    encoder: { encode: writeFrame },
  }));
}

/** What stands before the information, and where it ends. */
interface Header {
  /** How many bytes lie between the flags. */
  readonly length: number;
  readonly sourceAt: number;
  readonly controlAt: number;
}

class DlmsHdlcReader implements FrameReader<DlmsHdlcFrame> {
  readonly #invalid: Recovery;
  /** Whether the unread bytes follow a flag. */
  #open = false;
  /** What is wrong with the bytes before the next flag, where a frame began there. */
  #wrong: Refusal | undefined;
  /** Whether that has been reported. */
  #reported = false;

  constructor(invalid: Recovery) {
    this.#invalid = invalid;
  }

  read(input: ByteQueue): DlmsHdlcFrame | undefined {
    while (this.#open || this.#findFlag(input)) {
      skipFlags(input);
      const header = readHeader(input);
      if (header === undefined) return undefined;
      if (header instanceof FrameError) {
        this.#lose(() => header);
        continue;
      }
      const { length } = header;
      if (input.length <= length) return undefined;
      if (input.at(length) !== FLAG) {
        this.#lose(noFlag(input.frameOffset, input.at(length)));
        continue;
      }
      const bytes = input.take(length, 0, 1);
      const content = withoutChecksum(bytes, fcs16, input.frameOffset);
      if (typeof content !== "function") return frameOf(bytes, header);
      // Set before `onSkip` is called, which may call the decoder.
      input.frameOffset = input.offset;
      this.#invalid.refuse(content, bytes);
    }
    return undefined;
  }

  finish(input: ByteQueue): undefined {
    if (input.length === 0 && !this.#reported) return undefined;
    throw cutOff(input, "a frame and a flag");
  }

  /** Gives up the frame that has begun: the next one begins at the next flag. */
  #lose(refusal: Refusal): void {
    this.#open = false;
    this.#wrong = refusal;
  }

  /** Skips what lies before the next flag, with one report, and the flag. */
  #findFlag(input: ByteQueue): boolean {
    const flagAt = input.indexOf(FLAG);
    const lost = flagAt < 0 ? input.length : flagAt;
    // A report shows the same bytes however they were cut, so it waits for them.
    const { skips } = this.#invalid;
    const known = !skips || flagAt >= 0 || lost >= SHOWN_BYTES;
    if (lost > 0 && known && !this.#reported) {
      const refusal = this.#wrong ?? noFlag(input.frameOffset, input.at(0));
      // Set before `onSkip` is called. Then search again.
      this.#reported = true;
      this.#invalid.refuse(refusal, skips ? input.peek(lost) : undefined);
      return this.#open || this.#findFlag(input);
    }
    if (this.#reported) input.skip(lost);
    if (flagAt < 0) return false;
    input.skip(1);
    input.frameOffset = input.offset;
    this.#open = true;
    this.#reported = false;
    return true;
  }
}

function skipFlags(input: ByteQueue): void {
  while (input.length > 0 && input.at(0) === FLAG) {
    input.skip(1);
    input.frameOffset = input.offset;
  }
}

/** Reads a header without taking it; `undefined` where it is incomplete. */
function readHeader(input: ByteQueue): Header | FrameError | undefined {
  const offset = input.frameOffset;
  if (input.length === 0) return undefined;
  const type = input.at(0) >> 4;
  if (type !== FORMAT_TYPE) {
    return wrongFrame("HEADER_INVALID", "frame format type a", type, offset);
  }
  if (input.length < 2) return undefined;
  const length = input.uintAt(0, 2) & MAX_LENGTH;
  const sourceAt = addressEnd(input, 2);
  if (typeof sourceAt !== "number") return sourceAt;
  const controlAt = addressEnd(input, sourceAt);
  if (typeof controlAt !== "number") return controlAt;
  const end = controlAt + 1;
  // There is a checksum behind the header if the frame does not end with it.
  if (length < end + 2) return tooShort(end + 2, length, offset);
  if (length > end + 2) {
    if (length < end + 4) return tooShort(end + 4, length, offset);
    if (input.length < end + 2) return undefined;
    const error = checksumError(input.peek(end + 2), offset);
    if (error !== undefined) return error;
  }
  return { length, sourceAt, controlAt };
}

/** The index behind the address at `from`, whose last byte is its first odd one. */
function addressEnd(
  input: ByteQueue,
  from: number,
): number | FrameError | undefined {
  for (let at = from; at < from + MAX_ADDRESS_LENGTH; at++) {
    if (at >= input.length) return undefined;
    if (input.at(at) & 1) return at + 1;
  }
  return wrongFrame(
    "HEADER_INVALID",
    `an address of at most ${MAX_ADDRESS_LENGTH} bytes`,
    "a longer one",
    input.frameOffset,
  );
}

function frameOf(bytes: Uint8Array, header: Header): DlmsHdlcFrame {
  const { length, sourceAt, controlAt } = header;
  return {
    segmented: (bytes[0]! << 8 & SEGMENTED) !== 0,
    destination: bytes.subarray(2, sourceAt),
    source: bytes.subarray(sourceAt, controlAt),
    control: bytes[controlAt]!,
    information: bytes.subarray(
      Math.min(controlAt + 3, length - 2),
      length - 2,
    ),
  };
}

function writeFrame(frame: DlmsHdlcFrame, output: ByteWriter): void {
  const { segmented, destination, source, control, information } = frame;
  checkAddress("destination", destination);
  checkAddress("source", source);
  if (!Number.isInteger(control) || control < 0 || control > 255) {
    throw wrongFrame("HEADER_INVALID", "a control byte", control);
  }
  const headerLength = 3 + destination.length + source.length;
  const checksums = information.length > 0 ? 4 : 2;
  const length = headerLength + information.length + checksums;
  if (length > MAX_LENGTH) {
    const most = `at most ${MAX_LENGTH} bytes between the flags`;
    throw wrongFrame("FRAME_TOO_LARGE", most, length);
  }
  const bytes = new Uint8Array(length);
  const format = FORMAT_TYPE << 12 | (segmented ? SEGMENTED : 0) | length;
  bytes.set([format >> 8, format]);
  bytes.set(destination, 2);
  bytes.set(source, 2 + destination.length);
  bytes[headerLength - 1] = control;
  if (information.length > 0) {
    bytes.set(fcs16.compute(bytes.subarray(0, headerLength)), headerLength);
    bytes.set(information, headerLength + 2);
  }
  bytes.set(fcs16.compute(bytes.subarray(0, length - 2)), length - 2);
  output.writeByte(FLAG);
  output.write(bytes);
  output.writeByte(FLAG);
}

function checkAddress(name: string, address: Uint8Array): void {
  const { length } = address;
  const ends = address.findIndex((byte) => byte % 2 === 1) === length - 1;
  if (length > 0 && length <= MAX_ADDRESS_LENGTH && ends) return;
  throw wrongFrame(
    "HEADER_INVALID",
    `a ${name} of 1 to ${MAX_ADDRESS_LENGTH} bytes, only the last one odd`,
    `[${address.join(", ")}]`,
  );
}

/** The error of bytes that do not end with the checksum of the others. */
function checksumError(
  bytes: Uint8Array,
  offset: number,
): FrameError | undefined {
  const content = withoutChecksum(bytes, fcs16, offset);
  return typeof content === "function" ? content() : undefined;
}

function tooShort(least: number, got: number, offset: number): FrameError {
  return wrongFrame("LENGTH_INVALID", `at least ${least} bytes`, got, offset);
}

function noFlag(offset: number, got: number): Refusal {
  return () => wrongFrame("MARK_INVALID", `the flag ${FLAG}`, got, offset);
}

function wrongFrame(
  code: FrameErrorCode,
  expected: string,
  got: number | string,
  offset?: number,
): FrameError {
  return new FrameError(code, {
    reason: "The frame is not as its format says",
    offset,
    expected,
    got: `${got}`,
  });
}
