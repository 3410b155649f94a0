/** The server of NATS, where this machine has it. */

import { jetstream } from "@nats-io/jetstream";
import {
  connect,
  type ConnectionOptions,
  type NatsConnection,
} from "@nats-io/transport-node";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Engine } from "../../src/backplane/engine.ts";
import {
  natsEngine,
  type NatsEngineOptions,
} from "../../src/backplane/nats/mod.ts";

// Debian has it where only administrators look.
const program = ["nats-server", "/usr/sbin/nats-server"]
  .find((path) => spawnSync(path, ["--version"]).status === 0);

/** Skips a test, by the reason, where there is no server. */
export const needsNats: { readonly skip?: string } = program === undefined
  ? { skip: "no nats-server on this machine" }
  : {};

/** A server on a free port, with a store of its own. */
export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #store = mkdtempSync(join(tmpdir(), "framewire-nats-"));
  readonly #options: readonly string[];
  readonly #nodes: { engine?: Engine; connection: NatsConnection }[] = [];
  #child: ChildProcess | undefined;

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
    const server = new NatsServer(await freePort(), (store) => {
      if (configure === undefined) {
        return jetStream ? ["-js", "-sd", store] : [];
      }
      const file = join(store, "nats.conf");
      writeFileSync(file, configure(store));
      return ["-c", file];
    });
    await server.restart();
    return server;
  }

  private constructor(port: number, options: (store: string) => string[]) {
    this.port = port;
    this.#options = options(this.#store);
  }

  /** Starts the server that was killed. Settles when it can be used. */
  async restart(): Promise<void> {
    const where = ["-a", "127.0.0.1", "-p", String(this.port)];
    const child = spawn(program!, [...where, ...this.#options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    let log = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr!.on("data", (chunk) => {
        log += chunk;
        if (log.includes("Server is ready")) resolve();
      });
      child.once("exit", () => reject(new Error(log)));
      child.once("error", reject);
    });
  }

  // Not with child.kill(): after SIGSTOP, that of Deno sends nothing any more.
  #signal(name: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    process.kill(this.#child!.pid!, name);
  }

  /** Kills the server: its connections are reset. */
  async kill(): Promise<void> {
    if (this.#child === undefined) return;
    const exit = once(this.#child, "exit");
    this.#signal("SIGKILL");
    this.#child = undefined;
    await exit;
  }

  /** Has the server stand still: its connections stay. */
  stop(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets a server go on that stands still. */
  goOn(): void {
    this.#signal("SIGCONT");
  }

  /** Removes all that the server, which was killed, has kept. */
  loseStore(): void {
    rmSync(this.#store, { recursive: true, force: true });
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { engine, connection } of this.#nodes) {
      await engine?.close();
      await connection.close();
    }
    await this.kill();
    this.loseStore();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
