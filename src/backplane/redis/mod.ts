/**
 * Redis as the engine of a backplane.
 *
 * @module
 */
export { redisEngine, type RedisEngineOptions } from "./redis_engine.ts";
export type {
  RedisConnection,
  RedisConnectionOptions,
  RedisLike,
} from "./redis_like.ts";
