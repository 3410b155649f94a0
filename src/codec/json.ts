import { FrameError } from "./errors.ts";
import { mapCodec } from "./map_codec.ts";
import {
  describeIssue,
  type StandardSchema,
  validate,
} from "./standard_schema.ts";
import type { Codec } from "./types.ts";

/** A value that JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * JSON over frames of bytes, in UTF-8.
 *
 * @example A JSON value a line
 * ```ts
 * import { delimited, json } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = json(delimited({ delimiter: ["\n", "\r\n"] }));
 * const bytes = new TextEncoder().encode('{"a":1}\n[2]\n');
 * assertEquals(codec.decode(bytes), [{ a: 1 }, [2]]);
 * ```
 *
 * @param codec The codec of the frames.
 * @returns The codec of the values.
 */
export function json(codec: Codec<Uint8Array>): Codec<JsonValue>;
/**
 * JSON over frames of bytes, in UTF-8, validated by a schema: what is handed out
 * is what the schema makes of it.
 *
 * Errors of its frames: `MESSAGE_INVALID` for what is not JSON, or not of the
 * schema; the message names the path.
 *
 * @typeParam Input What is given, and sent as it is.
 * @typeParam Output What is handed out.
 * @param codec The codec of the frames.
 * @param schema A synchronous Standard Schema.
 * @returns The codec of the values.
 */
export function json<Input, Output>(
  codec: Codec<Uint8Array>,
  schema: StandardSchema<Input, Output>,
): Codec<Input, Output>;
export function json(
  codec: Codec<Uint8Array>,
  schema?: StandardSchema,
): Codec<unknown> {
  const textDecoder = new TextDecoder("utf-8", { fatal: true });
  const textEncoder = new TextEncoder();
  return mapCodec(codec, {
    name: `json(${codec.name})`,
    decode(frame, offset) {
      const value = parse(frame, offset, textDecoder);
      if (schema === undefined) return value;
      const result = validate(schema, value);
      if (result.issues === undefined) return result.value;
      throw new FrameError("MESSAGE_INVALID", {
        reason: "The message is not valid",
        offset,
        expected: "a message of the schema",
        got: result.issues.map(describeIssue).join("; "),
      });
    },
    encode(value: unknown) {
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) {
        throw new FrameError("MESSAGE_INVALID", {
          reason: "The message cannot become JSON",
          expected: "a JSON value",
          got: typeof value,
        });
      }
      return textEncoder.encode(text);
    },
  });
}

function parse(
  frame: Uint8Array,
  offset: number,
  textDecoder: TextDecoder,
): unknown {
  try {
    return JSON.parse(textDecoder.decode(frame));
  } catch (cause) {
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The message is not JSON",
      offset,
      expected: "JSON in UTF-8",
      got: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}
