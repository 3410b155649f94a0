/**
 * The part of `@std/assert` that the tests use, for Bun and Node and for
 * machines that cannot reach JSR.
 *
 * Names, parameters and results are those of `@std/assert` 1. Comparison is
 * `node:util`'s `isDeepStrictEqual` (what `node:assert`'s `deepStrictEqual`
 * uses), which differs from the real `assertEquals` in corners. Stricter here:
 * `0` and `-0` differ, an object without a prototype differs from a plain one,
 * and extra properties on a typed array count. Looser here: accessors inherited
 * from a class, and non-enumerable properties such as an error's `stack`, are
 * not compared. The same in both: a `Buffer` never equals a `Uint8Array`, and
 * `{ a: undefined }` never equals `{}`.
 */

import {
  inspect,
  isDeepStrictEqual,
  stripVTControlCharacters,
} from "node:util";

/** Thrown by every assertion here. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** A class, abstract or not, whatever its constructor takes. */
type Class<T> = abstract new (...args: never[]) => T;

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Fails unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is false {
  if (expr) throw new AssertionError(msg);
}

/** Fails always. */
export function fail(msg?: string): never {
  throw new AssertionError(`Failed assertion${suffix(msg)}`);
}

/** Fails when reached. */
export function unreachable(msg?: string): never {
  throw new AssertionError(`Unreachable${suffix(msg)}`);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new AssertionError(
    `Values are not equal${suffix(msg)}\n${difference(actual, expected)}`,
  );
}

/** Fails when both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!isDeepStrictEqual(actual, expected)) return;
  throw new AssertionError(
    `Expected actual: ${show(actual)} not to be: ${show(expected)}${
      suffix(msg)
    }`,
  );
}

/** Fails unless both are the same value by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw new AssertionError(
    `Values are not strictly equal${suffix(msg)}\n${
      difference(actual, expected)
    }`,
  );
}

/** Fails when both are the same value by `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(
    `Expected "actual" to not be strictly equal to: ${show(actual)}${
      suffix(msg)
    }`,
  );
}

/** Fails when `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to not be null or undefined${suffix(msg)}`,
  );
}

/** Fails unless `actual` is an instance of the class. */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: Class<T>,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  throw new AssertionError(
    `Expected object to be an instance of "${expectedType.name}" but was ${
      show(actual)
    }${suffix(msg)}`,
  );
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to contain: "${expected}"${suffix(msg)}`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  throw new AssertionError(
    `Expected actual: "${actual}" to match: "${expected}"${suffix(msg)}`,
  );
}

/** Fails unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(
    `Expect ${show(actual)} > ${show(expected)}${suffix(msg)}`,
  );
}

/** Fails unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual >= expected) return;
  throw new AssertionError(
    `Expect ${show(actual)} >= ${show(expected)}${suffix(msg)}`,
  );
}

/** Fails unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(
    `Expect ${show(actual)} < ${show(expected)}${suffix(msg)}`,
  );
}

/** Fails unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual <= expected) return;
  throw new AssertionError(
    `Expect ${show(actual)} <= ${show(expected)}${suffix(msg)}`,
  );
}

/** Fails unless `error` is an error of the class whose message fits. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: Class<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(
      `Expected "error" to be an Error object but was ${show(error)}${
        suffix(msg)
      }`,
    );
  }
  if (ErrorClass !== undefined && !(error instanceof ErrorClass)) {
    // The real one does not keep the cause; a test that fails here is easier to
    // mend when the stack of what was thrown is shown too.
    throw new AssertionError(
      `Expected error to be instance of "${ErrorClass.name}", but was "${error.constructor.name}": ${error.message}${
        suffix(msg)
      }`,
      { cause: error },
    );
  }
  if (msgMatches === undefined || messageFits(error, msgMatches)) return;
  throw new AssertionError(
    `Expected error message to include ${show(msgMatches)}, but got ${
      show(error.message)
    }${suffix(msg)}`,
    { cause: error },
  );
}

/** Fails unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  errorClassOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const expected = expectation(errorClassOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    return check(error, expected);
  }
  throw new AssertionError(
    `Expected function to throw${suffix(expected.msg)}`,
  );
}

/** Fails unless `fn` returns a promise that rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: Class<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  errorClassOrMsg?: Class<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expected = expectation(errorClassOrMsg, msgIncludes, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (cause) {
    throw new AssertionError(
      `Function throws when expected to reject${suffix(expected.msg)}`,
      { cause },
    );
  }
  try {
    await promise;
  } catch (error) {
    return check(error, expected);
  }
  throw new AssertionError(
    `Expected function to reject${suffix(expected.msg)}`,
  );
}

interface Expectation {
  readonly ErrorClass: Class<Error> | undefined;
  readonly msgIncludes: string | undefined;
  readonly msg: string | undefined;
}

function expectation(
  errorClassOrMsg: Class<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation {
  return typeof errorClassOrMsg === "string"
    ? { ErrorClass: undefined, msgIncludes: undefined, msg: errorClassOrMsg }
    : { ErrorClass: errorClassOrMsg, msgIncludes, msg };
}

function check(error: unknown, expected: Expectation): unknown {
  if (expected.ErrorClass !== undefined) {
    assertIsError(
      error,
      expected.ErrorClass,
      expected.msgIncludes,
      expected.msg,
    );
  }
  return error;
}

function messageFits(error: Error, expected: string | RegExp): boolean {
  const message = stripVTControlCharacters(error.message);
  return typeof expected === "string"
    ? message.includes(stripVTControlCharacters(expected))
    : expected.test(message);
}

function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}

// No line-by-line difference: of two arrays of 64 KiB the real one takes more
// than a minute, and a test that fails should say so soon.
function difference(actual: unknown, expected: unknown): string {
  const where = firstDifference(actual, expected);
  return `    actual:   ${show(actual)}\n    expected: ${
    show(expected)
  }${where}`;
}

function firstDifference(actual: unknown, expected: unknown): string {
  if (!(actual instanceof Uint8Array && expected instanceof Uint8Array)) {
    return "";
  }
  const at = expected.findIndex((byte, i) => actual[i] !== byte);
  const index = at === -1 ? expected.length : at;
  return `\n    lengths ${actual.length} and ${expected.length}, first difference at index ${index}`;
}

function show(value: unknown): string {
  return inspect(value, {
    depth: 6,
    maxArrayLength: 64,
    maxStringLength: 2_000,
    sorted: true,
  });
}
