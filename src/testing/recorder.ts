import type { Transport, TransportSink } from "../net/transport.ts";

/** What a test of a transport found wrong. */
export function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/**
 * A promise that is awaited later: where the test fails before, its rejection is
 * not unhandled.
 */
export function awaitedLater<T>(
  promise: Promise<T> | undefined,
): Promise<T> | undefined {
  promise?.catch(() => undefined);
  return promise;
}

/** The error that a promise rejects with; can be awaited later. */
export function rejection(
  promise: Promise<unknown> | undefined,
  what: string,
): Promise<unknown> {
  const error = (async () => {
    ensure(
      promise !== undefined,
      `${what} returned undefined, and did not reject`,
    );
    return await promise.then(
      () => {
        throw new Error(`${what} did not reject`);
      },
      (error) => error,
    );
  })();
  error.catch(() => undefined);
  return error;
}

/** Bytes that repeat in no simple way. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A sink that keeps what it is told, and finds calls that break the rules. */
export class Recorder implements TransportSink {
  readonly chunks: Uint8Array[] = [];
  /** Copies of the chunks, made when they came. */
  readonly copies: Uint8Array[] = [];
  length = 0;
  ended = false;
  failed = false;
  error: unknown;
  /** The first call that breaks a rule. */
  broken: string | undefined;
  /** Called after each call, with its name. */
  onCall: ((name: "data" | "end" | "fail") => void) | undefined;

  /** Whether a call now would break a rule: set before `open`, and after `close`. */
  #silent: string | undefined = "before open() returned";
  readonly #waiting = new Set<() => void>();

  constructor(transport: Transport) {
    transport.open(this);
    this.#silent = undefined;
  }

  data(chunk: Uint8Array): void {
    this.#check("data()");
    if (chunk.length === 0) this.#violates("data() was given an empty chunk");
    if (chunk.constructor !== Uint8Array) {
      this.#violates("data() was given a chunk that is no plain Uint8Array");
    }
    if (this.ended) this.#violates("data() was called after end()");
    this.chunks.push(chunk);
    this.copies.push(chunk.slice());
    this.length += chunk.length;
    this.#called("data");
  }

  end(): void {
    this.#check("end()");
    if (this.ended) this.#violates("end() was called twice");
    this.ended = true;
    this.#called("end");
  }

  fail(error: unknown): void {
    this.#check("fail()");
    this.failed = true;
    this.error = error;
    this.#called("fail");
  }

  /** No call may come from now on. */
  silence(when: string): void {
    this.#silent = when;
  }

  /** Resolves when something has become true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      ensure(
        !this.failed || this.#silent !== undefined,
        `fail() was called: ${this.error}`,
      );
      await this.#nextCall();
    }
    this.verify();
  }

  /** Resolves when the connection has broken. */
  async untilFailed(): Promise<void> {
    while (!this.failed) await this.#nextCall();
    this.verify();
  }

  /** Resolves when the end, or a failure, was told. */
  async untilOver(): Promise<void> {
    while (!this.ended && !this.failed) await this.#nextCall();
    this.verify();
  }

  /** Throws if a rule was broken. */
  verify(): void {
    ensure(this.broken === undefined, this.broken ?? "");
    const kept = this.chunks.findIndex((chunk, i) =>
      !isPrefix(chunk, this.copies[i] ?? chunk)
    );
    ensure(kept === -1, `chunk ${kept} was written to after it was delivered`);
  }

  /** Throws if what came is not the beginning of these bytes. */
  ensurePrefix(expected: Uint8Array): void {
    let offset = 0;
    for (const chunk of this.chunks) {
      const end = offset + chunk.length;
      ensure(
        isPrefix(chunk, expected.subarray(offset, end)),
        `the bytes from ${offset} to ${end} are not those written`,
      );
      offset = end;
    }
  }

  /** Throws if what came is not just these bytes. */
  ensureReceived(expected: Uint8Array): void {
    this.ensurePrefix(expected);
    ensure(
      this.length === expected.length,
      `${this.length} of ${expected.length} bytes were delivered`,
    );
  }

  #nextCall(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #called(name: "data" | "end" | "fail"): void {
    this.onCall?.(name);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #check(call: string): void {
    if (this.#silent !== undefined) {
      this.#violates(`${call} was called ${this.#silent}`);
    }
    if (this.failed) this.#violates(`${call} was called after fail()`);
  }

  #violates(message: string): void {
    this.broken ??= message;
  }
}

/** Whether the bytes are just those expected, or would be if there were more. */
function isPrefix(bytes: Uint8Array, expected: Uint8Array): boolean {
  return bytes.length <= expected.length &&
    bytes.every((byte, i) => byte === expected[i]);
}
