/** What makes a chat server a node of a service. */

import { type Backplane, createBackplane } from "../../src/backplane/mod.ts";
import { natsEngine } from "../../src/backplane/nats/mod.ts";
import { redisEngine } from "../../src/backplane/redis/mod.ts";

/** A node, or a server of its own where there is no backplane. */
export interface ChatNode {
  readonly backplane: Backplane | undefined;
  /** Leaves the service: the other nodes are told. */
  close(): Promise<void>;
}

/**
 * Connects to the system that was asked for, if any.
 *
 * @throws {NetError} If it cannot be used.
 * @throws {Error} If it cannot be reached, or its package is not installed.
 */
export async function connectNode(
  { nats, redis }: {
    readonly nats: string | undefined;
    readonly redis: string | undefined;
  },
): Promise<ChatNode> {
  if (nats !== undefined && redis !== undefined) {
    throw new TypeError("Cannot use both --nats and --redis");
  }
  if (nats !== undefined) return await overNats(nats);
  if (redis !== undefined) return await overRedis(redis);
  return { backplane: undefined, close: () => Promise.resolve() };
}

async function overNats(url: string): Promise<ChatNode> {
  const { connect } = await import("@nats-io/transport-node")
    .catch(notInstalled("@nats-io/transport-node"));
  const { jetstream } = await import("@nats-io/jetstream")
    .catch(notInstalled("@nats-io/jetstream"));
  // The client of NATS does not read them in a URL.
  const { host, username: user, password: pass } = new URL(url);
  const connection = await connect({
    servers: host,
    // Otherwise, the engine would be away for good after some attempts.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    ...(user !== "" && { user, pass }),
  });
  try {
    const backplane = await createBackplane(
      await natsEngine({ connection, jetstream: jetstream(connection) }),
    );
    return {
      backplane,
      async close() {
        await backplane.close();
        await connection.close();
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function overRedis(url: string): Promise<ChatNode> {
  const { Redis } = await import("ioredis").catch(notInstalled("ioredis"));
  // The engine makes connections of its own with the options of this client.
  const client = new Redis(url, { lazyConnect: true });
  const backplane = await createBackplane(await redisEngine({ client }));
  return {
    backplane,
    close: () => backplane.close(),
  };
}

function notInstalled(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(`Cannot load ${name}: npm install ${name}`, { cause });
  };
}
