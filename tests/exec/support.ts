/** What the tests of commands share. */

import { readFileSync } from "node:fs";
import process from "node:process";
import type {
  AuditRecord,
  Command,
  CommandClient,
  CommandRun,
  CommandServer,
  ConnectCommandsOptions,
  ServeCommandsOptions,
} from "../../src/exec/mod.ts";
import { connectCommands, serveCommands } from "../../src/exec/mod.ts";

/** A server, a client of it, and what the audit hook was told. */
export interface Pair extends AsyncDisposable {
  readonly server: CommandServer;
  readonly client: CommandClient;
  readonly audit: AuditRecord[];
}

/** Serves commands on the loopback interface and connects to them. */
export async function pair(
  commands: Readonly<Record<string, Command>>,
  options: Partial<ServeCommandsOptions> = {},
  clientOptions: Partial<ConnectCommandsOptions> = {},
): Promise<Pair> {
  const audit: AuditRecord[] = [];
  const server = await serveCommands({
    address: { port: 0 },
    commands,
    audit: (record) => void audit.push(record),
    killGraceMs: 1_000,
    ...options,
  });
  const client = await connectCommands({
    address: server.address,
    ...clientOptions,
  });
  return {
    server,
    client,
    audit,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

/** A command that is a script of the test's own, with `PATH` set. */
export function script(
  text: string,
  options: Partial<Command> = {},
): Command {
  return {
    ...options,
    file: "/bin/sh",
    dangerousShellScript: undefined,
    args: () => ["-c", text],
    env: { set: { PATH: "/usr/bin:/bin" } },
  };
}

/** The text of the first output of a run. */
export async function firstOutput(run: CommandRun): Promise<string> {
  const { value } = await run[Symbol.asyncIterator]().next();
  return value === undefined ? "" : text(value.data);
}

/** The text of bytes. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Waits until a condition holds; the test's own time limit is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Whether a process runs; what has ended and waits to be reaped does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false; // there is none
  }
  if (process.platform !== "linux") return true;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // it ended between the two
  }
}
