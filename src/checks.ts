/**
 * The checks of options. Each error names the option, what was expected, and what was
 * given. This file imports nothing.
 */

/** Refuses an option that is not a whole number from `least` to `most`. */
export function checkCount(
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw outOfRange(name, `a whole number from ${least} to ${most}`, value);
}

/** Refuses an option that is neither a whole number from 1 on nor `Infinity`. */
export function checkCountOrInfinity(name: string, value: number): void {
  if (value === Infinity || Number.isSafeInteger(value) && value > 0) return;
  throw outOfRange(name, "a whole number from 1, or Infinity", value);
}

/** Refuses a number of bytes that is negative; `Infinity` means no limit. */
export function checkBytes(name: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw outOfRange(name, "0 or more bytes", value);
}

/** Refuses a time limit that is not more than 0; `Infinity` means none. */
export function checkTimeLimit(name: string, value: number): void {
  if (typeof value === "number" && value > 0) return;
  const expected = "more than 0 milliseconds, or Infinity for no limit";
  throw outOfRange(name, expected, value);
}

/** Refuses a time to wait that is negative; 0 means not at all. */
export function checkWait(name: string, value: number): void {
  if (typeof value === "number" && value >= 0) return;
  throw outOfRange(name, "0 or more milliseconds", value);
}

/** Refuses a delay that is not more than 0, or never over. */
export function checkDelay(name: string, value: number): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw outOfRange(name, "more than 0 milliseconds", value);
}

/** Refuses an option that is not one of its values. */
export function checkChoice<T extends string>(
  name: string,
  value: T,
  choices: readonly T[],
): void {
  if (choices.includes(value)) return;
  throw new TypeError(
    `Cannot use ${name}: expected one of ${choices.join(", ")}, got ${value}`,
  );
}

function outOfRange(name: string, expected: string, got: unknown): RangeError {
  const given = typeof got === "number" ? got : `${typeof got} ${String(got)}`;
  return new RangeError(
    `Cannot use ${name}: expected ${expected}, got ${given}`,
  );
}
