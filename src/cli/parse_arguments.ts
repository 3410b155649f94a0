import { parseArgs } from "node:util";
import { nearestOf } from "../checks.ts";
import { UsageError } from "./errors.ts";
import { COMMON, flagName, type Flags, flags } from "./flags.ts";
import type { VerbRow } from "./verb_row.ts";

/** What was written behind the verb. */
export interface Arguments {
  readonly flags: Flags;
  readonly operands: readonly string[];
}

/**
 * Reads the arguments of a verb.
 *
 * @throws {UsageError} If the verb does not take them.
 */
export function parseArguments(
  args: readonly string[],
  name: string,
  row: Pick<VerbRow, "flags" | "operands">,
): Arguments {
  const names = [...row.flags, ...COMMON];
  const byName = new Map(names.map((one) => [flagName(one), one]));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(names.map((one) => {
      const { value, short } = flags[one];
      return [flagName(one), {
        type: value === undefined ? "boolean" : "string",
        ...(short !== undefined && { short }),
      }];
    })),
  });
  const given: Record<string, unknown> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const flag = byName.get(token.name);
    if (flag === undefined) {
      throw noSuchFlag(token.rawName, name, [...byName.keys()]);
    }
    const { value, repeated = false, read } = flags[flag];
    if (value === undefined && token.value !== undefined) {
      throw new UsageError(
        `Cannot read --${token.name}: expected no value, got ${
          JSON.stringify(token.value)
        }`,
      );
    }
    if (value !== undefined && token.value === undefined) {
      throw new UsageError(`Cannot read --${token.name}: expected ${value}`);
    }
    if (flag in given && !repeated) {
      throw new UsageError(
        `Cannot use --${token.name} twice: expected it once`,
      );
    }
    const one = read(token.value ?? "", token.name);
    given[flag] = repeated
      ? [...(given[flag] as unknown[] ?? []), ...(one as unknown[])]
      : one;
  }
  return { flags: given, operands };
}

/**
 * Refuses operands that a verb does not take.
 *
 * @throws {UsageError} If there are too few, or too many.
 */
export function checkOperands(
  operands: readonly string[],
  name: string,
  row: Pick<VerbRow, "operands">,
): void {
  const least = row.operands.filter(({ optional }) => !optional).length;
  const most = row.operands.some(({ repeated }) => repeated)
    ? Infinity
    : row.operands.length;
  const missing = row.operands[operands.length];
  if (operands.length < least && missing !== undefined) {
    throw new UsageError(
      `Cannot ${name}: expected ${missing.name}, ${missing.help}; see framewire ${name} --help`,
    );
  }
  if (operands.length > most) {
    throw new UsageError(
      `Cannot ${name}: expected ${
        most === 0 ? "no operand" : `${most} at most`
      }, got ${JSON.stringify(operands[most])} as well`,
    );
  }
}

function noSuchFlag(
  raw: string,
  verb: string,
  names: readonly string[],
): UsageError {
  const near = nearestOf(raw.replace(/^-+/, ""), names);
  return new UsageError(
    `Cannot read ${raw}: framewire ${verb} has no such flag${
      near === undefined ? "" : `; did you mean --${near}?`
    }`,
  );
}
