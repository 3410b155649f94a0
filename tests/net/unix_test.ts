import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Acceptor } from "../../src/net/adapter.ts";
import { nodeAdapter } from "../../src/net/adapters/node_adapter.ts";
import { takingOver } from "../../src/net/adapters/taking_over.ts";
import { connect, listen, NetError } from "../../src/net/mod.ts";
import { Child } from "../interop/child.ts";
import { projectFile, thisRuntime } from "../support/programs.ts";
import { testNetwork } from "./conformance.ts";

let paths = 0;

function freshPath(): string {
  return join(tmpdir(), `framewire-${process.pid}-${paths++}.sock`);
}

/** The names of what lies at a path, or beside it with a longer name. */
function filesBeside(path: string): string[] {
  const name = basename(path);
  return readdirSync(dirname(path)).filter((file) => file.startsWith(name));
}

const skip = process.platform === "win32" && "no Unix sockets";

if (!skip) {
  testNetwork({
    name: "unix",
    connect,
    listen,
    freshAddress: () => ({ path: freshPath() }),
    unreachable: [{
      title: "when the path does not exist",
      address: { path: freshPath() },
      code: "HOST_NOT_FOUND",
    }],
    async connectResetter({ address }) {
      assert(address.transport === "unix");
      const socket = net.connect(address.path);
      socket.on("error", () => {}); // of the reset
      socket.pause(); // closed with bytes unread, a Unix socket is reset
      await new Promise<void>((resolve) => socket.once("connect", resolve));
      return { reset: () => void socket.destroy() };
    },
  });
}

test("Listener.close() removes the socket file [unix]", { skip }, async () => {
  const path = freshPath();
  const listener = await listen({ path });
  assertEquals(listener.address, { transport: "unix", path });
  assert(existsSync(path));
  await listener.close();
  assert(!existsSync(path));
});

test("listen() says what to do about a stale file, and leaves it [unix]", {
  skip,
}, async () => {
  const path = freshPath();
  writeFileSync(path, "");
  try {
    const error = await assertRejects(() => listen({ path }), NetError);
    assertEquals(error.code, "ADDRESS_IN_USE");
    assert(error.message.includes("delete it"), error.message);
    assert(existsSync(path));
    const refused = await assertRejects(() => connect({ path }), NetError);
    assertEquals(refused.code, "CONNECTION_REFUSED");
  } finally {
    rmSync(path);
  }
});

/** A path with the socket of a server that has ended without removing it. */
async function deadPath(): Promise<string> {
  const path = freshPath();
  const own = freshPath();
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(own, resolve));
  linkSync(own, path);
  await new Promise((resolve) => server.close(resolve));
  return path;
}

test("listen() takes the file over that a killed process has left [unix]", {
  skip,
}, async () => {
  const path = freshPath();
  const child = new Child([
    ...thisRuntime,
    projectFile("tests/net/unix_server.ts"),
    path,
  ]);
  await child.firstLine;
  await child[Symbol.asyncDispose](); // by SIGKILL
  assert(existsSync(path));
  const listener = await listen({ path });
  const client = await connect({ path });
  await client.close();
  await listener.close();
  assert(!existsSync(path));
  assertEquals(filesBeside(path), []);
});

test("listen() leaves the file of a server that listens [unix]", {
  skip,
}, async () => {
  const path = freshPath();
  await using listener = await listen({ path });
  const { ino } = statSync(path);
  const error = await assertRejects(() => listen({ path }), NetError);
  assertEquals(error.code, "ADDRESS_IN_USE");
  assertEquals(statSync(path).ino, ino);
  await using client = await connect({ path });
  void client;
  assertEquals(listener.address, { transport: "unix", path });
});

test("listen() leaves the file of a server that is stopped [unix]", {
  skip,
}, async () => {
  const path = freshPath();
  await using child = new Child([
    ...thisRuntime,
    projectFile("tests/net/unix_server.ts"),
    path,
  ]);
  process.kill(Number(await child.firstLine), "SIGSTOP");
  const error = await assertRejects(() => listen({ path }), NetError);
  assertEquals(error.code, "ADDRESS_IN_USE");
  rmSync(path);
});

test("one of many that start at a dead file gets it [unix]", {
  skip,
}, async () => {
  const path = await deadPath();
  const starts = await Promise.allSettled(
    Array.from({ length: 8 }, () => listen({ path })),
  );
  const listeners = starts.flatMap((start) =>
    start.status === "fulfilled" ? [start.value] : []
  );
  assertEquals(listeners.length, 1);
  await using client = await connect({ path });
  void client;
  await listeners[0]!.close();
  assertEquals(filesBeside(path), []);
});

test("a start that is late leaves the file of the one that was first [unix]", {
  skip,
}, async () => {
  const path = await deadPath();
  const accept = () => undefined;
  const settings = { noDelay: true, keepAlive: false, reusePort: false };
  const at = { transport: "unix", path } as const;
  const first = takingOver(nodeAdapter);
  let looks = 0;
  const won: Acceptor[] = [];
  const late = takingOver({
    ...nodeAdapter,
    async connect(to, settings) {
      if (++looks < 2) return await nodeAdapter.connect(to, settings);
      // It finds the socket dead, and then the other one is faster.
      const looked = nodeAdapter.connect(to, settings).finally(async () => {
        won.push(
          await first.listen(
            at,
            { ...settings, reusePort: false },
            accept,
            accept,
          ),
        );
      });
      return await looked;
    },
  });
  const [second] = await Promise.allSettled([
    late.listen(at, settings, accept, accept),
  ]);
  if (second.status === "fulfilled") await second.value.close();
  const isThere = existsSync(path);
  for (const acceptor of won) await acceptor.close();
  assertEquals(won.length, 1);
  assert(second.status === "rejected", "it removed the file of the first");
  assertInstanceOf(second.reason, NetError);
  assertEquals(second.reason.code, "ADDRESS_IN_USE");
  assert(isThere);
  assertEquals(filesBeside(path), []);
});

test("listen() rejects where there is no directory [unix]", {
  skip,
}, async () => {
  const path = join(freshPath(), "in-no-directory.sock");
  const error = await assertRejects(() => listen({ path }), NetError);
  // Node makes ENOENT an EACCES here.
  assert(["HOST_NOT_FOUND", "PERMISSION_DENIED"].includes(error.code));
  assert(error.message.includes("directory"), error.message);
});

test("connect() and listen() reject with PERMISSION_DENIED without it [unix]", {
  skip,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), "framewire-"));
  try {
    // In a process of its own, which gives up the rights of root.
    await using child = new Child([
      process.execPath,
      ...("Deno" in globalThis ? ["run", "-A"] : []),
      fileURLToPath(new URL("unix_permissions.ts", import.meta.url)),
      directory,
    ]);
    const { code, output } = await child.ended;
    assertEquals(code, 0, output);
    const lines = output.trim().split("\n");
    assertEquals(lines.length, 2, output);
    for (const line of lines) {
      assert(line.startsWith("PERMISSION_DENIED Error "), line);
      assert(line.includes("permissions"), line);
      assert(line.includes("do not allow it"), line);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
