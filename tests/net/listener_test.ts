import { assert, assertEquals, assertRejects } from "@std/assert";
import { existsSync, renameSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { connect, listen, NetError } from "../../src/net/mod.ts";
import { Child } from "../interop/child.ts";
import { hasIpv6 } from "../support/ipv6.ts";
import { nextOf, receive, send, until } from "./conformance.ts";
import { silentListener } from "./silent_listener.ts";

const windows = process.platform === "win32";
const notLinux = process.platform !== "linux" && "needs Linux's /proc";

/** A program of this directory, run by this runtime. */
function programOf(name: string, ...args: string[]): string[] {
  return [
    process.execPath,
    ...("Deno" in globalThis ? ["run", "-A", "--no-check"] : []),
    fileURLToPath(new URL(name, import.meta.url)),
    ...args,
  ];
}

test("listen() keeps 512 connections waiting and aborts the others [memory]", async () => {
  const network = memoryNetwork();
  const told: unknown[][] = [];
  await using listener = await network.listen("memory:crowd", {
    onError(error, peer) {
      assert(error instanceof NetError && error.code === "CONNECTION_REFUSED");
      told.push([error.limit, peer]);
    },
  });
  const clients = await Promise.all(
    Array.from({ length: 520 }, () => network.connect("memory:crowd")),
  );
  const read = (i: number) => clients[i]?.readable.getReader().read();
  for (const i of [512, 519]) {
    const error = await assertRejects(async () => await read(i), NetError);
    assertEquals(error.code, "CONNECTION_RESET");
  }
  assertEquals(
    told,
    clients.slice(512).map((
      { localAddress },
    ) => ["maxWaitingConnections", localAddress]),
  );
  const connections = listener[Symbol.asyncIterator]();
  for (let i = 0; i < 512; i++) {
    const server = await nextOf(connections);
    assertEquals(server.remoteAddress, clients[i]?.localAddress);
    server.abort();
  }
  for (const client of clients) client.abort();
});

test(
  "listen() tells onError once when descriptors run out, and when there are some again [tcp]",
  {
    skip: windows && "no ulimit",
  },
  async () => {
    const command = programOf("descriptors_server.ts");
    await using child = new Child([
      "sh",
      "-c",
      'ulimit -n 100 && exec "$@"',
      "sh",
      ...command,
    ]);
    const port = Number(await child.firstLine);
    const clients = Array.from({ length: 150 }, () => net.connect(port));
    for (const client of clients) client.on("error", () => {}); // of a reset
    await child.printed("OUT_OF_DESCRIPTORS");
    for (const client of clients) client.destroy();
    await until(async () => {
      try {
        const client = await connect({ port });
        await receive(client, 1);
        await client.close();
        return true;
      } catch (error) {
        assert(error instanceof Error);
        return false; // not accepted again yet
      }
    }, "a connection after the others have gone");
    await child.printed("ACCEPTING_AGAIN");
    const { output } = await child.stop("stdin");
    const told = output.match(/^[A-Z_]+$/gm) ?? [];
    // Clients that had waited may take the descriptors of those that left first: then
    // they run out once more.
    assert(told.length === 2 || told.length === 4, output);
    const turns = ["OUT_OF_DESCRIPTORS", "ACCEPTING_AGAIN"];
    assertEquals(told, told.map((_, i) => turns[i % 2]), output);
    const [, cpu = "0"] = /cpu (\d+) ms/.exec(output) ?? [];
    assert(Number(cpu) > 0 && Number(cpu) < 2_000, output);
  },
);

test("listen() serves others while clients connect and reset [tcp]", async () => {
  await using listener = await listen({ port: 0 });
  const { address } = listener;
  assert(address.transport === "tcp");
  const serving = (async () => {
    for await (const connection of listener) {
      send(connection, Uint8Array.of(1)).catch(() => connection.abort());
    }
  })();
  for (let i = 0; i < 100; i++) {
    const socket = net.connect(address.port, address.hostname);
    socket.on("error", () => {}); // of the reset
    socket.once("connect", () => socket.resetAndDestroy());
  }
  const start = performance.now();
  const client = await connect(address);
  await receive(client, 1);
  const took = performance.now() - start;
  assert(took < 2_000, `a client waited for ${took} ms`);
  client.abort();
  await listener.close();
  await serving;
});

test("a connection that the peer has ended does not keep a process [tcp]", async () => {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {}); // of the process that ends
    socket.resume().end("hi");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object");
  try {
    await using child = new Child(
      programOf("half_open_client.ts", String(address.port)),
    );
    assertEquals(await child.ended, { code: 0, output: "2\nended\n" });
  } finally {
    server.close();
  }
});

test("connect() that timed out keeps no descriptor and no process [tcp]", {
  skip: notLinux,
}, async () => {
  const silent = await silentListener();
  const waiting: net.Socket[] = [];
  try {
    // The backlog is filled until nobody answers any more.
    let answered = true;
    while (answered) {
      const socket = net.connect(silent.address.port, "127.0.0.1");
      socket.on("error", () => {}); // of its end below
      waiting.push(socket);
      answered = await Promise.race([
        new Promise<boolean>((resolve) =>
          socket.once("connect", () => resolve(true))
        ),
        new Promise<boolean>((resolve) => setTimeout(resolve, 500, false)),
      ]);
    }
    await using child = new Child(
      programOf("unanswered_client.ts", String(silent.address.port)),
      15_000,
    );
    const output = `${"TIMED_OUT\n".repeat(5)}none left\n`;
    assertEquals(await child.ended, { code: 0, output });
  } finally {
    for (const socket of waiting) socket.destroy();
    await silent.close();
  }
});

test("connect() to a name is one connection [tcp]", {
  skip: !hasIpv6() && "no IPv6 on this machine",
}, async () => {
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted++;
    socket.on("error", () => {}); // of a reset
    socket.end("x");
  });
  await new Promise<void>((resolve) => server.listen(0, "::", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object");
  for (let i = 0; i < 5; i++) {
    const client = await connect(`tcp://localhost:${address.port}`);
    await receive(client, 1);
    client.abort();
  }
  await new Promise((resolve) => server.close(resolve));
  assertEquals(accepted, 5);
});

test("connect() and listen() reject a path that is too long [unix]", {
  skip: windows && "no Unix sockets",
}, async () => {
  for (const path of [`/tmp/${"x".repeat(103)}`, `/tmp/${"é".repeat(60)}`]) {
    const { length } = new TextEncoder().encode(path);
    for (const attempt of [connect, listen]) {
      const error = await assertRejects(() => attempt({ path }), TypeError);
      assert(error.message.includes("at most 107 bytes"), error.message);
      assert(error.message.includes(`has ${length}`), error.message);
    }
  }
  const path = `/tmp/${"x".repeat(102)}`;
  await using listener = await listen({ path });
  const client = await connect({ path });
  assertEquals(client.remoteAddress, listener.address);
  client.abort();
});

test("Listener.close() leaves the socket file of a successor [unix]", {
  skip: windows && "no Unix sockets",
}, async () => {
  const path = join(tmpdir(), `framewire-successor-${process.pid}.sock`);
  const old = await listen({ path });
  // As a new server does on start: it replaces the file.
  rmSync(path);
  const successor = await listen({ path });
  await old.close();
  assert(existsSync(path));
  const connecting = connect({ path });
  const server = await nextOf(successor[Symbol.asyncIterator]());
  const client = await connecting;
  await send(server, Uint8Array.of(7));
  assertEquals(await receive(client, 1), Uint8Array.of(7));
  await Promise.all([client.close(), server.close()]);
  await successor.close();
  assert(!existsSync(path));
});

test("Listener.close() is at peace where the file is gone, or moved [unix]", {
  skip: windows && "no Unix sockets",
}, async () => {
  const path = join(tmpdir(), `framewire-gone-${process.pid}.sock`);
  const removed = await listen({ path });
  rmSync(path);
  await removed.close();
  const moved = await listen({ path });
  renameSync(path, `${path}.moved`);
  await moved.close();
  assert(!existsSync(path));
  rmSync(`${path}.moved`);
});
