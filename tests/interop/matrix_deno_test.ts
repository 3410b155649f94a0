// Every runtime serves every runtime, each in a process of its own. Deno only
// starts them: once is enough.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";

interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
}

const deno: Runtime = {
  name: "Deno",
  // The permission to use the network is enough.
  command: [Deno.execPath(), "run", "--no-prompt", "--allow-net"],
};
const bun: Runtime = { name: "Bun", command: [installed("bun")] };
const node: Runtime = { name: "Node", command: [installed("node")] };
const runtimes = [deno, bun, node];

for (const server of runtimes) {
  for (const client of runtimes) {
    test(`serve() on ${server.name} answers createClient() on ${client.name}`, async () => {
      await checkEcho(server, client, "tcp://127.0.0.1:0", "stdin");
    });
  }
}

const denoWithFiles: Runtime = {
  name: "Deno",
  command: [...deno.command, "--allow-read", "--allow-write"],
};
const skip = process.platform === "win32" && "no Unix sockets";

for (
  const [server, client] of [
    [denoWithFiles, bun],
    [bun, node],
    [node, denoWithFiles],
  ] as const
) {
  test(
    `serve() on ${server.name} answers createClient() on ${client.name} over a Unix socket`,
    {
      skip,
    },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "framewire-"));
      try {
        const path = join(folder, "echo.sock");
        await checkEcho(server, client, `unix:${path}`, "SIGTERM");
        assert(!existsSync(path), "the socket file was left behind");
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
}

async function checkEcho(
  server: Runtime,
  client: Runtime,
  address: string,
  stop: "SIGTERM" | "stdin",
): Promise<void> {
  await using serving = new Child([
    ...server.command,
    sibling("echo_server.ts"),
    address,
  ]);
  await using calling = new Child([
    ...client.command,
    sibling("echo_client.ts"),
    await serving.firstLine,
  ]);
  const called = await calling.ended;
  assertStringIncludes(called.output, "900 frames came back");
  assertEquals(called.code, 0, called.output);
  const served = await serving.stop(stop);
  assertEquals(served.code, 0, served.output);
}

function sibling(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function installed(program: string): string {
  return fileURLToPath(
    new URL(`../../node_modules/.bin/${program}`, import.meta.url),
  );
}
