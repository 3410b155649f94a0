import { code } from "../../code.ts";
import type { VarintFraming } from "../../plan.ts";
import { fails } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import {
  headedFields,
  headedForgets,
  headedReads,
  lengthType,
} from "./headed.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import type { Target } from "./target.ts";

/** The code of frames that begin with their length in seven bits a byte. */
export function varintCode(
  target: Target,
  framing: VarintFraming,
): FramingCode {
  const body = bodyLength(target);
  const isZigzag = framing.encoding === "zigzag";
  return {
    fields: headedFields(target),
    forgets: headedForgets(target),
    ...target.plan.limit.skips && { waits: "bytes" as const },
    reads: headedReads(target, {
      least: 1,
      varies: true,
      header: reads(target, framing),
      before: "header",
      type: lengthType(target),
    }),
    encoding: {
      checks: code`
        ${checksLimit(target)}
        size_t header = 1;
        ${
        isZigzag
          ? `const uint64_t value = 2 * (uint64_t)${body};`
          : `const uint64_t value = ${body};`
      }

        while (header < 10 && value >> (7 * header) != 0) {
            header++;
        }
      `,
      before: "header",
      behind: "0",
      head: code`
        for (size_t i = 0; i < header; i++) {
            at[i] = (unsigned char)(value >> (7 * ${
        framing.encoding === "vlq" ? "(header - 1 - i)" : "i"
      }) & 0x7f);
            if (i + 1 < header) {
                at[i] |= 0x80;
            }
        }
      `,
    },
  };
}

/** Statements that read the length at `bytes`, and define `header` and `length`. */
function reads(target: Target, framing: VarintFraming): string {
  const { encoding, acceptsOverlong, maxLengthBytes } = framing;
  const isVlq = encoding === "vlq";
  const type = lengthType(target);
  const name = encoding === "zigzag" ? "value" : "length";
  const add = isVlq
    ? code`
      ${name} = ${name} << 7 | (bytes[i] & 0x7f);
    `
    : `${name} |= (${type})(bytes[i] & 0x7f) << (7 * i);`;
  // Ten bytes have 70 bits: what needs more than 63 is over every limit.
  const addTen = isVlq
    ? code`
      if (${name} > UINT64_MAX >> 8) {
          ${name} = UINT64_MAX / 2; /* more than any limit */
      } else {
          ${add}
      }
    `
    : code`
      if (i == 9 && bytes[i] > 0) {
          ${name} = UINT64_MAX / 2; /* more than any limit */
      } else {
          ${add}
      }
    `;
  return code`
    ${type} ${name} = 0;
    size_t header = 0;

    for (size_t i = 0; i < unread && header == 0; i++) {
        ${maxLengthBytes === 10 ? addTen : add}
        if (bytes[i] < 0x80) {
            header = i + 1;
        } else if (i == ${maxLengthBytes - 1}) {
            ${
    fails(target, {
      code: "VARINT_OVERLONG",
      text:
        `The length is too long in bytes: expected at most ${maxLengthBytes} bytes, got more`,
    })
  }
        }
    }
    ${
    !acceptsOverlong && maxLengthBytes > 1 && code`
      if (header > 1 && ${
      isVlq ? "bytes[0] == 0x80" : "bytes[header - 1] == 0"
    }) {
          ${
      fails(target, {
        code: "VARINT_OVERLONG",
        text:
          "The length is too long in bytes: expected the shortest form of the length, got a longer",
      })
    }
      }
    `
  }
    ${
    encoding === "zigzag" && code`
      if (header > 0 && (bytes[0] & 1) != 0) {
          ${
      fails(target, {
        code: "LENGTH_INVALID",
        text: "The length is negative: expected at least 0, got -%llu",
        values: ["value / 2 + 1"],
      })
    }
      }

      ${type} length = value / 2;
    `
  }
  `;
}
