import type { MessagePortLike } from "../net/adapters/message_port.ts";
import type { NetErrorCode } from "../net/errors.ts";
import type { BackplaneState, Engine, LiveMessage } from "./engine.ts";

/** What a port must have. */
export const PORT_METHODS: readonly string[] = [
  "postMessage",
  "addEventListener",
  "start",
  "close",
];

/** A method of the engine, and its arguments. */
export type Call =
  | readonly ["listen" | "watch", name: string]
  | readonly ["registers"]
  | readonly ["append", ...Parameters<Engine["append"]>]
  | readonly ["read", ...Parameters<Engine["read"]>]
  | readonly ["swap", ...Parameters<Engine["swap"]>];

/** What the thread without the engine posts. */
export type Request =
  | readonly ["call", id: number, call: Call]
  | readonly ["send", channel: string, bytes: Uint8Array]
  /** Ends a `listen` or `watch`. */
  | readonly ["stop", id: number]
  | readonly ["close"];

/** What the thread with the engine posts. */
export type Answer =
  | readonly ["state", BackplaneState]
  | readonly ["result", id: number, value: unknown]
  | readonly ["error", id: number, error: PostedError]
  /** What a `listen` or `watch` hears. */
  | readonly ["event", id: number, value: Uint8Array | LiveMessage]
  | readonly ["close"];

/** An error as a message port carries it. */
export interface PostedError {
  readonly message: string;
  readonly code: NetErrorCode | undefined;
  readonly limit: string | undefined;
}

/** Takes the messages of a port, the last of which says that it is closed. */
export function receive<Message>(
  port: MessagePortLike,
  take: (message: Message | readonly ["close"]) => void,
): void {
  port.addEventListener("message", (event) => {
    if ("data" in event) take(event.data as Message);
  });
  port.addEventListener("close", () => take(["close"]));
  port.start();
}

/** Bytes with a buffer of their own: a port would copy the whole buffer of a view. */
export function whole(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** A message whose bytes have a buffer of their own. */
export function wholeMessage<T extends { readonly bytes: Uint8Array }>(
  message: T,
): T {
  return { ...message, bytes: whole(message.bytes) };
}
