import { limitNames, recoveryNames } from "../codec/description.ts";
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
import {
  parseJson,
  printJson,
  readJson,
  readMessage,
  validMessage,
} from "../codec/views/json_bytes.ts";
import { LineRun } from "../codec/bytes/line_run.ts";
import { utf8Of } from "../codec/bytes/text_run.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import {
  schemaAndOptions,
  type StandardSchema,
} from "../codec/views/standard_schema.ts";
import { describePreset } from "./describe_preset.ts";

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
  const [schema, options] = schemaAndOptions(given, more);
  const described = describePreset("ndjson", options, [
    ...limitNames,
    ...recoveryNames,
  ], schema && { schema });
  const codec: Codec<unknown> = mapCodec(numberedLines(options), {
    ...options,
    name: "ndjson",
    decode({ line, number }, offset) {
      try {
        if (typeof line !== "string") return readMessage(line, offset, schema);
        const text = line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
        return validMessage(parseJson(text, offset), offset, schema);
      } catch (error) {
        if (error instanceof FrameError) {
          addLine(error, number);
          Object.assign(error, { bytes: beginningOf(line) });
        }
        throw error;
      }
    },
    encode: (value: unknown) => utf8Of(printJson(value)),
  });
  return described({ ...codec, description: { kind: "lines", options: {} } });
}

/** A line that is not empty. */
interface NumberedLine {
  /** The text, or the bytes of a line that was decoded to no text yet. */
  readonly line: string | Uint8Array;
  readonly number: number;
}

const BYTE_ORDER_MARK = "\ufeff";

/** The first bytes of a line, for its error. */
function beginningOf(line: string | Uint8Array): Uint8Array {
  const bytes = typeof line === "string"
    ? utf8Of(line.slice(0, SHOWN_BYTES))
    : line;
  return bytes.slice(0, SHOWN_BYTES);
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
  readonly #run = new LineRun(
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }),
  );
  readonly #maxFrameLength: number;
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
    this.#maxFrameLength = maxFrameLength;
    this.#lines = new DelimitedReader({
      ...format,
      limit: { ...limit, refuse },
    });
  }

  read(input: ByteQueue): NumberedLine | undefined {
    let line = this.#next(input);
    while (line !== undefined) {
      const number = this.#number++;
      if (!isEmpty(line, number)) return { line, number };
      input.endFrame();
      line = this.#next(input);
    }
    return undefined;
  }

  #next(input: ByteQueue): string | Uint8Array | undefined {
    const line = this.#lines.isSkipping
      ? undefined
      : this.#run.take(input, this.#maxFrameLength);
    return line ?? this.#lines.read(input);
  }

  finish(input: ByteQueue): NumberedLine | undefined {
    const bytes = this.#lines.finish(input);
    if (bytes === undefined || isEmpty(bytes, this.#number)) return undefined;
    if (!isCut(bytes)) return { line: bytes, number: this.#number };
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
function isEmpty(line: string | Uint8Array, number: number): boolean {
  if (line.length === 0) return true;
  if (number > 1) return false;
  if (typeof line === "string") return line === BYTE_ORDER_MARK;
  // One before JSON is left out where the text is decoded.
  return line.length === 3 && line[0] === 0xef && line[1] === 0xbb &&
    line[2] === 0xbf;
}

/** Whether a last line is not JSON, but may be the beginning of JSON. */
function isCut(bytes: Uint8Array): boolean {
  try {
    readJson(bytes, 0);
    return false;
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    // Without a cause, it is JSON that is nested too deeply, cut or not.
    return error.cause !== undefined;
  }
}

/** Adds the number of the line to the message of an error. */
function addLine(error: FrameError, number: number): void {
  Object.assign(error, { message: `${error.message}, line ${number}` });
}
