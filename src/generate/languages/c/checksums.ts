import type { FramedCrc } from "../../../codec/bytes/crc_models.ts";
import { code } from "../../code.ts";
import type { PlannedChecksum } from "../../plan.ts";
import { snakeCase, type Target } from "./target.ts";

/** The name of the function of a checksum. */
export function sumFunction({ p }: Target, { name }: PlannedChecksum): string {
  return `${p}_${snakeCase(name)}_`;
}

/** The functions of the checksums of a format. */
export function checksumFunctions(target: Target): string {
  const { checksums } = target.plan;
  const different = checksums.filter(({ name }, i) =>
    checksums.findIndex((other) => other.name === name) === i
  );
  return different.map((checksum) =>
    code`
      /* Writes the ${checksum.name} of bytes to sum: ${
      checksum.length === 1 ? "1 byte" : `${checksum.length} bytes`
    }. */
      static void ${sumFunction(target, checksum)}(
          const unsigned char *bytes, size_t length, unsigned char *sum)
      {
          ${
      typeof checksum.sum === "string"
        ? bytewise(checksum.sum)
        : crc(checksum.sum)
    }
      }
    `
  ).join("\n\n");
}

function bytewise(sum: "xor" | "add" | "subtract"): string {
  const operator = { xor: "^", add: "+", subtract: "-" }[sum];
  return code`
    unsigned value = 0;

    for (size_t i = 0; i < length; i++) {
        value = value ${operator} bytes[i];
    }
    sum[0] = (unsigned char)value;
  `;
}

/** A CRC that looks up half a byte at a time: its table is small. */
function crc(model: FramedCrc): string {
  const { width, reflected, xorOut } = model;
  const digits = width / 4;
  const hex = (value: number) =>
    `0x${(value >>> 0).toString(16).padStart(digits, "0")}`;
  const rows = Array.from({ length: 4 }, (_, row) =>
    Array.from(
      { length: 4 },
      (_, i) => `${hex(entry(model, 4 * row + i))},`,
    ).join(" "));
  const initial = reflected ? reflect(model.initial, width) : model.initial;
  const steps = reflected
    ? code`
      value ^= bytes[i];
      value = value >> 4 ^ table[value & 15];
      value = value >> 4 ^ table[value & 15];
    `
    : code`
      value ^= (uint32_t)bytes[i] << ${width - 8};
      value = value << 4 ^ table[value >> ${width - 4} & 15];
      value = value << 4 ^ table[value >> ${width - 4} & 15];
    `;
  const bytes = Array.from({ length: width / 8 }, (_, i) => {
    const shift = 8 * (model.endian === "little" ? i : width / 8 - 1 - i);
    return `sum[${i}] = (unsigned char)${
      shift === 0 ? "value" : `(value >> ${shift})`
    };`;
  });
  return code`
    static const uint32_t table[16] = {
        ${rows.join("\n")}
    };
    uint32_t value = ${hex(initial)};

    for (size_t i = 0; i < length; i++) {
        ${steps}
    }
    ${xorOut !== 0 && `value ^= ${hex(xorOut)};`}
    ${bytes.join("\n")}
  `;
}

/** What four bits do to the register. */
function entry(
  { width, polynomial, reflected }: FramedCrc,
  bits: number,
): number {
  const top = 2 ** (width - 1);
  const turned = reflect(polynomial, width);
  let value = reflected ? bits : bits * 2 ** (width - 4);
  for (let i = 0; i < 4; i++) {
    if (reflected) value = value & 1 ? (value >>> 1) ^ turned : value >>> 1;
    else {
      const isSet = value >= top;
      value = value * 2 % 2 ** width;
      if (isSet) value ^= polynomial;
    }
    value >>>= 0;
  }
  return value;
}

function reflect(value: number, width: number): number {
  let reflected = 0;
  for (let bit = 0; bit < width; bit++) {
    if (value & (1 << bit)) reflected |= 1 << (width - 1 - bit);
  }
  return reflected >>> 0;
}
