/** A server of Redis for tests, which can be killed and stopped. */

import { Redis } from "ioredis";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Why the tests with Redis are skipped; `false` where they are not. */
export const noRedis: false | string =
  spawnSync("redis-server", ["--version"]).status === 0
    ? false
    : "no redis-server on this machine";

/** A server at a port of its own. What it has acknowledged, it keeps over a kill. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "framewire-redis-"));
  readonly #options: readonly string[];
  readonly #clients: Redis[] = [];
  #process: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** Starts a server, with more options of its command line. */
  static async start(...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), options);
    await server.start();
    return server;
  }

  /** Starts it again, with the data that it had. */
  async start(): Promise<void> {
    const child = spawn("redis-server", [
      ...["--port", `${this.port}`, "--bind", "127.0.0.1"],
      ...["--dir", this.#folder, "--save", ""],
      ...["--appendonly", "yes", "--appendfsync", "always"],
      ...this.#options,
    ], { stdio: ["ignore", "pipe", "ignore"] });
    this.#process = child;
    let log = "";
    for await (const chunk of child.stdout) {
      log += String(chunk);
      if (log.includes("Ready to accept connections")) break;
    }
    if (child.exitCode !== null) throw new Error(log);
  }

  /** The id of its process. */
  get pid(): number {
    return this.#process!.pid!;
  }

  /** A client that is not connected until it is used. */
  client(): Redis {
    const client = new Redis(this.port, "127.0.0.1", { lazyConnect: true });
    this.#clients.push(client);
    return client;
  }

  /** Kills it at once. */
  async kill(): Promise<void> {
    const child = this.#process!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    this.#signal("SIGKILL");
    await exit;
  }

  /** Makes it stand still, with its connections open. */
  stop(): void {
    this.#signal("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  /** To Deno, a process that got any signal with its own `kill` is dead. */
  #signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    process.kill(this.#process!.pid!, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) {
      if (client.status === "wait") continue;
      const end = once(client, "end");
      client.disconnect();
      await end;
    }
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
