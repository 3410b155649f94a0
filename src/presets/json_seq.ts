import { hexOf } from "../codec/bytes/hex.ts";
import { limitNames, recoveryNames } from "../codec/description.ts";
import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { cutOff, type FrameLimit, frameLimit } from "../codec/bytes/limits.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import type {
  Codec,
  FrameLimitOptions,
  FrameReader,
  RecoveryOptions,
} from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { readMessage, writeJson } from "../codec/views/json_bytes.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import {
  schemaAndOptions,
  type StandardSchema,
} from "../codec/views/standard_schema.ts";
import { describePreset } from "./describe_preset.ts";

const RECORD_SEPARATOR = 0x1e;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * JSON text sequences (`application/json-seq`): `1e`, the JSON in UTF-8, and a line
 * feed. A value comes out with the line feed behind it; those inside of its brackets
 * do not end it, so JSON that is spread over lines can be read. The next `1e` also ends
 * a value, and so does the end of the stream. A number, `true`, `false` or `null` must
 * have white space behind it then, as it could have been cut.
 *
 * With `onInvalid: "skip"`, a text that is not JSON is passed over up to the next
 * `1e`, and so is anything that has no `1e` before it, each with one report.
 *
 * Documentation: <https://www.rfc-editor.org/rfc/rfc7464>.
 *
 * @example A writer that was stopped in the middle of a value
 * ```ts
 * import { jsonSeq } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const offsets: unknown[] = [];
 * const codec = jsonSeq({
 *   onInvalid: "skip",
 *   onSkip: (error) => offsets.push(error.offset),
 * });
 * const bytes = new TextEncoder().encode('\x1e{"a":1}\n\x1e{"b":\x1e[2]\n');
 * assertEquals(codec.decode(bytes), [{ a: 1 }, [2]]);
 * assertEquals(offsets, [9]);
 * assertEquals(codec.encode(3), Uint8Array.of(0x1e, 0x33, 0x0a));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `MESSAGE_INVALID`, and
 * `MARK_INVALID` if the bytes do not begin with `1e`.
 *
 * @param options The limit, and what to do with texts that are not JSON.
 * @returns The codec of the values.
 */
export function jsonSeq(
  options?: FrameLimitOptions & RecoveryOptions,
): Codec<JsonValue>;
/**
 * JSON text sequences whose values are validated by a schema. The decoder hands out
 * the output of the schema; an output of `undefined` is refused with a `TypeError`.
 *
 * @typeParam Input What the encoder takes. It is not validated.
 * @typeParam Output What the decoder hands out.
 * @param schema A synchronous Standard Schema.
 * @param options The limit, and what to do with texts that are not JSON, or not of
 * the schema.
 * @returns The codec of the values.
 */
export function jsonSeq<Input, Output>(
  schema: StandardSchema<Input, Output>,
  options?: FrameLimitOptions & RecoveryOptions,
): Codec<Input, Output>;
export function jsonSeq(
  given: StandardSchema | FrameLimitOptions & RecoveryOptions = {},
  more: FrameLimitOptions & RecoveryOptions = {},
): Codec<unknown> {
  const [schema, options] = schemaAndOptions(given, more);
  const described = describePreset("jsonSeq", options, [
    ...limitNames,
    ...recoveryNames,
  ], schema && { schema });
  return described(mapCodec(jsonTexts(options), {
    ...options,
    name: "jsonSeq",
    decode(bytes, offset) {
      if (bytes[0] !== RECORD_SEPARATOR) {
        throw new FrameError("MARK_INVALID", {
          reason: "The text does not begin with its mark",
          offset,
          expected: "1e",
          got: hexOf([bytes[0]!]),
        });
      }
      const value = readMessage(bytes.subarray(1), offset, schema);
      const first = bytes.find((byte, i) => i > 0 && !isSpace(byte))!;
      if (isClosed(first) || isSpace(bytes.at(-1)!)) return value;
      throw new FrameError("MESSAGE_INVALID", {
        reason: "The text may have been cut",
        offset,
        expected: "white space behind it",
        got: "1e",
      });
    },
    encode: writeJson,
  }));
}

/**
 * The codec of the texts, which the decoder hands out with the mark before and the
 * line feed behind them, and what stands between them without a mark.
 */
function jsonTexts(options: FrameLimitOptions): Codec<Uint8Array> {
  const limit = frameLimit(options);
  return readerCodec({
    name: "jsonTexts",
    reader: () => new JsonTextReader(limit),
    encoder: {
      encode(text, output) {
        limit.checkEncoded(text.length);
        output.writeByte(RECORD_SEPARATOR);
        output.write(text);
        output.writeByte(LINE_FEED);
      },
    },
  });
}

class JsonTextReader implements FrameReader<Uint8Array> {
  readonly #limit: FrameLimit;
  /**
   * The offset in the stream at which the current text begins. An offset and not a
   * flag: `takeUnread` may have removed the bytes.
   */
  #beganAt = -1;
  /** The offset in the stream up to which it has been searched for its end. */
  #scanned = 0;
  /** Whether it begins with its mark. */
  #isMarked = false;
  /** Its first byte that is not white space. */
  #first: number | undefined;
  /** How many brackets are open. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** Whether it is oversized and skipped. */
  #skipping = false;

  constructor(limit: FrameLimit) {
    this.#limit = limit;
  }

  read(input: ByteQueue): Uint8Array | undefined {
    while (this.#skipping || this.#begin(input)) {
      const found = this.#findEnd(input);
      const end = this.#scanned - input.offset;
      const length = end - (this.#isMarked ? 1 : 0);
      if (!this.#skipping && length > this.#limit.maxFrameLength) {
        // Set before `onSkip` is called, which may call the decoder. Then
        // search again.
        this.#skipping = true;
        this.#limit.refuse(input.frameOffset);
        continue;
      }
      if (!found) {
        if (this.#skipping) input.skip(end);
        return undefined;
      }
      const hasLineFeed = input.at(end) === LINE_FEED;
      // Several marks in a row mean nothing (RFC 7464, section 2.1).
      const isText = !this.#skipping && length > 0;
      if (isText) return input.take(hasLineFeed ? end + 1 : end);
      input.skip(hasLineFeed ? end + 1 : end);
      this.#skipping = false;
      input.frameOffset = input.offset;
    }
    return undefined;
  }

  finish(input: ByteQueue): Uint8Array | undefined {
    if (!this.#skipping) {
      if (!this.#begin(input)) return undefined;
      const isWhole = !this.#inString && this.#depth <= 0 &&
        isClosed(this.#first);
      if (isWhole || !this.#isMarked) return input.take(input.length);
    }
    throw cutOff(input, "a whole JSON text");
  }

  /** Begins with the next text behind the white space; `false` if none is there. */
  #begin(input: ByteQueue): boolean {
    if (this.#beganAt === input.offset) return true;
    while (input.length > 0 && isSpace(input.at(0))) input.skip(1);
    input.frameOffset = input.offset;
    if (input.length === 0) return false;
    this.#beganAt = input.offset;
    this.#isMarked = input.at(0) === RECORD_SEPARATOR;
    this.#scanned = input.offset + (this.#isMarked ? 1 : 0);
    this.#first = undefined;
    this.#depth = 0;
    this.#inString = false;
    this.#isEscaped = false;
    return true;
  }

  /**
   * Searches for the mark of the next text, or for the line feed behind this one.
   * Scans no byte twice.
   */
  #findEnd(input: ByteQueue): boolean {
    let at = this.#scanned - input.offset;
    while (at < input.length && !this.#isEnd(input.at(at))) at++;
    this.#scanned = input.offset + at;
    return at < input.length;
  }

  /** Whether the text ends with this byte; otherwise goes on behind it. */
  #isEnd(byte: number): boolean {
    if (byte === RECORD_SEPARATOR) return true;
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (isSpace(byte)) {
      return byte === LINE_FEED && this.#isMarked && this.#depth <= 0 &&
        this.#first !== undefined;
    }
    this.#first ??= byte;
    if (byte === QUOTE) this.#inString = true;
    else if (byte === 0x7b || byte === 0x5b) this.#depth++;
    else if (byte === 0x7d || byte === 0x5d) this.#depth--;
    return false;
  }
}

/** Whether a JSON text that begins with this byte shows where it ends. */
function isClosed(first: number | undefined): boolean {
  return first === 0x7b || first === 0x5b || first === QUOTE;
}

/** Whether a byte is white space of JSON (RFC 8259, section 2). */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === LINE_FEED || byte === 0x0d || byte === 0x09;
}
