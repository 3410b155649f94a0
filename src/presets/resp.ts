import { defineCodec } from "../codec/define_codec.ts";
import { utf8Of } from "../codec/bytes/text_run.ts";
import type { Codec } from "../codec/types.ts";
import { checkCount } from "../checks.ts";
import { LARGEST_MAX_DEPTH, MAX_DEPTH, MAX_FRAME_LENGTH } from "../defaults.ts";
import { describePreset } from "./describe_preset.ts";
import { RespEncoder } from "./resp_encoder.ts";
import { RespReader } from "./resp_plain.ts";
import { readFrame } from "./resp_reader.ts";
import type { RespValue } from "./resp_values.ts";

/** Options of {@linkcode resp}. */
export interface RespOptions {
  /**
   * The maximum length of a value in bytes as it is on the wire, with all that is
   * within it. Redis itself takes bulk strings of 512 MiB.
   *
   * @default {1_048_576}
   */
  maxFrameLength?: number;
  /**
   * How many arrays, maps, sets, pushes and attributes may be within each other, at
   * most 1,000.
   *
   * @default {128}
   */
  maxDepth?: number;
}

/**
 * The protocol of Redis and Valkey, RESP2 and RESP3 alike: requests, which are
 * arrays of bulk strings, and replies. A value is handed out as a tree whose nodes
 * have the `type` that they had on the wire, so the encoder writes it back as it was.
 *
 * Documentation of the peer: <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
 *
 * @example
 * ```ts
 * import { resp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (value: string) => new TextEncoder().encode(value);
 * // The specification's example of a request, and a reply
 * const bytes = text("*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n:48293\r\n");
 * const values = resp().decode(bytes);
 * assertEquals(values, [
 *   {
 *     type: "array",
 *     value: [
 *       { type: "bulk", value: text("LLEN") },
 *       { type: "bulk", value: text("mylist") },
 *     ],
 *   },
 *   { type: "integer", value: 48293 },
 * ]);
 * assertEquals(resp().encode(values[1]!), text(":48293\r\n"));
 * ```
 *
 * Errors of its frames: `FRAME_TOO_LARGE`, also if a value is nested too deeply,
 * `FRAME_TRUNCATED`, `HEADER_INVALID` if a value begins with no type, such as an
 * inline command, `LENGTH_INVALID`, `MARK_INVALID` if a line end is missing or is
 * inside a text, and `MESSAGE_INVALID` if a number is none, has more digits than a
 * type allows (64 bits, or 1,000 digits), or another value is not of its type. The
 * decoder cannot go on behind a value that is not valid: lengths are all that says
 * where the next one begins.
 *
 * Empty lines between values are passed over: `redis-cli --pipe` sends one. Text of
 * simple strings and errors that is not UTF-8 becomes U+FFFD. Streamed strings and
 * arrays (`$?`, `*?`), which no server sends, are refused.
 *
 * @param options The limits.
 * @returns The codec.
 * @throws {RangeError} If a limit is not a whole number.
 */
export function resp(options: RespOptions = {}): Codec<RespValue> {
  const described = describePreset("resp", options, [
    "maxFrameLength",
    "maxDepth",
  ]);
  const { maxFrameLength = MAX_FRAME_LENGTH, maxDepth = MAX_DEPTH } = options;
  checkCount("maxFrameLength", maxFrameLength, 0);
  checkCount("maxDepth", maxDepth, 0, LARGEST_MAX_DEPTH);
  const format = { readFrame, maxFrameLength, maxDepth };
  return described(defineCodec<RespValue>({
    name: "resp",
    reader: () => new RespReader(format),
    encoder: new RespEncoder(maxFrameLength, maxDepth),
  }));
}

/**
 * A command for a server, as a value of {@linkcode resp}.
 *
 * @example
 * ```ts
 * import { resp, respCommand } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   new TextDecoder().decode(resp().encode(respCommand("GET", "key"))),
 *   "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n",
 * );
 * ```
 *
 * @param words The name of the command and its arguments: bytes, or text in UTF-8.
 * @returns The array of bulk strings.
 */
export function respCommand(...words: (string | Uint8Array)[]): RespValue {
  const value = words.map((word) => ({
    type: "bulk" as const,
    value: typeof word === "string" ? utf8Of(word).slice() : word,
  }));
  return { type: "array", value };
}
