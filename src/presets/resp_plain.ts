import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import {
  type FrameGenerator,
  GeneratorReader,
} from "../codec/bytes/generator_reader.ts";
import type { FrameReader } from "../codec/types.ts";
import type { RespValue } from "./resp_values.ts";

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const ZERO = 0x30;

/** More digits than these may be rounded. */
const MOST_DIGITS = 15;
/** The longest simple string that is read here, in bytes. */
const SHORT_STRING = 32;
/** The longest array that is read here, in elements. */
const SHORT_ARRAY = 64;

/** Reads the values that are plain and complete at once, and others by a generator. */
export class RespReader implements FrameReader<RespValue> {
  readonly #format: FrameGenerator<RespValue>;
  readonly #generator: GeneratorReader<RespValue>;
  #quick: QuickReader | undefined;
  /** The offset in the stream of the value that the generator reads. */
  #generatedAt = -1;

  constructor(format: FrameGenerator<RespValue>) {
    this.#format = format;
    this.#generator = new GeneratorReader(format);
  }

  read(input: ByteQueue): RespValue | undefined {
    // Tried once for each value: what has not arrived is not looked at again.
    if (input.offset !== this.#generatedAt) {
      this.#quick ??= new QuickReader(input, this.#format);
      const value = this.#quick.take();
      if (value !== undefined) return value;
      if (input.length > 0) this.#generatedAt = input.offset;
    }
    return this.#generator.read(input);
  }

  finish(input: ByteQueue): undefined {
    return this.#generator.finish(input);
  }
}

/**
 * Reads the values that most replies and requests are, where they have arrived
 * completely: integers, bulk strings, short simple strings, and short arrays of
 * these. A generator takes ten times as long. Whatever is not plain here is left to
 * the generator, which also has the errors.
 */
class QuickReader {
  readonly #input: ByteQueue;
  readonly #maxLength: number;
  readonly #takesArrays: boolean;
  /** The index of the byte that is read next. */
  #at = 0;

  constructor(
    input: ByteQueue,
    limits: { readonly maxFrameLength: number; readonly maxDepth: number },
  ) {
    this.#input = input;
    this.#maxLength = limits.maxFrameLength;
    this.#takesArrays = limits.maxDepth > 0;
  }

  /** Takes a value, or nothing. */
  take(): RespValue | undefined {
    this.#at = 0;
    const value = this.#value();
    if (value === undefined || this.#at > this.#maxLength) return undefined;
    this.#input.skip(this.#at);
    return value;
  }

  #value(): RespValue | undefined {
    if (this.#byte() !== 0x2a) return this.#scalar(); // "*"
    if (!this.#takesArrays) return undefined;
    this.#at++;
    const count = this.#number();
    if (!(count >= 0 && count <= SHORT_ARRAY)) return undefined;
    const value: RespValue[] = [];
    while (value.length < count) {
      const element = this.#scalar();
      if (element === undefined) return undefined;
      value.push(element);
    }
    return { type: "array", value };
  }

  #scalar(): RespValue | undefined {
    switch (this.#byte()) {
      case 0x24: // "$"
        return this.#bulk();
      case 0x3a: { // ":"
        this.#at++;
        const value = this.#number();
        return Number.isNaN(value) ? undefined : { type: "integer", value };
      }
      case 0x2b: // "+"
        return this.#simple();
      default:
        return undefined;
    }
  }

  #bulk(): RespValue | undefined {
    this.#at++;
    const length = this.#number();
    if (!(length >= 0)) return undefined;
    const from = this.#at;
    this.#at = from + length;
    if (!this.#lineEnd()) return undefined;
    return { type: "bulk", value: this.#input.peek(from + length, from) };
  }

  #simple(): RespValue | undefined {
    this.#at++;
    let value = "";
    while (value.length < SHORT_STRING) {
      const byte = this.#byte();
      if (byte === CR) {
        return this.#lineEnd() ? { type: "string", value } : undefined;
      }
      // What is not plain ASCII, and what has not arrived.
      if (byte < 0x20 || byte > 0x7e) return undefined;
      value += String.fromCharCode(byte);
      this.#at++;
    }
    return undefined;
  }

  /** Reads a number and its line end; `NaN` for what is none here. */
  #number(): number {
    const isNegative = this.#byte() === MINUS;
    if (isNegative) this.#at++;
    const from = this.#at;
    let value = 0;
    for (; this.#at - from < MOST_DIGITS; this.#at++) {
      const digit = this.#byte() - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (this.#at === from || !this.#lineEnd()) return NaN;
    // Not the -0 that "-0" gives.
    return isNegative ? 0 - value : value;
  }

  /** Passes over a line end, if there is one. */
  #lineEnd(): boolean {
    const at = this.#at;
    if (at + 2 > this.#input.length) return false;
    if (this.#input.at(at) !== CR || this.#input.at(at + 1) !== LF) {
      return false;
    }
    this.#at = at + 2;
    return true;
  }

  /** The next byte; -1 if it has not arrived. */
  #byte(): number {
    return this.#at < this.#input.length ? this.#input.at(this.#at) : -1;
  }
}
