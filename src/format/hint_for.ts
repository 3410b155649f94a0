import type { FrameError } from "../codec/errors.ts";
import { contents } from "./hints/contents.ts";
import { evidenceOf, type Recogniser } from "./hints/evidence.ts";
import { lengths } from "./hints/lengths.ts";
import { protocols } from "./hints/protocols.ts";
import { texts } from "./hints/texts.ts";

/** The causes that can be told, in the order in which they are tried. */
const recognisers: readonly Recogniser[] = [
  ...protocols,
  ...contents,
  ...lengths,
  ...texts,
];

/**
 * Returns the likely cause of an error: what the peer seems to send instead of frames
 * of this format, and the bytes that show it. It is for people: the text may change.
 *
 * It knows the other byte order, a length of another size, in digits, or one that counts
 * itself; peers that speak another protocol, such as TLS, HTTP or SSH; compressed bytes,
 * text in another encoding, and JSON or lines where a length was expected. Where the
 * bytes do not show the cause, it returns nothing.
 *
 * @example
 * ```ts
 * import { FrameError, lengthPrefixed } from "@framewire/framewire/codec";
 * import { hintFor } from "@framewire/framewire/format";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(5, 0, 0, 0, 0x68, 0x65, 0x6c, 0x6c, 0x6f);
 * try {
 *   lengthPrefixed().decode(bytes);
 * } catch (error) {
 *   assert(error instanceof FrameError);
 *   assertEquals(
 *     hintFor(error, bytes),
 *     "The bytes 05 00 00 00 are 5 in little-endian, 83886080 in big-endian: the peer writes numbers in the other byte order",
 *   );
 * }
 * ```
 *
 * @param error The error of a decoder.
 * @param bytes The first bytes of the stream. 64 are enough for most causes; at most
 * 1,024 are looked at. They matter as long as the error is among them: behind them, only
 * the `bytes` of the error count. A decoder that fails with its first frame has them
 * still: `decoder.takeUnread(64)`, unless the content is what is not valid.
 * @returns A sentence, or `undefined` if the bytes do not show the cause.
 */
export function hintFor(
  error: FrameError,
  bytes: Uint8Array,
): string | undefined {
  const { offset } = error;
  // The error of an encoder is the program's own.
  if (offset === undefined) return undefined;
  const evidence = evidenceOf(error, offset, bytes);
  for (const { recognise } of recognisers) {
    const hint = recognise(evidence);
    if (hint !== undefined) return hint;
  }
  return undefined;
}
