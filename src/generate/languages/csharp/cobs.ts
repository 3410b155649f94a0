import { code } from "../../code.ts";
import type { CobsFraming, Plan } from "../../plan.ts";
import { type FramingPart, MAX_INT, maxFrameLength } from "./part.ts";
import { checkEncoded } from "./refusals.ts";
import { readStuffed, stuffedState } from "./stuffed_reader.ts";

/** The maximum number of bytes of a block without a zero. */
const FULL_BLOCK = 254;

/** Frames in which zeros are replaced by the distances between them. */
export function cobsPart(
  { limit }: Plan,
  { skipsInvalid }: CobsFraming,
): FramingPart {
  const { maxFrameLength: most, maxEncodedLength } = limit;
  // One byte for each full block, one for the last, and one that may be extra.
  const maxStuffedLength = most + Math.floor(most / FULL_BLOCK) + 1;
  return {
    picture: "blocks of a code and up to 254 bytes without zeros (COBS), 00",
    state: code`
      ${maxFrameLength(most, "to decode")}

      private const byte EndByte = 0;

      ${stuffedState(limit, maxStuffedLength)}
    `,
    read: readStuffed(
      limit,
      skipsInvalid,
      "a block that goes beyond the frame",
    ),
    methods: code`
      // Returns the content of blocks; null if one goes beyond the frame.
      private static byte[] Unstuff(byte[] stuffed)
      {
          var content = new byte[stuffed.Length];
          int length = 0;
          int at = 0;
          while (at < stuffed.Length)
          {
              int code = stuffed[at];
              if (at + code > stuffed.Length)
              {
                  return null;
              }

              Buffer.BlockCopy(stuffed, at + 1, content, length, code - 1);
              length += code - 1;
              at += code;
              if (code < 255 && at < stuffed.Length)
              {
                  content[length++] = 0;
              }
          }

          Array.Resize(ref content, length);
          return content;
      }
    `,
    reset: "_searched = 0;",
    encoderState: maxEncodedLength < MAX_INT
      ? maxFrameLength(maxEncodedLength, "to encode")
      : "",
    encode: code`
      ${checkEncoded(maxEncodedLength)}

      var bytes = new byte[frame.Length + frame.Length / 254 + 2];
      int code = 0; // Where the code of the current block stands.
      int at = 1;
      for (int i = 0; i < frame.Length; i++)
      {
          if (frame[i] != 0)
          {
              bytes[at++] = frame[i];
          }

          bool isFull = at - code == 255 && i + 1 < frame.Length;
          if (frame[i] == 0 || isFull)
          {
              bytes[code] = (byte)(at - code);
              code = at++;
          }
      }

      bytes[code] = (byte)(at - code);
      at++; // The zero that ends the frame.
      Array.Resize(ref bytes, at);
      return bytes;
    `,
  };
}
