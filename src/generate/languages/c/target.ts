import type { Framing, Plan } from "../../plan.ts";

/** What is generated, and how its names begin. */
export interface Target {
  /** The plan; its limits are no more than what the length of a frame can say. */
  readonly plan: Plan;
  /** Whether the length of a frame can be over the limit. */
  readonly isLimited: boolean;
  /** What the names of functions and types begin with, as `sensor_frames`. */
  readonly p: string;
  /** The same for constants, as `SENSOR_FRAMES`. */
  readonly P: string;
}

/**
 * The target of a plan.
 *
 * @throws {TypeError} If there is no frame whose length its field can say.
 */
export function targetOf(given: Plan): Target {
  const { framing, limit } = given;
  const most = mostLength(framing);
  const isLimited = framing.kind !== "fixed" &&
    (most === undefined || most > limit.maxFrameLength);
  if (
    framing.kind === "length" && most !== undefined &&
    most < framing.least + framing.base
  ) {
    throw new TypeError(
      `Cannot generate code for ${given.expression}: expected a length field that has room for a frame`,
    );
  }
  const within = (length: number) =>
    Math.min(length, Number(most ?? Number.MAX_SAFE_INTEGER));
  const plan = {
    ...given,
    limit: {
      maxFrameLength: within(limit.maxFrameLength),
      maxEncodedLength: within(limit.maxEncodedLength),
      skips: limit.skips && isLimited,
    },
  };
  const p = snakeCase(plan.name);
  return { plan, isLimited, p, P: p.toUpperCase() };
}

/** The most that a length on the wire can say; `undefined` if that has no bound. */
export function mostLength(framing: Framing): bigint | undefined {
  switch (framing.kind) {
    case "length":
      return framing.mostOfField * BigInt(framing.lengthUnit) +
        BigInt(framing.base);
    case "varint": {
      const { encoding, maxLengthBytes } = framing;
      const bits = 7 * maxLengthBytes - (encoding === "zigzag" ? 1 : 0);
      return 2n ** BigInt(bits) - 1n;
    }
    case "netstring":
      return 10n ** BigInt(framing.maxDigits) - 1n;
    default:
      return undefined;
  }
}

/** A name in PascalCase as C writes it: `SensorFrames` is `sensor_frames`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase();
}

/** How many bytes stand behind the content of a frame: its checksums. */
export function sumLength({ plan: { checksums } }: Target): number {
  return checksums.reduce((sum, { length }) => sum + length, 0);
}

/** Whether the frames of the framing are checked before they are handed out. */
export function checksFrames(
  { plan: { checksums, content } }: Target,
): boolean {
  return checksums.length > 0 || content.kind === "json" ||
    content.kind === "text" && content.fatal;
}

/** Whether something is passed over with a report. */
export function skips({ plan }: Target): boolean {
  const { framing, limit, checksums, content } = plan;
  return limit.skips ||
    [framing, ...checksums, content].some((part) =>
      "skipsInvalid" in part && part.skipsInvalid
    );
}

/** A number from 0 on as a constant of C. */
export function constant(value: number | bigint): string {
  if (value <= 0x7fff_ffff) return `${value}`;
  return value <= 0xffff_ffff ? `${value}u` : `UINT64_C(${value})`;
}

/** A byte as a constant of C: a character where it can be read. */
export function byteConstant(byte: number): string {
  const named: Readonly<Record<number, string>> = {
    0x0a: String.raw`'\n'`,
    0x0d: String.raw`'\r'`,
    0x09: String.raw`'\t'`,
    0x27: String.raw`'\''`,
    0x5c: String.raw`'\\'`,
  };
  if (byte >= 0x20 && byte < 0x7f) {
    return named[byte] ?? `'${String.fromCharCode(byte)}'`;
  }
  return named[byte] ?? `0x${byte.toString(16).padStart(2, "0")}`;
}

/** Bytes as the constants of an array. */
export function arrayOf(bytes: Uint8Array): string {
  return `{${Array.from(bytes, byteConstant).join(", ")}}`;
}

/** A text as constants of C, a line each where it is long. */
export function literal(text: string, width = 54): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<= )/)) {
    if (line !== "" && line.length + word.length > width) {
      lines.push(line);
      line = "";
    }
    line += word;
  }
  lines.push(line);
  return lines.map((line) => `"${line}"`).join("\n");
}

/** The sum of values, with the numbers among them added up. */
export function sumOf(...parts: readonly string[]): string {
  const numbers = parts.filter((part) => /^\d+$/.test(part));
  const sum = numbers.reduce((sum, number) => sum + Number(number), 0);
  const others = parts.filter((part) => !numbers.includes(part));
  if (sum === 0) return others.join(" + ");
  return parts[0] === numbers[0]
    ? [sum, ...others].join(" + ")
    : [...others, sum].join(" + ");
}

/** A value and a number that is added to it, or taken from it. */
export function plus(value: string, more: number): string {
  if (more === 0) return value;
  return more > 0
    ? `${value} + ${constant(more)}`
    : `${value} - ${constant(-more)}`;
}
