import { code } from "../../code.ts";
import type { StuffedFraming } from "../../plan.ts";
import { refuses } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import { byteConstant, constant, type Target } from "./target.ts";
import { readsStuffed, stuffedFields, stuffedForgets } from "./stuffing.ts";

/** The code of frames in which bytes are escaped. */
export function stuffedCode(
  target: Target,
  framing: StuffedFraming,
): FramingCode {
  const { end, endFirst } = framing;
  const body = bodyLength(target);
  const endByte = byteConstant(end);
  return {
    fields: stuffedFields(target),
    forgets: stuffedForgets(target),
    functions: unstuff(target, framing),
    waits: "words",
    reads: readsStuffed(target, {
      end: endByte,
      // Every byte may have been escaped.
      most: constant(2n * BigInt(target.plan.limit.maxFrameLength)),
      skipsInvalid: framing.skipsInvalid,
      got: "an escape followed by another byte",
    }),
    encoding: {
      checks: code`
        ${checksLimit(target)}
        ${
        body === "length" && code`
          if (${body} == 0) {
              ${
          refuses(target, {
            code: "LENGTH_INVALID",
            text:
              "An empty frame would be passed over: expected at least 1 byte, got 0 bytes",
          })
        }
          }
        `
      }
      `,
      most: `2 * ${body} + ${endFirst ? 2 : 1}`,
      writes: code`
        ${endFirst && `*end++ = ${endByte};`}
        for (size_t i = 0; i < ${body}; i++) {
            switch (source[i]) {
            ${escapes(framing)}
            default:
                *end++ = source[i];
            }
        }
        *end++ = ${endByte};
      `,
    },
  };
}

/** The cases of the bytes that are escaped. */
function escapes({ escape, written, xor }: StuffedFraming): string {
  if (xor !== undefined) {
    return code`
      ${written.map(([byte]) => `case ${byteConstant(byte)}:`).join("\n")}
          *end++ = ${byteConstant(escape)};
          *end++ = source[i] ^ ${byteConstant(xor)};
          break;
    `;
  }
  return written.map(([byte, replacement]) =>
    code`
      case ${byteConstant(byte)}:
          *end++ = ${byteConstant(escape)};
          *end++ = ${byteConstant(replacement)};
          break;
    `
  ).join("\n");
}

/** The function that takes the escapes out of a frame. */
function unstuff(
  { p }: Target,
  { escape, written, xor, keepsUnknown }: StuffedFraming,
): string {
  const original = xor === undefined
    ? code`
      switch (bytes[from]) {
      ${
      written.map(([byte, replacement]) =>
        code`
          case ${byteConstant(replacement)}:
              byte = ${byteConstant(byte)};
              break;
        `
      ).join("\n")
    }
      default:
          ${keepsUnknown ? "byte = bytes[from];" : "return false;"}
      }
    `
    : `byte = bytes[from] ^ ${byteConstant(xor)};`;
  return code`
    /* Takes the escapes out of a frame, in its place. */
    static bool ${p}_unstuff_(unsigned char *bytes, size_t length, size_t *plain)
    {
        size_t to = 0;

        for (size_t from = 0; from < length; from++) {
            unsigned char byte = bytes[from];

            if (byte == ${byteConstant(escape)}) {
                if (++from == length) {
                    return false;
                }
                ${original}
            }
            bytes[to++] = byte;
        }
        *plain = to;
        return true;
    }
  `;
}
