/** The framing of protocols of text. */

import { limitNames, recoveryNames } from "../codec/description.ts";
import { contentLength } from "../codec/formats/content_length.ts";
import { delimited } from "../codec/formats/delimited.ts";
import { marked } from "../codec/formats/marked.ts";
import type {
  Codec,
  FrameLimitOptions,
  RecoveryOptions,
} from "../codec/types.ts";
import { json, type JsonValue } from "../codec/views/json.ts";
import { text } from "../codec/views/text.ts";
import { describePreset, presetNames } from "./describe_preset.ts";
import type { PresetOptions } from "./types.ts";

/**
 * The Language Server Protocol's base protocol, and the Debug Adapter Protocol's:
 * a `Content-Length` header and JSON.
 *
 * Documentation of the peer:
 * <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#baseProtocol>.
 *
 * @example
 * ```ts
 * import { lsp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // vscode-jsonrpc 10.0.0: StreamMessageWriter
 * const bytes = new TextEncoder().encode(
 *   'Content-Length: 33\r\n\r\n{"jsonrpc":"2.0","method":"exit"}',
 * );
 * const message = { jsonrpc: "2.0", method: "exit" };
 * assertEquals(lsp().decode(bytes), [message]);
 * assertEquals(lsp().encode(message), bytes);
 * ```
 *
 * @param options The limit, and what to do with bodies that are not JSON.
 * @returns The codec.
 */
export function lsp(
  options: FrameLimitOptions & RecoveryOptions = {},
): Codec<JsonValue> {
  const described = describePreset("lsp", options, [
    ...limitNames,
    ...recoveryNames,
  ]);
  const { onInvalid, onSkip, ...limits } = options;
  return described(json(
    contentLength({ ...limits, ...(onSkip && { onSkip }) }),
    { ...(onInvalid && { onInvalid }), ...(onSkip && { onSkip }) },
  ));
}

/**
 * Redis's lines: inline commands to the server, and replies of one line, with
 * their leading `+`, `-` or `:`. This is not RESP: a reply of several lines
 * (`$`, `*`) is handed out line by line. The limit is Redis's own, 64 KiB.
 *
 * Documentation of the peer:
 * <https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands>.
 *
 * @example
 * ```ts
 * import { redisLines } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // Redis 7.0.15, after PING and SET
 * const bytes = new TextEncoder().encode("+PONG\r\n+OK\r\n");
 * assertEquals(redisLines().decode(bytes), ["+PONG", "+OK"]);
 * assertEquals(redisLines().encode("PING"), new TextEncoder().encode("PING\r\n"));
 * ```
 *
 * @param options Another limit.
 * @returns The codec.
 */
export function redisLines(options: FrameLimitOptions = {}): Codec<string> {
  const described = describePreset("redisLines", options, limitNames);
  return described(text(
    delimited({ maxFrameLength: 65_536, ...options, delimiter: "\r\n" }),
  ));
}

/**
 * HL7's minimal lower layer protocol: `0b`, the message, `1c 0d`. A line end, `0d
 * 0a`, may stand between messages: many peers send one. The byte `0b` cannot occur in
 * a message, so one that is broken off by the next is refused, and not joined to it.
 *
 * With `onInvalid: "skip"`, bytes between messages are passed over up to the next
 * `0b`, and so is a message that is broken off, each with one report.
 *
 * Documentation:
 * <https://www.hl7.org/documentcenter/public/wg/inm/mllp_transport_specification.PDF>.
 *
 * @example
 * ```ts
 * import { hl7Mllp } from "@framewire/framewire/presets";
 * import { assertEquals } from "@std/assert";
 *
 * // python-hl7 0.4.5: MLLPClient.send_message
 * const bytes = new TextEncoder().encode("\x0bMSH|^~\\&|A|B\rPID|1\r\x1c\r");
 * assertEquals(
 *   hl7Mllp().decode(bytes),
 *   [new TextEncoder().encode("MSH|^~\\&|A|B\rPID|1\r")],
 * );
 * ```
 *
 * Errors of its frames: those of {@linkcode marked}.
 *
 * @param options The limit, and what to do with bytes that are no message.
 * @returns The codec.
 */
export function hl7Mllp(
  options: PresetOptions & RecoveryOptions = {},
): Codec<Uint8Array> {
  const described = describePreset("hl7Mllp", options, [
    ...presetNames,
    ...recoveryNames,
  ]);
  return described(marked({
    between: ["\r\n"],
    restart: true,
    ...options,
    start: "\x0b",
    end: "\x1c\r",
  }));
}
