import { code } from "../../code.ts";
import type { LengthFraming } from "../../plan.ts";
import { fails } from "./errors.ts";
import type { Target } from "./target.ts";

/** The function that lengths in digits need. */
export function digitFunctions(
  { p }: Target,
  { lengthEncoding }: LengthFraming,
): string {
  if (lengthEncoding !== "hex") return "";
  return code`
    /* The value of a hexadecimal digit; 16 for another byte. */
    static unsigned ${p}_digit_(unsigned char byte)
    {
        if (byte >= '0' && byte <= '9') {
            return (unsigned)byte - '0';
        }
        byte |= 0x20; /* in lower case */
        return byte >= 'a' && byte <= 'f' ? (unsigned)byte - 'a' + 10 : 16;
    }
  `;
}

/** Statements that read a length in digits. */
export function readsDigits(
  target: Target,
  { lengthEncoding, lengthOffset, lengthBytes }: LengthFraming,
  type: string,
  name: string,
): string {
  const at = lengthOffset === 0 ? "bytes[i]" : `bytes[${lengthOffset} + i]`;
  const wrong = fails(target, {
    code: "LENGTH_INVALID",
    text:
      `The length is not in digits: expected ${lengthBytes} bytes of digits, got the byte 0x%02llx among them`,
    values: [at],
  });
  const digit = {
    decimal: `(unsigned)${at} - '0'`,
    hex: `${target.p}_digit_(${at})`,
    bcd: "",
    binary: "",
  }[lengthEncoding];
  const base = lengthEncoding === "hex" ? 16 : 10;
  const reading = lengthEncoding === "bcd"
    ? code`
      unsigned high = ${at} >> 4;
      unsigned low = ${at} & 15;

      if (high > 9 || low > 9) {
          ${wrong}
      }
      ${name} = ${name} * 100 + high * 10 + low;
    `
    : code`
      unsigned digit = ${digit};

      if (digit >= ${base}) {
          ${wrong}
      }
      ${name} = ${name} * ${base} + digit;
    `;
  return code`
    ${type} ${name} = 0;

    for (size_t i = 0; i < ${lengthBytes}; i++) {
        ${reading}
    }
  `;
}

/** Statements that write a length in digits. */
export function writesDigits(
  framing: LengthFraming,
  units: string,
): string {
  const { lengthEncoding, lengthOffset, lengthBytes } = framing;
  const at = lengthOffset === 0 ? "at[i]" : `at[${lengthOffset} + i]`;
  const write = {
    decimal: code`
      ${at} = (unsigned char)('0' + value % 10);
      value /= 10;
    `,
    hex: hexDigit(framing, at),
    bcd: code`
      ${at} = (unsigned char)(value / 10 % 10 << 4 | value % 10);
      value /= 100;
    `,
    binary: "",
  }[lengthEncoding];
  return code`
    uint64_t value = ${units};

    for (size_t i = ${lengthBytes}; i-- > 0;) {
        ${write}
    }
  `;
}

function hexDigit(
  { stripBytes, headerLength }: LengthFraming,
  at: string,
): string {
  if (stripBytes >= headerLength) {
    return code`
      ${at} = (unsigned char)"0123456789abcdef"[value % 16];
      value /= 16;
    `;
  }
  return code`
    /* A digit that is there in upper case stays. */
    if (${at} != (unsigned char)"0123456789ABCDEF"[value % 16]) {
        ${at} = (unsigned char)"0123456789abcdef"[value % 16];
    }
    value /= 16;
  `;
}
