/** Several processes that listen at one port. */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import process from "node:process";
import { test } from "node:test";
import { lines, serve } from "../../mod.ts";
import { serveCommands } from "../../src/exec/mod.ts";
import { connectMessages, MessageError } from "../../src/message/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { nodeSharesPorts } from "../../src/net/adapters/reuse_port.ts";
import { type Address, listen, NetError } from "../../src/net/mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { Child } from "../interop/child.ts";
import { projectFile, sharingRuntime } from "../support/programs.ts";

const notLinux = process.platform !== "linux" && "only Linux shares ports";
/** Deno shares ports only where it was started with a flag, unlike this test. */
const inDeno = "Deno" in globalThis;
const address = { port: 0 };

interface Server {
  readonly child: Child;
  readonly pid: number;
  readonly address: Address;
}

async function startServer(port = 0): Promise<Server> {
  const program = projectFile("tests/net/reuse_port_server.ts");
  const child = new Child([...sharingRuntime, program, `${port}`]);
  return { child, ...JSON.parse(await child.firstLine) };
}

test("two processes with reusePort share the connections of a port", {
  skip: notLinux,
}, async () => {
  const first = await startServer();
  await using _first = first.child;
  assert(first.address.transport === "tcp");
  const second = await startServer(first.address.port);
  await using _second = second.child;
  assertEquals(second.address, first.address);
  const seen = new Set<unknown>();
  for (let i = 0; i < 64; i++) {
    await using client = await connectMessages({ address: first.address });
    seen.add(await client.request("who", null));
  }
  assertEquals(seen, new Set([first.pid, second.pid]));
});

test("a server with reusePort loses nobody in its queue when it closes", {
  skip: notLinux,
}, async () => {
  const { child, pid, address } = await startServer();
  await using _child = child;
  process.kill(pid, "SIGSTOP");
  const clients = await Promise.all(
    Array.from({ length: 50 }, () => connectMessages({ address })),
  );
  const outcomes = clients.map(async (client) => {
    try {
      return await client.request("who", null);
    } catch (error) {
      return error instanceof MessageError ? error.code : error;
    }
  });
  process.kill(pid, "SIGTERM");
  process.kill(pid, "SIGCONT");
  for (const outcome of await Promise.all(outcomes)) {
    // Answered, or not handled for sure: it may be sent to another server.
    assert(outcome === pid || outcome === "CLOSING", String(outcome));
  }
  await Promise.all(clients.map((client) => client.close()));
  assertEquals((await child.ended).code, 0);
});

test("listen() with reusePort refuses a port whose listener has not said so", {
  skip: notLinux || inDeno && "Deno needs --unstable-net",
}, async () => {
  await using listener = await listen(address);
  const error = await assertRejects(
    () => listen(listener.address, { reusePort: true }),
    NetError,
  );
  assertEquals(error.code, "ADDRESS_IN_USE");
});

test("reusePort is refused on Deno without --unstable-net, by that name", {
  skip: notLinux || !inDeno && "only Deno has that flag",
}, async () => {
  const error = await assertRejects(
    () => listen(address, { reusePort: true }),
    TypeError,
  );
  assertStringIncludes(error.message, "reusePort");
  assertStringIncludes(error.message, "--unstable-net");
});

test("reusePort is refused on other sockets than those of TCP", async () => {
  const codec = lines();
  const network = memoryNetwork();
  const reusePort = true;
  const calls = [
    () => listen({ path: "/tmp/framewire-shared.sock" }, { reusePort }),
    () => network.listen("memory:shared", { reusePort }),
    () => serve({ address: "memory:shared", codec, network, reusePort }),
    () => serveRooms({ address: "memory:shared", network, reusePort }),
    () =>
      serveCommands({
        address: "memory:shared",
        network,
        reusePort,
        commands: {},
      }),
  ];
  for (const call of calls) {
    const error = await assertRejects(call, TypeError);
    assertStringIncludes(error.message, "Cannot use reusePort with");
  }
});

test("reusePort is a boolean", async () => {
  const reusePort = "yes" as unknown as boolean;
  const error = await assertRejects(() => listen(address, { reusePort }));
  assertInstanceOf(error, TypeError);
});

test("nodeSharesPorts() knows the versions of Node that ignore reusePort", () => {
  const versions = ["22.12.0", "22.18.1", "23.1.0", "24.0.0", "26.1.0"];
  for (const version of versions) assert(nodeSharesPorts(version), version);
  const older = ["18.20.4", "20.19.0", "21.9.0", "22.11.0", "23.0.0"];
  for (const version of older) assert(!nodeSharesPorts(version), version);
});
