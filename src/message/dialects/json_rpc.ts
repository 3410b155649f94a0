import {
  checkChoice,
  checkCount,
  checkOptions,
  type OptionKinds,
} from "../../checks.ts";
import { checkCodec } from "../../codec/check_codec.ts";
import type { Codec, RecoveryOptions } from "../../codec/types.ts";
import type { JsonValue } from "../../codec/views/json.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";
import { type Conventions, LSP, MCP } from "./conventions.ts";
import type { Dialect, FramesOf } from "./dialect.ts";
import { JsonRpcConversation } from "./json_rpc_conversation.ts";
import { TranslatedChannel } from "./translated_channel.ts";

/** Options of {@linkcode jsonRpc}. */
export interface JsonRpcOptions {
  /**
   * How requests are cancelled and answered in parts, which JSON-RPC leaves open:
   *
   * - `"lsp"`: `$/cancelRequest`, and partial results as `$/progress`;
   * - `"mcp"`: `notifications/cancelled` and `notifications/progress`.
   *
   * @default {nothing is sent when a request is given up, and there are no streams}
   */
  conventions?: "lsp" | "mcp";
  /**
   * How many requests and notifications of one turn of the event loop go out as one
   * batch. Batches that come in are answered in any case. LSP and MCP have none. A
   * whole number from 1.
   *
   * @default {no batches}
   */
  maxBatch?: number;
}

const CONVENTIONS: Readonly<Record<"lsp" | "mcp", Conventions>> = {
  lsp: LSP,
  mcp: MCP,
};

const kinds: OptionKinds<JsonRpcOptions> = {
  conventions: "checked",
  maxBatch: "checked",
};

/**
 * JSON-RPC 2.0, over any frames of JSON: `lsp()` for language servers, `ndjson()` for
 * MCP, `jsonSeq()`, or `json(lengthPrefixed())`, whose frames are the messages of a
 * WebSocket. Events are its notifications. The ids of requests are numbers; those of the
 * other side may be strings as well.
 *
 * The body of a request or an event is an object, an array, or `null` for none. What a
 * handler gets is the same; what it returns is the `result`.
 *
 * | `MessageError` | on the wire |
 * | --- | --- |
 * | `NO_HANDLER` | -32601 |
 * | `BODY_INVALID` | -32602 |
 * | `HANDLER_FAILED` | -32603 |
 * | `CANCELLED` | -32800, for LSP |
 * | digits, such as `"-32002"` | that number |
 * | any other | -32000, with `{ code, data }` as its data |
 *
 * A message that is no request and no response is answered with -32600. Bytes that are
 * not JSON are answered with -32700. If a codec is given, they end the connection then.
 * If a function that makes one is given (`ndjson` itself), it makes one with
 * `onInvalid: "skip"`, and the conversation goes on.
 *
 * With conventions, `stream` asks for the result in parts: the items are what the other
 * side notifies, and then the result, unless it is `null`. A handler that returns an
 * async iterable answers in parts where the other side has asked for it. In LSP the parts
 * are arrays, and are joined for a client that has not asked. In MCP they are progress,
 * and the last one is the result.
 *
 * Specification: <https://www.jsonrpc.org/specification>.
 *
 * @example
 * ```ts
 * import { ndjson } from "@framewire/framewire/presets";
 * import {
 *   connectMessages,
 *   jsonRpc,
 *   serveMessages,
 *   typed,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const dialect = jsonRpc(ndjson());
 * const commands = {
 *   subtract: { input: typed<[number, number]>(), output: typed<number>() },
 * };
 * await using server = await serveMessages({
 *   address: { port: 0 },
 *   dialect,
 *   commands,
 * });
 * server.on("subtract", ([a, b]) => a - b);
 *
 * await using client = await connectMessages({
 *   address: server.address,
 *   dialect,
 *   commands,
 * });
 * assertEquals(await client.request("subtract", [42, 23]), 19);
 * ```
 *
 * @param codec The codec of the frames, or a function that makes it.
 * @param options The conventions, and batches.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec, or there is no such option or convention.
 * @throws {RangeError} If `maxBatch` is no whole number from 1.
 */
export function jsonRpc(
  codec: Codec<JsonValue> | ((options: RecoveryOptions) => Codec<JsonValue>),
  options: JsonRpcOptions = {},
): Dialect<JsonValue> {
  checkOptions("jsonRpc", options, kinds);
  const { conventions, maxBatch = 1 } = options;
  if (conventions !== undefined) {
    checkChoice("conventions", conventions, ["lsp", "mcp"]);
  }
  checkCount("maxBatch", maxBatch, 1);
  const ofName = conventions && CONVENTIONS[conventions];
  const open = (connection: FramesOf<JsonValue>) =>
    new TranslatedChannel(
      connection,
      (wire) => new JsonRpcConversation(wire, ofName, maxBatch),
    );
  if (typeof codec !== "function") {
    checkCodec(codec);
    return { codec, open };
  }
  return { codec: codec({}), open: (connection) => goingOn(connection) };

  /** Answers what is not JSON, and goes on behind it. */
  function goingOn(connection: FramesOf<JsonValue>): EnvelopeChannel {
    let conversation: JsonRpcConversation | undefined;
    const skipping = (codec as (options: RecoveryOptions) => Codec<JsonValue>)({
      onInvalid: "skip",
      onSkip: (error) => conversation?.refuse(error),
    });
    return new TranslatedChannel(connection.switchCodec(skipping), (wire) => {
      return conversation = new JsonRpcConversation(wire, ofName, maxBatch);
    });
  }
}
