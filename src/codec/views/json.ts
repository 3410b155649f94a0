import { describeView, recoveryNames } from "../description.ts";
import {
  jsonDecoder,
  notJson,
  parseOrRefuse,
  printJson,
  validMessage,
} from "./json_bytes.ts";
import { mapText } from "./map_text.ts";
import { schemaAndOptions, type StandardSchema } from "./standard_schema.ts";
import type { Codec, RecoveryOptions } from "../types.ts";

/** A value that JSON can represent. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * JSON over frames of bytes, in UTF-8. At most 1,000 lists and objects may be within
 * each other, for the decoder and for the encoder.
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
 * @example Lines that are not JSON are reported and passed over
 * ```ts
 * import { delimited, json } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const offsets: unknown[] = [];
 * const codec = json(delimited({ delimiter: "\n" }), {
 *   onInvalid: "skip",
 *   onSkip: (error) => offsets.push(error.offset),
 * });
 * const bytes = new TextEncoder().encode('{"a":1}\nstarted\n[2]\n');
 * assertEquals(codec.decode(bytes), [{ a: 1 }, [2]]);
 * assertEquals(offsets, [8]);
 * ```
 *
 * Errors of its frames: `MESSAGE_INVALID` if a frame is not JSON, or is nested too
 * deeply.
 *
 * @param codec The codec of the frames.
 * @param options What to do with frames that are not JSON.
 * @returns The codec of the values.
 */
export function json(
  codec: Codec<Uint8Array>,
  options?: RecoveryOptions,
): Codec<JsonValue>;
/**
 * JSON over frames of bytes, in UTF-8, validated by a schema. The decoder hands
 * out the output of the schema; an output of `undefined` is refused with a
 * `TypeError`.
 *
 * Errors of its frames: `MESSAGE_INVALID` if a frame is not JSON, is nested too
 * deeply, or does not match the schema; the message names the path.
 *
 * @typeParam Input What the encoder takes. It is not validated.
 * @typeParam Output What the decoder hands out.
 * @param codec The codec of the frames.
 * @param schema A synchronous Standard Schema.
 * @param options What to do with frames that are not JSON, or not of the schema.
 * @returns The codec of the values.
 */
export function json<Input, Output>(
  codec: Codec<Uint8Array>,
  schema: StandardSchema<Input, Output>,
  options?: RecoveryOptions,
): Codec<Input, Output>;
export function json(
  codec: Codec<Uint8Array>,
  given: StandardSchema | RecoveryOptions = {},
  more: RecoveryOptions = {},
): Codec<unknown> {
  const [schema, options] = schemaAndOptions(given, more);
  const description = describeView(
    "json",
    codec,
    schema === undefined ? {} : { schema },
    options,
    recoveryNames,
  );
  const values = mapText(codec, {
    ...options,
    name: `json(${codec.name})`,
    decoder: jsonDecoder,
    invalid: notJson,
    decode: (text, offset) =>
      validMessage(parseOrRefuse(text, offset), offset, schema),
    encode: printJson,
  });
  return { ...values, description };
}
