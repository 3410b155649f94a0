/** The server of NATS, where this machine has it. */

import { jetstream } from "@nats-io/jetstream";
import {
  connect,
  type ConnectionOptions,
  type NatsConnection,
} from "@nats-io/transport-node";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../src/backplane/engine.ts";
import {
  natsEngine,
  type NatsEngineOptions,
} from "../../src/backplane/nats/mod.ts";
import { noProgram } from "./programs.ts";
import { freePlace, ServerProcess } from "./server_process.ts";

/** Skips a test, by the reason, where there is no server. */
export const needsNats: { readonly skip: false | string } = {
  skip: noProgram("nats-server"),
};

/** A server on a free port, with a store of its own. */
export class NatsServer extends ServerProcess {
  readonly #nodes: { engine?: Engine; connection: NatsConnection }[] = [];

  /**
   * Starts a server.
   *
   * @param options.configure Makes the text of the configuration file, in the place of
   * `jetStream`, of the folder for the store.
   */
  static async start(
    { jetStream = true, configure }: {
      jetStream?: boolean;
      configure?: (store: string) => string;
    } = {},
  ): Promise<NatsServer> {
    const place = await freePlace("nats");
    const store = join(place.folder, "store");
    mkdirSync(store);
    const file = join(place.folder, "nats.conf");
    if (configure !== undefined) writeFileSync(file, configure(store));
    const server = new NatsServer(place, {
      command: [
        "nats-server",
        ...["-a", "127.0.0.1", "-p", `${place.port}`],
        ...configure !== undefined
          ? ["-c", file]
          : jetStream
          ? ["-js", "-sd", store]
          : [],
      ],
      ready: "Server is ready",
    });
    await server.start();
    return server;
  }

  /** Removes all that the server, which was killed, has kept. */
  loseStore(): void {
    rmSync(join(this.folder, "store"), { recursive: true, force: true });
  }

  /** A connection of a program, which is closed with the server. */
  async connect(options: ConnectionOptions = {}): Promise<NatsConnection> {
    const connection = await connect({
      servers: `127.0.0.1:${this.port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      ...options,
    });
    this.#nodes.push({ connection });
    return connection;
  }

  /** An engine over a connection of its own; both are closed with the server. */
  async engine(
    options: Partial<NatsEngineOptions> = {},
    connecting: ConnectionOptions = {},
  ): Promise<Engine> {
    const connection = await this.connect(connecting);
    const engine = await natsEngine({
      connection,
      jetstream: jetstream(connection),
      ...options,
    });
    this.#nodes.push({ connection, engine });
    return engine;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const { engine, connection } of this.#nodes) {
      await engine?.close();
      await connection.close();
    }
    await super[Symbol.asyncDispose]();
  }
}
