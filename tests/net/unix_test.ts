import { assert, assertEquals, assertRejects } from "@std/assert";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { connect, listen, NetError } from "../../src/net/mod.ts";
import { Child } from "../interop/child.ts";
import { testNetwork } from "./conformance.ts";

let paths = 0;

function freshPath(): string {
  return join(tmpdir(), `framewire-${process.pid}-${paths++}.sock`);
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
