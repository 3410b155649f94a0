import { code } from "../../code.ts";
import type { LengthFraming } from "../../plan.ts";
import { fails, refuses } from "./errors.ts";
import type { FramingCode } from "./framing_code.ts";
import {
  headedFields,
  headedForgets,
  headedReads,
  lengthType,
} from "./headed.ts";
import { digitFunctions, readsDigits, writesDigits } from "./digits.ts";
import { bodyLength, checksLimit } from "./limits.ts";
import {
  constant,
  mostLength,
  plus,
  sumLength,
  type Target,
} from "./target.ts";

/** The code of frames that begin with their length. */
export function lengthCode(
  target: Target,
  framing: LengthFraming,
): FramingCode {
  const { stripBytes, headerLength } = framing;
  return {
    fields: headedFields(target),
    forgets: headedForgets(target),
    functions: digitFunctions(target, framing),
    ...target.plan.limit.skips && { waits: "bytes" as const },
    reads: headedReads(target, {
      least: headerLength,
      varies: false,
      header: reads(target, framing),
      before: `${stripBytes}`,
      type: lengthType(target),
    }),
    encoding: {
      checks: checks(target, framing),
      before: `${stripBytes}`,
      behind: "0",
      head: writes(target, framing),
    },
  };
}

/** Statements that read the field at `bytes`, check it, and define `length`. */
function reads(target: Target, framing: LengthFraming): string {
  const { lengthUnit, base, least } = framing;
  const type = lengthType(target);
  const isPlain = lengthUnit === 1 && base === 0 &&
    !(target.plan.limit.skips && isOver64Bits(framing));
  const name = isPlain ? "length" : "units";
  const leastUnits = Math.ceil(least / lengthUnit);
  return code`
    ${
    framing.lengthEncoding === "binary"
      ? readsInteger(framing, type, name)
      : readsDigits(target, framing, type, name)
  }
    ${
    leastUnits > 0 && code`
      if (${name} < ${leastUnits}) {
          ${
      fails(target, {
        code: "LENGTH_INVALID",
        text:
          `The length is too small for its header: expected at least ${leastUnits}, got %llu`,
        values: [name],
      })
    }
      }
    `
  }
    ${!isPlain && `${type} length = ${lengthOf(framing)};`}
  `;
}

/** Whether a frame with its header can have a length of more than 64 bits. */
function isOver64Bits(framing: LengthFraming): boolean {
  return mostLength(framing)! + BigInt(framing.stripBytes) >= 2n ** 64n;
}

/** The expression of the length of a frame whose field says `units`. */
function lengthOf(framing: LengthFraming): string {
  const { lengthUnit, base, stripBytes } = framing;
  const units = lengthUnit === 1 ? "units" : `${lengthUnit} * units`;
  const length = plus(units, base);
  if (!isOver64Bits(framing)) return length;
  const most = 2n ** 64n - 1n - BigInt(stripBytes);
  const mostUnits = (most - BigInt(base)) / BigInt(lengthUnit);
  return code`
    units > ${constant(mostUnits)}
        ? ${constant(most)}
        : ${length}
  `;
}

function readsInteger(
  { lengthBytes, lengthOffset, littleEndian }: LengthFraming,
  type: string,
  name: string,
): string {
  const at = (i: number) => {
    const index = littleEndian ? lengthBytes - 1 - i : i;
    return `bytes[${lengthOffset + index}]`;
  };
  if (lengthBytes <= 4) {
    const parts = Array.from({ length: lengthBytes }, (_, i) => {
      const shift = 8 * (lengthBytes - 1 - i);
      return shift === 0 ? at(i) : `(${type})${at(i)} << ${shift}`;
    });
    if (littleEndian) parts.reverse();
    const [one, two, ...rest] = parts;
    const first = `${type} ${name} = ${[one, two].filter(Boolean).join(" | ")}`;
    return rest.length === 0 ? `${first};` : code`
      ${first} |
          ${rest.join(" | ")};
    `;
  }
  const index = littleEndian
    ? `${lengthOffset + lengthBytes - 1} - i`
    : lengthOffset === 0
    ? "i"
    : `${lengthOffset} + i`;
  return code`
    ${type} ${name} = 0;

    for (size_t i = 0; i < ${lengthBytes}; i++) {
        ${name} = ${name} << 8 | bytes[${index}];
    }
  `;
}

/** Statements that refuse a frame, and define the `value` of its field. */
function checks(target: Target, framing: LengthFraming): string {
  const { lengthUnit, base, least, stripBytes, headerLength } = framing;
  const { plan: { checksums } } = target;
  const body = bodyLength(target);
  const included = Math.max(0, headerLength - stripBytes);
  // The checksum that is computed last covers what the frame includes of its header.
  const covered = checksums[0] !== undefined && included > 0
    ? included + checksums[0].length
    : 0;
  const shortest = Math.max(least + base, covered);
  const value = plus(body, -base);
  return code`
    ${checksLimit(target)}
    ${
    shortest > sumLength(target) && code`
      if (${body} < ${shortest}) {
          ${
      refuses(target, {
        code: "LENGTH_INVALID",
        text:
          `The frame is too short for its header: expected at least ${shortest} bytes, got %llu bytes`,
        values: [body],
      })
    }
      }
    `
  }
    ${
    lengthUnit > 1 && code`
      if ((${value}) % ${lengthUnit} != 0) {
          ${
      refuses(target, {
        code: "LENGTH_INVALID",
        text:
          `The length is not a whole number of units: expected a multiple of ${lengthUnit} bytes, got %llu bytes`,
        values: [value],
      })
    }
      }
    `
  }
  `;
}

/** Statements that write the header of the frame that begins at `at`. */
function writes(target: Target, framing: LengthFraming): string {
  const { lengthUnit, base, stripBytes, lengthOffset, lengthBytes } = framing;
  const isAll = lengthOffset === 0 && stripBytes === lengthBytes;
  const body = bodyLength(target);
  const value = plus(body, -base);
  const units = lengthUnit === 1 ? value : `(${value}) / ${lengthUnit}`;
  return code`
    ${stripBytes > 0 && !isAll && `memset(at, 0, ${stripBytes});`}
    ${
    framing.lengthEncoding === "binary"
      ? writesInteger(framing, units)
      : writesDigits(framing, units)
  }
  `;
}

function writesInteger(
  { lengthBytes, lengthOffset, littleEndian }: LengthFraming,
  units: string,
): string {
  if (lengthBytes <= 4) {
    const isName = /^\w+$/.test(units);
    const value = isName ? units : "value";
    // A size_t has at least 32 bits, so that no shift is too far.
    const lines = Array.from({ length: lengthBytes }, (_, i) => {
      const shift = littleEndian ? 8 * i : 8 * (lengthBytes - 1 - i);
      const byte = shift === 0 ? value : `(${value} >> ${shift})`;
      return `at[${lengthOffset + i}] = (unsigned char)${byte};`;
    });
    return code`
      ${!isName && `const size_t value = ${units};`}
      ${lines.join("\n")}
    `;
  }
  const at = littleEndian
    ? lengthOffset === 0 ? "i" : `${lengthOffset} + i`
    : `${lengthOffset + lengthBytes - 1} - i`;
  return code`
    uint64_t value = ${units};

    for (size_t i = 0; i < ${lengthBytes}; i++) {
        at[${at}] = (unsigned char)value;
        value >>= 8;
    }
  `;
}
