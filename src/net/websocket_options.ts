import {
  checkChoice,
  checkCount,
  checkTimeLimit,
  type OptionKinds,
} from "../checks.ts";
import { MAX_FRAME_LENGTH } from "../defaults.ts";
import type { Address } from "./address.ts";
import { checkWebSocketPath } from "./check_websocket_path.ts";
import type { WebSocketOptions } from "./websocket_types.ts";
import type { FrameSettings } from "./websocket/frames.ts";

/** The bytes of the length in front of each message, in the mode `"messages"`. */
export const PREFIX_LENGTH = 4;

/** Those of the options of both sides. */
export const commonKinds: OptionKinds<WebSocketOptions> = {
  path: "checked",
  mode: "checked",
  type: "checked",
  maxMessageLength: "checked",
  protocol: "checked",
  pingMs: "checked",
};

/** The options of both sides, with defaults filled in. */
export interface WebSocketSettings
  extends Omit<FrameSettings, "isClient">, Pick<WebSocketOptions, "protocol"> {
  readonly path: string;
  readonly pingMs: number;
}

/** A name (RFC 9110, section 5.6.2). */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

/**
 * Checks the options of both sides, for an address.
 *
 * @throws {TypeError} If an option cannot be used.
 * @throws {RangeError} If a number is out of its range.
 */
export function webSocketSettings(
  options: WebSocketOptions,
  address: Address,
): WebSocketSettings {
  const { mode = "messages", type = "binary", pingMs = Infinity } = options;
  const { maxMessageLength = MAX_FRAME_LENGTH, protocol } = options;
  checkChoice("webSocket.mode", mode, ["messages", "bytes"]);
  checkChoice("webSocket.type", type, ["binary", "text"]);
  checkCount("webSocket.maxMessageLength", maxMessageLength, 1, 2 ** 32 - 1);
  checkTimeLimit("webSocket.pingMs", pingMs);
  if (mode === "bytes" && type === "text") {
    throw new TypeError(
      'Cannot use webSocket.type: with the mode "bytes", which cuts anywhere, a text could end inside of a character',
    );
  }
  if (protocol !== undefined && !TOKEN.test(protocol)) {
    throw new TypeError(
      `Cannot use webSocket.protocol: expected a name such as mqtt, got ${protocol}`,
    );
  }
  const path = pathOf(options.path, address);
  return {
    mode,
    type,
    maxMessageLength,
    pingMs,
    path,
    ...(protocol !== undefined && { protocol }),
  };
}

function pathOf(given: string | undefined, address: Address): string {
  const own = address.transport === "ws" || address.transport === "wss"
    ? address.path
    : undefined;
  const path = given ?? own ?? "/";
  checkWebSocketPath(path, "Cannot use webSocket.path");
  return path;
}
