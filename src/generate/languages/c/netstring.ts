import { code } from "../../code.ts";
import type { NetstringFraming } from "../../plan.ts";
import { fails, tooLarge } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import {
  headedFields,
  headedForgets,
  headedReads,
  lengthType,
} from "./headed.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import type { Target } from "./target.ts";

/** The code of netstrings. */
export function netstringCode(
  target: Target,
  { maxDigits }: NetstringFraming,
): FramingCode {
  const body = bodyLength(target);
  const type = lengthType(target);
  return {
    fields: headedFields(target),
    forgets: headedForgets(target),
    ...target.plan.limit.skips && { waits: "bytes" as const },
    reads: headedReads(target, {
      least: 1,
      varies: true,
      header: code`
        ${type} length = 0;
        size_t header = 0;

        for (size_t i = 0; i < unread && header == 0; i++) {
            unsigned digit = (unsigned)bytes[i] - '0';

            if (bytes[i] == ':' && i > 0) {
                header = i + 1;
            } else if (digit > 9 || (i == 1 && length == 0)) {
                ${
        fails(target, {
          code: "LENGTH_INVALID",
          text:
            "The length is not written as it must be: expected decimal digits without leading zeros, and a colon, got the byte 0x%02llx at byte %llu",
          values: ["bytes[i]", "i"],
        })
      }
            } else if (i == ${maxDigits}) {
                ${fails(target, tooLarge(target))}
            } else {
                length = 10 * length + digit;
            }
        }
      `,
      before: "header",
      type,
      behind: 1,
      checksBehind: (needed) =>
        code`
          if (bytes[${needed} - 1] != ',') {
              ${
          fails(target, {
            code: "MARK_INVALID",
            text:
              "The terminator is wrong: expected the byte 0x2c, got 0x%02llx",
            values: [`bytes[${needed} - 1]`],
          })
        }
          }
        `,
    }),
    encoding: {
      checks: code`
        ${checksLimit(target)}
        char header[24];
        const size_t header_length =
            (size_t)snprintf(header, sizeof header, "%zu:", ${body});
      `,
      before: "header_length",
      behind: "1",
      head: "memcpy(at, header, header_length);",
      tail: `at[header_length + ${body}] = ',';`,
    },
  };
}
