/** Servers of other people's making, each in a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findProgram } from "./programs.ts";
import { until } from "./until.ts";

/** What a server has to itself. */
export interface Place {
  /** A port of 127.0.0.1 that nobody listens at. */
  readonly port: number;
  /** A folder, which is removed with the server. */
  readonly folder: string;
}

/** How a server is started. */
export interface ServerCommand {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What it prints when it can be used. Without: it accepts a connection then. */
  readonly ready?: string;
  /** Environment variables, besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The user and the group that it runs as. */
  readonly user?: number;
  /**
   * Whether it starts processes that outlive it: they are killed with it. It is not
   * ended by Ctrl+C then.
   */
  readonly leadsGroup?: boolean;
}

/** Finds a free port, and makes a folder. */
export async function freePlace(name: string): Promise<Place> {
  return {
    port: await freePort(),
    folder: mkdtempSync(join(tmpdir(), `framewire-${name}-`)),
  };
}

/** Starts a server at a place of its own. */
export async function startServer(
  name: string,
  plan: (place: Place) => ServerCommand | Promise<ServerCommand>,
): Promise<ServerProcess> {
  const place = await freePlace(name);
  const server = new ServerProcess(place, await plan(place));
  await server.start();
  return server;
}

/** A server that can be killed, stopped and started again, at the same place. */
export class ServerProcess implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  readonly #command: ServerCommand;
  #child: ChildProcess | undefined;

  /** Starts nothing yet. */
  constructor({ port, folder }: Place, command: ServerCommand) {
    this.port = port;
    this.folder = folder;
    this.#command = command;
  }

  /** Where clients connect to. */
  get address(): { hostname: string; port: number } {
    return { hostname: "127.0.0.1", port: this.port };
  }

  /** The id of its process. */
  get pid(): number {
    return this.#child!.pid!;
  }

  /** Starts it, again after it was killed. Settles when it can be used. */
  async start(): Promise<void> {
    const { command, ready, env, user, leadsGroup } = this.#command;
    const [name, ...args] = command;
    const child = spawn(findProgram(name) ?? name, args, {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(leadsGroup && { detached: true }),
      ...(user !== undefined && { uid: user, gid: user }),
    });
    this.#child = child;
    let log = "";
    const print = (chunk: unknown) => log += chunk;
    child.stdout.on("data", print);
    child.stderr.on("data", print);
    child.on("error", print);
    try {
      await until(() => {
        if (child.pid === undefined || hasEnded(child)) {
          throw new Error(`${name} has ended`);
        }
        return ready === undefined ? accepts(this.port) : log.includes(ready);
      }, 60_000);
    } catch (cause) {
      await this[Symbol.asyncDispose]();
      throw new Error(`${name} cannot be used: ${log}`, { cause });
    }
  }

  /** Kills it (SIGKILL): its connections are reset. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || hasEnded(child)) return;
    const exit = once(child, "exit");
    this.#signal("SIGKILL");
    await exit;
  }

  /** Makes it stand still, with its connections open. On Linux, it does when this returns. */
  stop(): void {
    this.#signal("SIGSTOP");
    // The signal takes effect later: until then, the server would answer.
    while (!this.#standsStill());
  }

  #standsStill(): boolean {
    return states(this.pid, this.#command.leadsGroup === true)
      .every((state) => /[TtZX]/.test(state));
  }

  /** Lets it go on. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  // Not with child.kill(): after SIGSTOP, that of Deno sends nothing any more.
  #signal(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    process.kill(this.#command.leadsGroup ? -this.pid : this.pid, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** The states of the threads of a process, or of its group; none where there is no /proc. */
function states(pid: number, ofGroup: boolean): string[] {
  const processes = ofGroup
    ? within("/proc").filter((name) => statOf(`/proc/${name}`)[2] === `${pid}`)
    : [`${pid}`];
  return processes.flatMap((name) => {
    const threads = `/proc/${name}/task`;
    return within(threads).map((id) => statOf(`${threads}/${id}`)[0] ?? "X");
  });
}

/** The processes or the threads in a folder. */
function within(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // they have ended
  }
}

/** The state of a process or a thread, its parent, its group and more. */
function statOf(folder: string): string[] {
  try {
    const stat = readFileSync(`${folder}/stat`, "latin1");
    // The name of the program is in parentheses, and may have any characters.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has ended
  }
}

/** Whether a connection to a port can be made. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/**
 * A port that nobody listens at. Systems give clients ports from 32768 on: the port of
 * a server that is down for a while must not become the own port of a client, which
 * would even connect to itself.
 */
export async function freePort(): Promise<number> {
  while (true) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue; // it is taken
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
