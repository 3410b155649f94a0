import { readFileSync } from "node:fs";
import type { Engine } from "../src/backplane/mod.ts";
import { redisEngine } from "../src/backplane/redis/mod.ts";
import { NatsServer } from "../tests/support/nats_server.ts";
import { RedisServer } from "../tests/support/redis_server.ts";
import type { EngineName } from "./row.ts";

/** The server of an engine, with a store of its own. */
export interface EngineServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same store; settles when it is ready. */
  start(): Promise<void>;
  /** An engine of this process. */
  engine(): Promise<Engine>;
}

/**
 * Starts the server of an engine. JetStream keeps in files, Redis in an append-only file.
 *
 * @param isDurable Whether Redis writes with `appendfsync always`, so that it keeps what
 * it has acknowledged. JetStream 2.9 has no such setting: what it has acknowledged is
 * with the operating system, and so outlives the kill of the process, but not a loss of
 * power.
 */
export async function startServer(
  engine: EngineName,
  isDurable: boolean,
): Promise<EngineServer> {
  if (engine === "nats") return await NatsServer.start();
  if (engine === "memory") throw new TypeError("It needs no server");
  // The last one of an option counts.
  const server = await RedisServer.start(
    ...["--appendfsync", isDurable ? "always" : "no"],
  );
  return {
    port: server.port,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    start: () => server.start(),
    engine: () => redisEngine({ client: server.client() }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The CPU time that a process has used, in seconds. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The memory that a process has, in bytes. */
export function residentBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024;
}
