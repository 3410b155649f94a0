/** A chat service of three nodes, and the engine that connects them. */

import { root } from "../../scripts/testing/process.ts";
import {
  createBackplane,
  type MemoryEngine,
  MemorySystem,
} from "../../src/backplane/mod.ts";
import { type Rooms, serveRooms } from "../../src/rooms/mod.ts";
import { versionOf } from "../demo/setup.ts";
import { type Killable, Program } from "./program.ts";

/** A node of the service. */
export interface ServiceNode extends Killable {
  readonly address: string;
  /** Whether it is a process of its own. */
  readonly isProcess: boolean;
}

/** The service. */
export interface Service {
  readonly engine: Killable;
  readonly nodes: readonly ServiceNode[];
}

/** Which engines there are, the first one that is installed being the default. */
export const engineNames = ["nats", "redis", "memory"] as const;

/** The name of an engine. */
export type EngineName = typeof engineNames[number];

/** Debian has it where only administrators look. */
const NATS_PROGRAMS = ["nats-server", "/usr/sbin/nats-server"];

/**
 * Finds an engine. What the engine keeps goes into a folder.
 *
 * @param wanted The engine; by default, the first that is installed.
 * @returns The service, of which nothing is started yet.
 * @throws {Error} If the engine that is wanted is not installed.
 */
export async function findService(
  folder: string,
  wanted: EngineName | undefined,
): Promise<Service> {
  const port = freePort();
  const isWanted = (name: EngineName) => (wanted ?? name) === name;
  if (isWanted("nats")) {
    for (const program of NATS_PROGRAMS) {
      const version = await versionOf(program);
      if (version === undefined) continue;
      const where = ["-a", "127.0.0.1", "-p", `${port}`, "-js", "-sd", folder];
      return {
        engine: new Program(
          `NATS ${version}`,
          [program, ...where],
          "Server is ready",
        ),
        nodes: await processes(["--nats", `nats://127.0.0.1:${port}`]),
      };
    }
  }
  if (isWanted("redis")) {
    const version = await versionOf("redis-server");
    if (version !== undefined) {
      const where = ["--bind", "127.0.0.1", "--port", `${port}`];
      // So that what it has acknowledged is there after it was killed.
      const keeping = ["--appendonly", "yes", "--appendfsync", "always"];
      return {
        engine: new Program(
          `Redis ${version}`,
          ["redis-server", ...where, "--dir", folder, ...keeping],
          "Ready to accept connections",
        ),
        nodes: await processes(["--redis", `redis://127.0.0.1:${port}`]),
      };
    }
  }
  if (isWanted("memory")) return withinProcess();
  throw new Error(`There is no ${wanted} on this machine`);
}

/** The chat's servers, each on another runtime. */
async function processes(options: readonly string[]): Promise<ServiceNode[]> {
  const bun = `${root}node_modules/.bin/bun`;
  const node = `${root}node_modules/.bin/node`;
  const runtimes: [string, readonly [string, ...string[]]][] = [
    [`Deno ${Deno.version.deno}`, [Deno.execPath(), "run", "-A", "--no-check"]],
    [`Bun ${await versionOf(bun)}`, [bun]],
    [`Node ${await versionOf(node)}`, [node]],
  ];
  const server = `${root}examples/chat/server.ts`;
  return runtimes.map(([name, [program, ...flags]]) => {
    const address = `tcp://127.0.0.1:${freePort()}`;
    const command = [program, ...flags, server, ...options, address] as const;
    const node = new Program(name, command, "Listening on");
    return Object.assign(node, { address, isProcess: true });
  });
}

/** Nodes of this process, which are cut off where others are killed. */
function withinProcess(): Service {
  const system = new MemorySystem();
  const nodes = ["1", "2", "3"].map((number) => new LocalNode(number, system));
  const setState = (state: "up" | "down") => {
    for (const node of nodes) node.engine?.setState(state);
    return Promise.resolve();
  };
  const engine = {
    name: "the memory of this process",
    start: () => setState("up"),
    kill: () => setState("down"),
  };
  return { engine, nodes };
}

class LocalNode implements ServiceNode {
  readonly name: string;
  readonly address: string = `tcp://127.0.0.1:${freePort()}`;
  readonly isProcess = false;
  engine: MemoryEngine | undefined;
  readonly #system: MemorySystem;
  #rooms: Rooms | undefined;

  constructor(number: string, system: MemorySystem) {
    this.name = `node ${number}`;
    this.#system = system;
  }

  async start(): Promise<void> {
    this.engine = this.#system.engine();
    const backplane = await createBackplane(this.engine);
    this.#rooms = await serveRooms({ address: this.address, backplane });
    void this.#rooms.closed.then(() => backplane.close());
  }

  async kill(): Promise<void> {
    // It cannot tell the others that it leaves, as if it had been killed.
    this.engine?.setState("down");
    await this.#rooms?.close({ graceMs: 0 });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
