import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import { SHOWN_BYTES } from "../codec/bytes/recovery.ts";
import { tooLarge, truncated } from "../codec/bytes/limits.ts";
import { defineCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  DelimitedEncoder,
  type DelimitedFormat,
  delimitedFormat,
  DelimitedReader,
} from "../codec/formats/delimited.ts";
import type {
  Codec,
  FrameLimitOptions,
  FrameReader,
  RecoveryOptions,
} from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { readJson, readMessage, writeJson } from "../codec/views/json_bytes.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import type { StandardSchema } from "../codec/views/standard_schema.ts";

/**
 * Newline-delimited JSON (NDJSON, JSON Lines): a JSON value a line, in UTF-8. The
 * decoder takes `\n` and `\r\n` as line ends, and a last line without one; it leaves
 * out empty lines, and a byte order mark before the first line. The encoder writes
 * `\n`. The message of an error ends with the number of its line.
 *
 * With `onInvalid: "skip"`, a line that is not JSON, or not of the schema, is passed
 * over with one report. A last line without its end that is not JSON has been cut: it
 * is refused in any case.
 *
 * Documentation: <https://github.com/ndjson/ndjson-spec> and
 * <https://jsonlines.org>.
 *
 * @example A log line among the messages
 * ```ts
 * import { ndjson } from "@framewire/framewire/presets";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('{"a":1}\r\n\n12:00 started\n[2]');
 * const codec = ndjson({
 *   onInvalid: "skip",
 *   onSkip: ({ offset, message }) => {
 *     assertEquals(offset, 10);
 *     assert(message.endsWith("line 3"));
 *   },
 * });
 * assertEquals(codec.decode(bytes), [{ a: 1 }, [2]]);
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, `MESSAGE_INVALID`, and `FRAME_TRUNCATED`
 * if the last line has no end and is not JSON.
 *
 * @param options The limit, and what to do with lines that are not JSON.
 * @returns The codec of the values.
 */
export function ndjson(
  options?: FrameLimitOptions & RecoveryOptions,
): Codec<JsonValue>;
/**
 * Newline-delimited JSON whose values are validated by a schema. The decoder hands out
 * the output of the schema; an output of `undefined` is refused with a `TypeError`.
 *
 * @typeParam Input What the encoder takes. It is not validated.
 * @typeParam Output What the decoder hands out.
 * @param schema A synchronous Standard Schema.
 * @param options The limit, and what to do with lines that are not JSON, or not of
 * the schema.
 * @returns The codec of the values.
 */
export function ndjson<Input, Output>(
  schema: StandardSchema<Input, Output>,
  options?: FrameLimitOptions & RecoveryOptions,
): Codec<Input, Output>;
export function ndjson(
  given: StandardSchema | FrameLimitOptions & RecoveryOptions = {},
  more: FrameLimitOptions & RecoveryOptions = {},
): Codec<unknown> {
  const [schema, options] = "~standard" in given
    ? [given, more]
    : [undefined, given];
  return mapCodec(numberedLines(options), {
    ...options,
    name: "ndjson",
    decode({ bytes, number }, offset) {
      try {
        return readMessage(bytes, offset, schema);
      } catch (error) {
        if (error instanceof FrameError) {
          addLine(error, number);
          Object.assign(error, { bytes: bytes.slice(0, SHOWN_BYTES) });
        }
        throw error;
      }
    },
    encode: writeJson,
  });
}

/** A line that is not empty. */
interface NumberedLine {
  readonly bytes: Uint8Array;
  readonly number: number;
}

function numberedLines(
  options: FrameLimitOptions,
): Codec<Uint8Array, NumberedLine> {
  const format = delimitedFormat({
    ...options,
    delimiter: ["\n", "\r\n"],
    truncated: "emit",
  });
  return defineCodec({
    name: "numberedLines",
    reader: () => new NumberedLineReader(format, options.onSkip),
    encoder: new DelimitedEncoder(format),
  });
}

class NumberedLineReader implements FrameReader<NumberedLine> {
  readonly #lines: DelimitedReader;
  /** The number of the line that is being read. */
  #number = 1;

  constructor(format: DelimitedFormat, onSkip: FrameLimitOptions["onSkip"]) {
    const { limit } = format;
    const { maxFrameLength, skips } = limit;
    const refuse = (offset: number, length?: number) => {
      const error = tooLarge(maxFrameLength, length, offset);
      addLine(error, this.#number);
      if (!skips) throw error;
      this.#number++;
      onSkip?.(error);
    };
    this.#lines = new DelimitedReader({
      ...format,
      limit: { ...limit, refuse },
    });
  }

  read(input: ByteQueue): NumberedLine | undefined {
    let bytes = this.#lines.read(input);
    while (bytes !== undefined) {
      const number = this.#number++;
      if (!isEmpty(bytes, number)) return { bytes, number };
      input.endFrame();
      bytes = this.#lines.read(input);
    }
    return undefined;
  }

  finish(input: ByteQueue): NumberedLine | undefined {
    const bytes = this.#lines.finish(input);
    if (bytes === undefined || isEmpty(bytes, this.#number)) return undefined;
    if (isJson(bytes)) return { bytes, number: this.#number };
    const error = truncated(
      input.frameOffset,
      "JSON, or a line end",
      `the end of the stream after ${bytes.length} bytes`,
    );
    addLine(error, this.#number);
    throw error;
  }
}

/** Whether a line is empty, but for a byte order mark at the start of the stream. */
function isEmpty(bytes: Uint8Array, number: number): boolean {
  // One before JSON is left out where the text is decoded.
  const hasMark = number === 1 && bytes.length === 3 && bytes[0] === 0xef &&
    bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.length === 0 || hasMark;
}

function isJson(bytes: Uint8Array): boolean {
  try {
    readJson(bytes, 0);
    return true;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return false;
  }
}

/** Adds the number of the line to the message of an error. */
function addLine(error: FrameError, number: number): void {
  Object.assign(error, { message: `${error.message}, line ${number}` });
}
