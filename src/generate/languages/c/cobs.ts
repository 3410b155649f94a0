import { code } from "../../code.ts";
import type { CobsFraming } from "../../plan.ts";
import type { FramingCode } from "./framing_code.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import { constant, type Target } from "./target.ts";
import { readsStuffed, stuffedFields, stuffedForgets } from "./stuffing.ts";

/** The code of COBS frames. */
export function cobsCode(
  target: Target,
  { skipsInvalid }: CobsFraming,
): FramingCode {
  const { p, plan: { limit: { maxFrameLength } } } = target;
  const body = bodyLength(target);
  return {
    fields: stuffedFields(target),
    forgets: stuffedForgets(target),
    functions: code`
      /* Takes the lengths of the blocks out of a frame, in its place. */
      static bool ${p}_unstuff_(unsigned char *bytes, size_t length, size_t *plain)
      {
          size_t from = 0;
          size_t to = 0;

          while (from < length) {
              const size_t block = bytes[from];

              if (block > length - from) {
                  return false;
              }
              memmove(bytes + to, bytes + from + 1, block - 1);
              to += block - 1;
              from += block;
              if (block < 255 && from < length) {
                  bytes[to++] = 0;
              }
          }
          *plain = to;
          return true;
      }
    `,
    waits: "words",
    reads: readsStuffed(target, {
      end: "0",
      // A byte for each full block, one for the last, and one that may be extra.
      most: constant(
        BigInt(maxFrameLength) + BigInt(maxFrameLength) / 254n + 1n,
      ),
      skipsInvalid,
      got: "a block that goes beyond the frame",
    }),
    encoding: {
      checks: checksLimit(target),
      most: `${body} + ${body} / 254 + 2`,
      writes: code`
        unsigned char *block = end++; /* where its length goes */

        for (size_t i = 0; i < ${body}; i++) {
            if (end - block == 255) { /* it is full, and more follows */
                *block = 255;
                block = end++;
            }
            if (source[i] == 0) {
                *block = (unsigned char)(end - block);
                block = end++;
            } else {
                *end++ = source[i];
            }
        }
        *block = (unsigned char)(end - block);
        *end++ = 0;
      `,
    },
  };
}
