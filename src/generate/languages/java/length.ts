import { code } from "../../code.ts";
import type { LengthFraming, Plan } from "../../plan.ts";
import { className } from "./checksums.ts";
import { type Headed, readHeaded, skipState } from "./headed.ts";
import { digitNames, readField, writeField } from "./length_field.ts";
import { type Limits, limitsOf } from "./limits.ts";
import {
  byteCount,
  type FramingPart,
  literal,
  type Scope,
  typeOf,
} from "./part.ts";
import { fail, refuse } from "./refusals.ts";

/** Lengths up to this one, and what is added to them, are `int`. */
const MAX_SHORT = 2n ** 30n;

/** Frames that begin with their length. */
export function lengthPart(
  plan: Plan,
  framing: LengthFraming,
  scope: Scope,
): FramingPart {
  const { limit, checksums } = plan;
  const { headerLength, stripBytes, base, lengthUnit: unit } = framing;
  const longest = framing.mostOfField * BigInt(unit) + BigInt(base);
  const canExceed = longest > BigInt(limit.maxFrameLength);
  const lengthType = longest < MAX_SHORT && Math.abs(base) < MAX_SHORT
    ? "int"
    : "long";
  const field = readField(framing, lengthType);
  const headed: Headed = {
    scope,
    limit,
    canExceed,
    header: {
      isThere: "unread() >= HEADER_LENGTH",
      isMissing: "unread() < HEADER_LENGTH",
    },
    parse: parse(framing, field.value, lengthType),
    lengthType,
    before: stripBytes === 0
      ? ""
      : stripBytes === headerLength
      ? "HEADER_LENGTH"
      : `${stripBytes}`,
  };
  // What the length field can hold is a limit as well.
  const most = longest < BigInt(limit.maxEncodedLength)
    ? longest
    : limit.maxEncodedLength;
  const limits = limitsOf(canExceed ? limit.maxFrameLength : undefined, most);
  return {
    picture: pictureOf(framing),
    constants: code`
      ${limits.constants}

      private static final int HEADER_LENGTH = ${headerLength};
    `,
    state: skipState({ limit, canExceed }),
    read: readHeaded(headed),
    methods: field.method,
    encode: encode(framing, limits, checksums),
  };
}

function parse(
  framing: LengthFraming,
  value: string,
  lengthType: "int" | "long",
): string {
  const { lengthUnit: unit, base, lengthBytes, lengthEncoding } = framing;
  const least = Math.ceil(framing.least / unit);
  const isDigits = lengthEncoding !== "binary";
  if (unit === 1 && base === 0 && least === 0 && !isDigits) {
    return `${lengthType} length = ${value};`;
  }
  const scaled = unit === 1 ? "announced" : `announced * ${unit}`;
  const shift = base < 0
    ? ` - ${literal(-base)}`
    : base > 0
    ? ` + ${literal(base)}`
    : "";
  return code`
    ${lengthType} announced = ${value};
    ${
    isDigits && code`
      if (announced < 0) {
          ${
      fail(
        "LENGTH_INVALID",
        `The length is not in digits: expected ${lengthBytes} ${
          digitNames[lengthEncoding]
        }, got other bytes`,
      )
    }
      }
    `
  }
    ${
    least > 0 && code`
      if (announced < ${literal(least)}) {
          ${
      fail(
        "LENGTH_INVALID",
        `The length is too small for its header: expected at least ${least}, got {announced}`,
      )
    }
      }
    `
  }
    ${lengthType} length = ${scaled}${shift};
  `;
}

function encode(
  framing: LengthFraming,
  limits: Limits,
  checksums: Plan["checksums"],
): string {
  const { headerLength, stripBytes, base, lengthUnit: unit } = framing;
  const isInFrame = stripBytes < headerLength;
  // A checksum covers what a frame includes of its header.
  const covering = isInFrame ? checksums[0] : undefined;
  const shortest = Math.max(
    framing.least + base,
    headerLength - stripBytes + (covering?.length ?? 0),
  );
  const offset = stripBytes === headerLength ? "HEADER_LENGTH" : stripBytes;
  const value = base === 0
    ? "frame.length"
    : `frame.length ${base < 0 ? "+" : "-"} ${
      typeOf(base) === "long" ? `${Math.abs(base)}L` : Math.abs(base)
    }`;
  const isShortest = framing.least + base > 0 || covering !== undefined;
  return code`
    ${limits.checkEncoded()}
    ${
    isShortest && code`
      if (frame.length < ${literal(shortest)}) {
          ${
      refuse(
        "LENGTH_INVALID",
        `The frame is too short for its header: expected at least ${
          byteCount(shortest)
        }, got {frame.length} bytes`,
      )
    }
      }
    `
  }
    ${unit > 1 && `${typeOf(base)} announced = ${value};`}
    ${
    unit > 1 && code`
      if (announced % ${unit} != 0) {
          ${
      refuse(
        "LENGTH_INVALID",
        `The length is not a whole number of units: expected a multiple of ${unit} bytes, got {announced} bytes`,
      )
    }
      }
    `
  }

    byte[] bytes = new byte[${
    stripBytes === 0 ? "" : `${offset} + `
  }frame.length];
    System.arraycopy(frame, 0, bytes, ${offset}, frame.length);
    ${writeField(framing, unit > 1 ? `announced / ${unit}` : value)}
    ${
    covering !== undefined &&
    `${
      className(covering)
    }.write(bytes, ${stripBytes}, frame.length - ${covering.length});`
  }
    return bytes;
  `;
}

function pictureOf(framing: LengthFraming): string {
  const { lengthBytes, lengthEncoding, littleEndian, lengthOffset } = framing;
  const { headerLength, stripBytes, base, lengthUnit } = framing;
  const order = lengthEncoding !== "binary" || lengthBytes === 1
    ? ""
    : littleEndian
    ? ", little-endian"
    : ", big-endian";
  const size = lengthEncoding === "binary"
    ? byteCount(lengthBytes)
    : `${lengthBytes} ${digitNames[lengthEncoding]}`;
  const field = `length (${size}${order})`;
  const before = lengthOffset > 0 ? `${byteCount(lengthOffset)}, ` : "";
  // How much more than the bytes behind it the length counts.
  const more = stripBytes + base - headerLength;
  const counts = [
    more === 0
      ? ""
      : `counts ${byteCount(Math.abs(more))} ${
        more < 0 ? "more" : "fewer"
      } than follow`,
    lengthUnit > 1 ? `in units of ${lengthUnit} bytes` : "",
  ].filter((note) => note !== "").map((note) => `; the length ${note}`);
  const stripped = stripBytes === headerLength
    ? ""
    : `; the frame begins at byte ${stripBytes}`;
  return `${before}${field}, content${counts.join("")}${stripped}`;
}
