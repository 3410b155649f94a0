/** A server of Redis for tests, which can be killed and stopped. */

import { Redis } from "ioredis";
import { once } from "node:events";
import { noProgram } from "./programs.ts";
import { freePlace, ServerProcess } from "./server_process.ts";

/** Why the tests with Redis are skipped; `false` where they are not. */
export const noRedis: false | string = noProgram("redis-server");

/** A server at a port of its own. What it has acknowledged, it keeps over a kill. */
export class RedisServer extends ServerProcess {
  readonly #clients: Redis[] = [];

  /** Starts a server, with more options of its command line. */
  static async start(...options: string[]): Promise<RedisServer> {
    const place = await freePlace("redis");
    const server = new RedisServer(place, {
      command: [
        "redis-server",
        ...["--port", `${place.port}`, "--bind", "127.0.0.1"],
        ...["--dir", place.folder, "--save", ""],
        // Written before it is acknowledged, which a kill of the process cannot undo.
        // To wait for the disk stops the server, for a second where others use it.
        ...["--appendonly", "yes", "--appendfsync", "no"],
        ...options,
      ],
      ready: "Ready to accept connections",
    });
    await server.start();
    return server;
  }

  /** A client that is not connected until it is used. */
  client(): Redis {
    const client = new Redis(this.port, "127.0.0.1", { lazyConnect: true });
    this.#clients.push(client);
    return client;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      if (client.status === "wait") continue;
      const end = once(client, "end");
      client.disconnect();
      await end;
    }
    await super[Symbol.asyncDispose]();
  }
}
