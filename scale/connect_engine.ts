import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Redis } from "ioredis";
import type { Engine } from "../src/backplane/mod.ts";
import { natsEngine } from "../src/backplane/nats/mod.ts";
import { redisEngine } from "../src/backplane/redis/mod.ts";
import type { NodeSettings } from "./row.ts";

/** An engine, and how many messages its client has received from the server. */
export interface Connected {
  readonly engine: Engine;
  readonly received: () => number;
}

/** Connects a node to the server of its engine. */
export async function connectEngine(
  { engine, port, engineOptions = {} }: NodeSettings,
): Promise<Connected> {
  if (engine === "nats") {
    const connection = await connect({
      servers: `127.0.0.1:${port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    return {
      engine: await natsEngine({
        connection,
        jetstream: jetstream(connection),
        ...engineOptions,
      }),
      received: () => connection.stats().inMsgs,
    };
  }
  let received = 0;
  const original = new Redis(port, "127.0.0.1", { lazyConnect: true });
  const client: Parameters<typeof redisEngine>[0]["client"] = {
    duplicate(options) {
      const connection = original.duplicate(options);
      connection.on("messageBuffer", () => received++);
      return connection;
    },
  };
  return {
    engine: await redisEngine({ client, ...engineOptions }),
    received: () => received,
  };
}
