import { describeCodec, limitNames, recoveryNames } from "../description.ts";
import { type EscapedOptions, stuffed } from "./stuffed.ts";
import type { Codec } from "../types.ts";

/** Options of {@linkcode slip}. */
export interface SlipOptions extends EscapedOptions {}

/**
 * SLIP (RFC 1055, <https://www.rfc-editor.org/rfc/rfc1055>): frames end with
 * `c0`; in a frame, `c0` is written as `db dc` and `db` as `db dd`. The decoder
 * ignores empty frames, so the encoder refuses them.
 *
 * @example
 * ```ts
 * import { slip } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = slip();
 * const bytes = codec.encode(Uint8Array.of(1, 0xc0, 0xdb));
 * assertEquals(bytes, Uint8Array.of(1, 0xdb, 0xdc, 0xdb, 0xdd, 0xc0));
 * assertEquals(codec.decode(bytes), [Uint8Array.of(1, 0xc0, 0xdb)]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MARK_INVALID` if
 * an unknown byte follows an escape (the program in RFC 1055 takes such a byte as it
 * is: `unknownEscapes: "keep"`), and `LENGTH_INVALID` if the encoder is given an empty
 * frame.
 *
 * With `onInvalid: "skip"`, the decoder passes over all that lies before the next
 * `c0`: of `41 db 42 c0 43 c0` it reports the frame `41 db 42` and hands out `43`. SLIP
 * has no checksum, so most damage makes another frame and not one that is not valid:
 * see `checksum`. A `c0` that got lost joins two frames, which may be too large together:
 * see `onOversize`.
 *
 * @param options The limit, and what to do with frames that are not valid.
 * @returns The codec.
 * @throws {TypeError} If an option has none of its values.
 * @throws {RangeError} If the limit is not a whole number.
 */
export function slip(options: SlipOptions = {}): Codec<Uint8Array> {
  const description = describeCodec("slip", options, [
    ...limitNames,
    ...recoveryNames,
    "copy",
    "endFirst",
    "unknownEscapes",
  ]);
  const codec = stuffed({
    ...options,
    end: 0xc0,
    escape: 0xdb,
    map: { 0xc0: 0xdc, 0xdb: 0xdd },
  });
  return { ...codec, name: "slip", description };
}
