/**
 * Redis as the engine of a backplane.
 *
 * @module
 */
export { redisEngine } from "./redis_engine.ts";
export type {
  RedisConnection,
  RedisConnectionOptions,
  RedisEngineOptions,
  RedisLike,
} from "./types.ts";
