import { code } from "../../code.ts";
import type { LengthFraming } from "../../plan.ts";

/** A value of the length field that is over every limit, in bytes. */
const ENDLESS = 2n ** 62n;

/** What the digits of a length are called. */
export const digitNames: Readonly<
  Record<LengthFraming["lengthEncoding"], string>
> = {
  binary: "bytes",
  decimal: "decimal digits",
  hex: "hexadecimal digits",
  bcd: "bytes of binary-coded decimal",
};

/** How the field is read at `start`: an expression, and the method that it calls. */
export function readField(
  framing: LengthFraming,
  type: "int" | "long",
): { value: string; method: string } {
  const { lengthBytes, lengthEncoding, littleEndian, lengthOffset } = framing;
  const at = (index: number) =>
    `buffer[start${index === 0 ? "" : ` + ${index}`}] & 0xff`;
  if (lengthEncoding === "binary" && lengthBytes <= 2) {
    const [high, low] = littleEndian
      ? [lengthOffset + 1, lengthOffset]
      : [lengthOffset, lengthOffset + 1];
    return {
      value: lengthBytes === 1
        ? at(lengthOffset)
        : `((${at(high)}) << 8) | (${at(low)})`,
      method: "",
    };
  }
  return {
    value: "readLength()",
    method: lengthEncoding === "binary"
      ? readBinary(framing, type)
      : readDigits(framing, type),
  };
}

/** The head of a loop over the bytes of the field, the highest first, or the lowest. */
function loop(
  { lengthBytes, lengthOffset, littleEndian }: LengthFraming,
  highestFirst: boolean,
): string {
  const last = lengthOffset + lengthBytes - 1;
  return highestFirst !== littleEndian
    ? `for (int i = ${lengthOffset}; i <= ${last}; i++)`
    : `for (int i = ${last}; i >= ${lengthOffset}; i--)`;
}

function readBinary(framing: LengthFraming, type: "int" | "long"): string {
  const cap = capOf(framing);
  return code`
    // The number in the length field.
    private ${type} readLength() {
        ${cap === undefined ? type : "long"} value = 0;
        ${loop(framing, true)} {
            value = (value << 8) | (buffer[start + i] & 0xff);
        }
        ${returned(cap)}
    }
  `;
}

const digitValues = {
  decimal: {
    base: 10,
    digit: `
int digit = buffer[start + i] - '0';
if (digit < 0 || digit > 9)`,
  },
  hex: {
    base: 16,
    digit: `
int digit = Character.digit(buffer[start + i] & 0xff, 16);
if (digit < 0)`,
  },
  bcd: {
    base: 100,
    digit: `
int high = (buffer[start + i] & 0xff) >> 4;
int low = buffer[start + i] & 15;
int digit = 10 * high + low;
if (high > 9 || low > 9)`,
  },
};

function readDigits(framing: LengthFraming, type: "int" | "long"): string {
  const { lengthEncoding } = framing;
  if (lengthEncoding === "binary") return "";
  const { base, digit } = digitValues[lengthEncoding];
  const cap = capOf(framing);
  return code`
    // The number in the length field, or -1 if it is not in digits.
    private ${type} readLength() {
        ${cap === undefined ? type : "long"} value = 0;
        ${loop(framing, true)} {
            ${digit.trimStart()} {
                return -1;
            }
            value = value * ${base} + digit;
        }
        ${returned(cap)}
    }
  `;
}

/** Over which value of the field its length in bytes is too long for 64 bits. */
function capOf(
  { mostOfField, lengthUnit }: LengthFraming,
): bigint | undefined {
  const unit = BigInt(lengthUnit);
  return mostOfField * unit > ENDLESS ? ENDLESS / unit : undefined;
}

function returned(cap: bigint | undefined): string {
  return cap === undefined ? "return value;" : code`
    // What is more is over the limit, too; below 0 are numbers of 64 bits.
    return value < 0 ? ${`${cap}`}L : Math.min(value, ${`${cap}`}L);
  `;
}

/** Statements that write `value`, a variable or number, into the field of `bytes`. */
export function writeField(framing: LengthFraming, value: string): string {
  const { lengthBytes, lengthEncoding, littleEndian, lengthOffset } = framing;
  const { headerLength, stripBytes } = framing;
  if (lengthEncoding === "binary" && lengthBytes <= 2) {
    const low = lengthOffset + (littleEndian ? 0 : lengthBytes - 1);
    const high = lengthOffset + (littleEndian ? 1 : 0);
    const operand = /^[\w.]+$/.test(value) ? value : `(${value})`;
    return code`
      ${lengthBytes === 2 && `bytes[${high}] = (byte) (${operand} >> 8);`}
      bytes[${low}] = (byte) ${operand};
    `;
  }
  const isInFrame = stripBytes < headerLength;
  const hexDigit = "(byte) Character.forDigit((int) (rest % 16), 16)";
  const write = {
    binary: "bytes[i] = (byte) rest;\nrest >>= 8;",
    decimal: "bytes[i] = (byte) ('0' + rest % 10);\nrest /= 10;",
    hex: isInFrame
      ? `// A frame that includes its length may have it in upper case.
if (Character.toLowerCase(bytes[i] & 0xff) != Character.forDigit((int) (rest % 16), 16)) {
    bytes[i] = ${hexDigit};
}
rest /= 16;`
      : `bytes[i] = ${hexDigit};\nrest /= 16;`,
    bcd:
      "bytes[i] = (byte) (((rest / 10 % 10) << 4) | (rest % 10));\nrest /= 100;",
  };
  return code`
    long rest = ${value};
    ${loop(framing, false)} {
        ${write[lengthEncoding]}
    }
  `;
}
