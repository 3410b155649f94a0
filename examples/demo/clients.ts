/** The four clients: how each is started, and what it reports. */

import { delimiter } from "node:path";
import { root } from "../../scripts/testing/process.ts";
import { versionOf } from "./setup.ts";

/** A client program on this machine. */
export interface Client {
  /** Who it is, with the version. */
  readonly name: string;
  /** What it talks with. */
  readonly means: string;
  /** What starts it, save for the server's port and the file of messages. */
  readonly command: readonly [string, ...string[]];
}

/** What a client reports of a round. */
export interface Report {
  readonly round: "glued" | "cut";
  /** The client's own port, which the server sees too. */
  readonly port: number;
  /** The replies. */
  readonly heard: readonly string[];
}

/** How long a client may take for everything, in milliseconds. */
const TIME_LIMIT_MS = 60_000;

/**
 * Finds the clients that can be started here.
 *
 * @param folder Where the npm package is installed.
 */
export async function findClients(folder: string): Promise<Client[]> {
  const here = `${root}examples/demo`;
  const bun = `${root}node_modules/.bin/bun`;
  const node = await findNode();
  const python = await versionOf("python3");
  const clients: Client[] = [
    {
      name: `Bun ${await versionOf(bun)}`,
      means: "createClient(), from the sources",
      command: [bun, `${here}/client_bun.ts`],
    },
    {
      name: `Node ${node.version}`,
      means: "the codec by hand, from the npm package",
      command: [node.program, `${folder}/client_node.mjs`],
    },
    {
      name: `Deno ${Deno.version.deno}`,
      means: "pipeThrough(), from the sources",
      command: [
        Deno.execPath(),
        "run",
        "--allow-net",
        "--allow-read",
        `${here}/client_deno.ts`,
      ],
    },
  ];
  if (python !== undefined) {
    clients.push({
      name: `Python ${python}`,
      means: "socket and struct, without framewire",
      command: ["python3", `${here}/client_python.py`],
    });
  }
  return clients;
}

/**
 * Runs a client to its end.
 *
 * @returns Its reports.
 * @throws {Error} If it fails or takes too long, with all that it complained of.
 */
export async function runClient(
  { name, command }: Client,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Report[]> {
  const [program, ...rest] = command;
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const { success, code, stdout, stderr } = await new Deno.Command(program, {
    args: [...rest, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.any([signal, limit]),
  }).output();
  if (!success) {
    const how = limit.aborted
      ? `did not end in ${TIME_LIMIT_MS / 1_000} s`
      : `ended with status ${code}`;
    const complaint = new TextDecoder().decode(stderr).trim();
    throw new Error(`${name} ${how}\n${complaint}`.trim());
  }
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const reports: Report[] = lines.map((line) => JSON.parse(line));
  const rounds = reports.map(({ round }) => round).join(", ");
  if (rounds !== "glued, cut") {
    throw new Error(`${name} reported otherwise than expected: ${rounds}`);
  }
  return reports;
}

/** The machine's own Node where the package runs on it, else the project's. */
async function findNode(): Promise<{ program: string; version: string }> {
  // `deno task` puts the project's own programs first on the path.
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const programs = folders.map((folder) => `${folder}/node`);
  for (const program of [...programs, `${root}node_modules/.bin/node`]) {
    const version = await versionOf(program);
    if (version !== undefined && parseInt(version) >= 20) {
      return { program, version };
    }
  }
  throw new Error("There is no Node 20 or newer");
}
