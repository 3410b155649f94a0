import { limitNames, recoveryNames } from "../codec/description.ts";
import type { ByteQueue } from "../codec/bytes/byte_queue.ts";
import {
  type Recovery,
  recovery,
  Refused,
  SHOWN_BYTES,
} from "../codec/bytes/recovery.ts";
import { frameLimit, tooLarge, truncated } from "../codec/bytes/limits.ts";
import { readerCodec } from "../codec/define_codec.ts";
import { FrameError } from "../codec/errors.ts";
import {
  type LineFormat,
  LineReader,
  writeLine,
} from "../codec/bytes/line_reader.ts";
import type {
  Codec,
  FrameLimitOptions,
  FrameReader,
  RecoveryOptions,
} from "../codec/types.ts";
import type { JsonValue } from "../codec/views/json.ts";
import {
  parseOrRefuse,
  printJson,
  readJson,
  validMessage,
} from "../codec/views/json_bytes.ts";
import { madeNothing } from "../codec/views/decoder_view.ts";
import { utf8Of } from "../codec/bytes/text_run.ts";
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
  const format: LineFormat = {
    limit: frameLimit(options),
    skipEmpty: false,
    truncated: "emit",
    fatal: true,
  };
  const invalid = recovery(options);
  const codec = readerCodec<unknown>({
    name: "ndjson",
    reader: () => new JsonLinesReader(format, schema, invalid, options.onSkip),
    encoder: {
      encode(value, output) {
        writeLine(utf8Of(printJson(value)), format, output);
      },
    },
  });
  return described({ ...codec, description: { kind: "lines", options: {} } });
}

const BYTE_ORDER_MARK = "\ufeff";

class JsonLinesReader implements FrameReader<unknown> {
  readonly #lines: LineReader;
  readonly #schema: StandardSchema | undefined;
  readonly #invalid: Recovery;
  /** The number of the line that is being read. */
  #number = 1;

  constructor(
    format: LineFormat,
    schema: StandardSchema | undefined,
    invalid: Recovery,
    onSkip: FrameLimitOptions["onSkip"],
  ) {
    const { limit } = format;
    const { maxFrameLength, skips } = limit;
    const refuse = (offset: number, length?: number) => {
      const error = tooLarge(maxFrameLength, length, offset);
      addLine(error, this.#number);
      if (!skips) throw error;
      this.#number++;
      onSkip?.(error);
    };
    this.#lines = new LineReader({ ...format, limit: { ...limit, refuse } });
    this.#schema = schema;
    this.#invalid = invalid;
  }

  read(input: ByteQueue): unknown {
    while (true) {
      const line = this.#lines.read(input);
      if (line === undefined) return undefined;
      const value = this.#valueOf(line, input);
      if (value !== undefined) return value;
    }
  }

  /** The value of a line; `undefined` if the line is empty or passed over. */
  #valueOf(line: string | Uint8Array, input: ByteQueue): unknown {
    const number = this.#number++;
    if (isEmpty(line, number)) {
      input.endFrame();
      return undefined;
    }
    const offset = input.frameOffset;
    const schema = this.#schema;
    let value: unknown;
    try {
      value = typeof line === "string"
        ? parseOrRefuse(withoutMark(line), offset)
        : readJson(line, offset);
      if (schema !== undefined) value = validMessage(value, offset, schema);
    } catch (error) {
      const isRefused = error instanceof Refused;
      if (!isRefused && !(error instanceof FrameError)) throw error;
      // Set before `onSkip` is called, which may call the decoder.
      input.endFrame();
      this.#invalid.refuse(() => {
        const reported = isRefused ? error.refusal() : error;
        addLine(reported, number);
        return reported;
      }, beginningOf(line));
      return undefined;
    }
    if (value === undefined) throw madeNothing("the schema of ndjson");
    return value;
  }

  finish(input: ByteQueue): unknown {
    const bytes = this.#lines.finish(input);
    if (bytes === undefined) return undefined;
    if (isEmpty(bytes, this.#number) || !isCut(bytes)) {
      return this.#valueOf(bytes, input);
    }
    const error = truncated(
      input.frameOffset,
      "JSON, or a line end",
      `the end of the stream after ${bytes.length} bytes`,
    );
    addLine(error, this.#number);
    throw error;
  }
}

/** The text of a line without a byte order mark before it. */
function withoutMark(line: string): string {
  return line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
}

/** The first bytes of a line, for its error. */
function beginningOf(line: string | Uint8Array): Uint8Array {
  const bytes = typeof line === "string"
    ? utf8Of(line.slice(0, SHOWN_BYTES))
    : line;
  return bytes.slice(0, SHOWN_BYTES);
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
