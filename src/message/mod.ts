/**
 * Requests, replies, streams of replies and events over frames.
 *
 * @module
 */
export * from "./command_messages.ts";
export {
  type Command,
  type Commands,
  type EventInput,
  type EventOutput,
  type InputOf,
  type OutputOf,
  typed,
} from "./commands.ts";
export * from "./connect_messages.ts";
export * from "./connect_service.ts";
export { type Envelope, type EnvelopeHeader, envelopes } from "./envelope.ts";
export * from "./dialects/correlated.ts";
export * from "./dialects/dap.ts";
export { defineDialect, speak } from "./dialects/define_dialect.ts";
export * from "./dialects/dialect.ts";
export type { DialectOptions } from "./dialects/dialect_options.ts";
export * from "./dialects/json_rpc.ts";
export * from "./dialects/pipelined.ts";
export * from "./dialects/types_of.ts";
export * from "./envelope_channel.ts";
export { MessageError, type MessageErrorCode } from "./errors.ts";
export {
  type EventContext,
  type EventListener,
  type Handlers,
  Peer,
  type PeerOptions,
  type RequestContext,
  type RequestHandler,
} from "./peer.ts";
export type { ReconnectingState } from "./lines.ts";
export * from "./reconnecting_messages.ts";
export type { ReconnectingMessagesOptions } from "./reconnecting_messages_options.ts";
export type { ReconnectingPeer } from "./reconnecting_peer.ts";
export * from "./serve_messages.ts";
export type { MessageServerOptions } from "./serve_messages_options.ts";
export * from "./types.ts";
