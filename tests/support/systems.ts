/** The systems that connect nodes, each with what takes it away and brings it back. */

import {
  type Engine,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { redisEngine } from "../../src/backplane/redis/mod.ts";
import { NatsServer, needsNats } from "./nats_server.ts";
import { noRedis, RedisServer } from "./redis_server.ts";

/** A system for one test. It is empty at first. */
export interface TestSystem extends AsyncDisposable {
  /** Makes the engine of another node, which is closed with the node. */
  engine(): Promise<Engine>;
  /** Takes the system away from all engines. */
  cut(): Promise<void>;
  /** Brings it back. The engines find it a moment later. */
  restore(): Promise<void>;
}

/** A kind of system. */
export interface SystemKind {
  readonly name: string;
  /** Skips a test, by the reason, where this machine has no such system. */
  readonly needs: { readonly skip?: string | false };
  start(): Promise<TestSystem>;
}

function memory(): Promise<TestSystem> {
  const system = new MemorySystem();
  const engines: MemoryEngine[] = [];
  const setAll = (state: "up" | "down") => {
    for (const engine of engines) engine.setState(state);
    return Promise.resolve();
  };
  return Promise.resolve({
    engine() {
      const engine = system.engine();
      engines.push(engine);
      return Promise.resolve(engine);
    },
    cut: () => setAll("down"),
    restore: () => setAll("up"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

async function nats(): Promise<TestSystem> {
  const server = await NatsServer.start();
  return {
    engine: () => server.engine(),
    cut: () => server.kill(),
    restore: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function redis(): Promise<TestSystem> {
  const server = await RedisServer.start();
  return {
    engine: () => redisEngine({ client: server.client() }),
    cut: () => server.kill(),
    restore: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Those that are programs of their own: they are killed, and started again. */
export const servers: readonly SystemKind[] = [
  { name: "NATS", needs: needsNats, start: nats },
  { name: "Redis", needs: { skip: noRedis }, start: redis },
];

/** All of them. */
export const systems: readonly SystemKind[] = [
  { name: "memory", needs: {}, start: memory },
  ...servers,
];
