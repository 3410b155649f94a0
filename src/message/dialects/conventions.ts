import { isObject } from "../../checks.ts";
import type { JsonValue } from "../../codec/views/json.ts";

/**
 * The conventions for what JSON-RPC leaves open: how a request is cancelled, and how
 * its results come in parts.
 */
export interface Conventions {
  /** The notification that cancels a request. */
  readonly cancel: string;
  /** The name of the id in its parameters. */
  readonly cancelledId: string;
  /** Whether a cancelled request is answered, with an error. */
  readonly answersCancelled: boolean;
  /** The notification with a part of a result, or with the progress of a request. */
  readonly progress: string;
  /** The parameters of a request whose parts go by a token. */
  withToken(params: JsonValue, token: JsonValue): JsonValue;
  /** The token in the parameters of a request. */
  tokenIn(params: JsonValue): JsonValue | undefined;
  /** The parameters of the notification with a part. */
  progressOf(token: JsonValue, part: JsonValue): JsonValue;
  /** The token and the part in the parameters of such a notification. */
  partIn(
    params: JsonValue,
  ): { readonly token: JsonValue; readonly part: JsonValue } | undefined;
  /** Whether the last part is the result itself, and no notification is sent of it. */
  readonly lastIsResult: boolean;
}

/**
 * The Language Server Protocol: `$/cancelRequest`, and partial results, which are
 * arrays.
 * <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#partialResults>
 */
export const LSP: Conventions = {
  cancel: "$/cancelRequest",
  cancelledId: "id",
  answersCancelled: true,
  progress: "$/progress",
  withToken: (params, token) => ({
    ...fieldsOf(params),
    partialResultToken: token,
  }),
  tokenIn: (params) => fieldsOf(params)["partialResultToken"],
  progressOf: (token, value) => ({ token, value }),
  partIn(params) {
    const { token, value } = fieldsOf(params);
    if (token === undefined || value === undefined) return undefined;
    return { token, part: value };
  },
  lastIsResult: false,
};

/**
 * The Model Context Protocol: `notifications/cancelled`, and the progress of a request.
 * <https://modelcontextprotocol.io/specification/2025-06-18/basic/utilities/progress>
 */
export const MCP: Conventions = {
  cancel: "notifications/cancelled",
  cancelledId: "requestId",
  answersCancelled: false,
  progress: "notifications/progress",
  withToken(params, progressToken) {
    const fields = fieldsOf(params);
    const meta = fieldsOf(fields["_meta"]);
    return { ...fields, _meta: { ...meta, progressToken } };
  },
  tokenIn: (params) => fieldsOf(fieldsOf(params)["_meta"])["progressToken"],
  progressOf: (progressToken, part) => ({ ...fieldsOf(part), progressToken }),
  partIn(params) {
    const { progressToken, ...part } = fieldsOf(params);
    return progressToken === undefined
      ? undefined
      : { token: progressToken, part };
  },
  lastIsResult: true,
};

function fieldsOf(value: unknown): Readonly<Record<string, JsonValue>> {
  return isObject(value) ? value as Readonly<Record<string, JsonValue>> : {};
}
