import { code } from "../../code.ts";
import type { CobsFraming, Plan } from "../../plan.ts";
import { limitsOf } from "./limits.ts";
import type { FramingPart } from "./part.ts";
import {
  findEnd,
  readStuffed,
  stuffedLimit,
  stuffedState,
} from "./stuffed_reader.ts";

/** The maximum number of bytes of a block without a zero. */
const FULL_BLOCK = 254;

/** Frames in which zeros are replaced by the distances between them. */
export function cobsPart(
  { limit }: Plan,
  { skipsInvalid }: CobsFraming,
): FramingPart {
  const { maxFrameLength: most, maxEncodedLength } = limit;
  const limits = limitsOf(most, maxEncodedLength);
  // One byte for each full block, one for the last, and one that may be extra.
  const maxStuffedLength = most + Math.floor(most / FULL_BLOCK) + 1;
  return {
    picture: "blocks of a code and up to 254 bytes without zeros (COBS), 00",
    constants: code`
      ${limits.constants}

      private static final byte END_BYTE = 0;

      ${stuffedLimit(maxStuffedLength)}
    `,
    state: stuffedState(limit),
    read: readStuffed(
      limit,
      skipsInvalid,
      "a block that goes beyond the frame",
    ),
    methods: code`
      ${findEnd}

      // Returns the content of blocks; null if one goes beyond the frame.
      private static byte[] unstuff(byte[] stuffed) {
          byte[] content = new byte[stuffed.length];
          int length = 0;
          int at = 0;
          while (at < stuffed.length) {
              int code = stuffed[at] & 0xff;
              if (at + code > stuffed.length) {
                  return null;
              }
              System.arraycopy(stuffed, at + 1, content, length, code - 1);
              length += code - 1;
              at += code;
              if (code < 255 && at < stuffed.length) {
                  length++; // A zero.
              }
          }
          return Arrays.copyOf(content, length);
      }
    `,
    reset: "searched = 0;",
    encode: code`
      ${limits.checkEncoded()}

      byte[] bytes = new byte[frame.length + frame.length / 254 + 2];
      int code = 0; // Where the code of the current block stands.
      int at = 1;
      for (int i = 0; i < frame.length; i++) {
          if (frame[i] != 0) {
              bytes[at] = frame[i];
              at++;
          }
          boolean isFull = at - code == 255 && i + 1 < frame.length;
          if (frame[i] == 0 || isFull) {
              bytes[code] = (byte) (at - code);
              code = at;
              at++;
          }
      }
      bytes[code] = (byte) (at - code);
      return Arrays.copyOf(bytes, at + 1); // The zero ends the frame.
    `,
  };
}
