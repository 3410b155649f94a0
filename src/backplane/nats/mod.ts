/**
 * The nodes of a service over NATS: the engine of a backplane. The client of NATS is the
 * program's own; nothing of it is loaded here.
 *
 * @module
 */
export type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
  TopicMessage,
} from "../engine.ts";
export { natsEngine } from "./nats_engine.ts";
export type {
  JetStreamLike,
  NatsConnectionLike,
  NatsEngineOptions,
  NatsHeadersLike,
  NatsMessageLike,
} from "./types.ts";
