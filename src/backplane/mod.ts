/**
 * What connects the processes of a service: channels, topics that are kept, names that
 * one process of all has, and requests, over a system such as NATS.
 *
 * @module
 */
export { createBackplane, memoryBackplane } from "./create_backplane.ts";
export type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
  TopicMessage,
} from "./engine.ts";
export {
  type MemoryEngine,
  MemorySystem,
  type MemorySystemOptions,
} from "./memory_system.ts";
export { portEngine } from "./port_engine.ts";
export { shareEngine } from "./share_engine.ts";
export type { MessagePortLike } from "../net/adapters/message_port.ts";
export type {
  Backplane,
  BackplaneHandler,
  BackplaneRequestOptions,
  Claim,
  HistoryOptions,
  Holder,
  PublishOptions,
  ServeContext,
  SubscribeOptions,
  Subscription,
  TopicListener,
  TopicSubscription,
} from "./types.ts";
