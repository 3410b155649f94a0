import { x25Model } from "../bytes/crc_models.ts";
import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import { checkChoice } from "../../checks.ts";
import { crc32, crcChecksum, crcOf } from "../bytes/crc.ts";
import { withoutChecksum } from "../bytes/trailing_checksum.ts";
import { readerCodec } from "../define_codec.ts";
import { emptyFrame } from "./stuffed.ts";
import { escapesOf, withoutEscapes, writeEscaped } from "../bytes/escapes.ts";
import { frameLimit } from "../bytes/limits.ts";
import { recovery } from "../bytes/recovery.ts";
import {
  StuffedReader,
  type Stuffing,
  stuffingInvalid,
} from "../bytes/stuffed_reader.ts";
import type {
  ByteFrameOptions,
  Checksum,
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../types.ts";

const FLAG = 0x7e;
const ESCAPE = 0x7d;
const XOR = 0x20;

/** The bytes of the control characters. */
const CONTROLS: readonly number[] = Array.from({ length: 32 }, (_, i) => i);

/** The FCS-16 of RFC 1662, appendix C.2. */
export const fcs16: Checksum = crcChecksum(crcOf(x25Model), 2, "little");

const checks: Readonly<Record<NonNullable<HdlcOptions["fcs"]>, Checksum>> = {
  fcs16,
  fcs32: crcChecksum(crc32, 4, "little"),
  none: crcChecksum(() => 0, 0, "little"),
};

/** Options of {@linkcode hdlc}. */
export interface HdlcOptions
  extends FrameLimitOptions, RecoveryOptions, ByteFrameOptions {
  /**
   * The frame check sequence behind the content of each frame: two bytes, four, or
   * none. The frame `41` is `7e 41 f5 a3 7e` with `"fcs16"`, and `7e 41 7e` with
   * `"none"`.
   *
   * @default {"fcs16"}
   */
  fcs?: "fcs16" | "fcs32" | "none";
  /**
   * Whether the encoder escapes all bytes below `20`, as PPP does until the two sides
   * have agreed on less (the default of its Async-Control-Character-Map). Then the byte
   * `11` is written as `7d 31`. The decoder reads both.
   *
   * @default {false}
   */
  escapeControls?: boolean;
}

/**
 * HDLC framing for lines that carry bytes, as PPP uses it (RFC 1662, sections 3, 4 and
 * appendix C, <https://www.rfc-editor.org/rfc/rfc1662>). A flag, `7e`, stands before
 * and behind each frame. In a frame, `7e` is written as `7d 5e` and `7d` as `7d 5d`: an
 * escape, and the byte with bit `20` changed. A frame ends with a checksum of its
 * content, the lowest byte first, which is not handed out: FCS-16 (CRC-16/X-25) or
 * FCS-32 (CRC-32). The content is handed out as it is; PPP's begins with `ff 03`.
 *
 * The encoder writes both flags of each frame. The decoder takes any number of flags
 * between two frames: one that both share, or many.
 *
 * @example
 * ```ts
 * import { hdlc } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = hdlc();
 * const bytes = codec.encode(Uint8Array.of(0x7e));
 * assertEquals(bytes, Uint8Array.of(0x7e, 0x7d, 0x5e, 0x81, 0x6a, 0x7e));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(0x7e)]);
 * ```
 *
 * A frame that ends with an escape, `7d 7e`, has been aborted by its sender. As the RFC
 * says, it is discarded and is no error.
 *
 * Errors of its frames: `CHECKSUM_MISMATCH`, also if a frame is too short for its
 * checksum; `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, and with `fcs: "none"`
 * `LENGTH_INVALID` if the encoder is given an empty frame, which the decoder would take
 * for two flags. What arrives before the first flag is a frame like any other, mostly
 * one with a wrong checksum.
 *
 * With `onInvalid: "skip"`, the decoder passes over all that lies before the next flag:
 * of `41 42 43 7e 41 f5 a3 7e` it reports the noise before the first flag with
 * `CHECKSUM_MISMATCH`, and hands out `41`. Aborted frames are reported then, too, with
 * `MARK_INVALID`. A flag that got lost joins two frames, which may be too large
 * together: see `onOversize`.
 *
 * @param options The checksum, the limit, and what to do with frames that are not valid.
 * @returns The codec.
 * @throws {TypeError} If an option has none of its values.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function hdlc(options: HdlcOptions = {}): Codec<Uint8Array> {
  const description = describeCodec("hdlc", options, [
    ...limitNames,
    ...recoveryNames,
    "copy",
    "fcs",
    "escapeControls",
  ]);
  const { fcs = "fcs16", escapeControls = false } = options;
  checkChoice("fcs", fcs, ["fcs16", "fcs32", "none"]);
  const check = checks[fcs];
  const escapes = escapesOf(FLAG, ESCAPE, {
    xor: XOR,
    also: escapeControls ? CONTROLS : [],
  });
  const limit = frameLimit(options);
  const { maxFrameLength } = limit;
  const invalid = recovery(options);
  const stuffing: Stuffing = {
    end: FLAG,
    // Every byte may have to be escaped.
    maxStuffedLength: 2 * (maxFrameLength + check.length),
    limit,
    copy: options.copy ?? false,
    unstuff(bytes, offset) {
      const frame = withoutEscapes(bytes, escapes);
      if (frame === undefined) {
        return stuffingInvalid("a frame that its sender has aborted", offset);
      }
      return withoutChecksum(frame, check, offset);
    },
    refuse(refusal, bytes) {
      if (invalid.skips) return invalid.refuse(refusal, bytes);
      const error = refusal();
      const aborted = error.code === "MARK_INVALID";
      if (!aborted) invalid.refuse(() => error, bytes);
    },
  };
  return {
    ...readerCodec({
      name: "hdlc",
      reader: () => new StuffedReader(stuffing),
      encoder: {
        encode(frame, output) {
          limit.checkEncoded(frame.length);
          if (frame.length + check.length === 0) throw emptyFrame();
          output.writeByte(FLAG);
          writeEscaped(frame, escapes, output);
          writeEscaped(check.compute(frame), escapes, output);
          output.writeByte(FLAG);
        },
      },
    }),
    description,
  };
}
