import { assert, assertEquals, assertRejects } from "@std/assert";
import { readFileSync } from "node:fs";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { hasIpv6 } from "../support/ipv6.ts";
import {
  connect,
  type Connection,
  listen,
  type Listener,
  NetError,
  type TcpOptions,
} from "../../src/net/mod.ts";
import {
  type Network,
  nextOf,
  openDescriptors,
  receive,
  send,
  testNetwork,
  until,
} from "./conformance.ts";
import { silentListener } from "./silent_listener.ts";

const sockets = {
  connect,
  listen,
  unreachable: [{
    title: "when the host name does not exist",
    address: { hostname: "no-such-host.invalid", port: 1 },
    code: "HOST_NOT_FOUND",
  }],
  async connectResetter({ address }: Listener) {
    assert(address.transport === "tcp");
    const socket = net.connect(address.port, address.hostname);
    socket.on("error", () => {}); // of the reset
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return { reset: () => void socket.resetAndDestroy() };
  },
} satisfies Partial<Network>;

testNetwork({ ...sockets, name: "tcp", freshAddress: () => ({ port: 0 }) });

const noIpv6 = !hasIpv6() && "no IPv6 on this machine";
if (noIpv6) test("connections over IPv6", { skip: noIpv6 }, () => {});
else {
  testNetwork({
    ...sockets,
    name: "tcp, IPv6",
    freshAddress: () => "tcp://[::1]:0",
  });
}

test("connect() says what to do when nobody listens [tcp]", async () => {
  const listener = await listen({ port: 0 });
  await listener.close();
  const error = await assertRejects(() => connect(listener.address), NetError);
  assert(error.message.includes("check the port"), error.message);
});

test("abort() right behind closeWrite() closes the socket [tcp]", async () => {
  await using listener = await listen({ port: 0 });
  const accepting = nextOf(listener[Symbol.asyncIterator]());
  const peer = await connect(listener.address);
  const connection = await accepting;
  connection.closeWrite().catch(() => undefined);
  // `closeWrite` has reached the socket, and its FIN is not sent yet.
  for (let i = 0; i < 5; i++) await Promise.resolve();
  connection.abort();
  // A socket that is still there would take all of this.
  const writer = peer.writable.getWriter();
  let isGone = false;
  await until(async () => {
    await writer.write(new Uint8Array(1)).catch(() => isGone = true);
    return isGone;
  }, "the peer is told");
  peer.abort();
});

test("connect() resolves a host name [tcp]", async () => {
  await using listener = await listen("tcp://localhost:0");
  assert(listener.address.transport === "tcp");
  const { port } = listener.address;
  await using client = await connect(`tcp://localhost:${port}`);
  assert(client.remoteAddress.transport === "tcp");
  assertEquals(client.remoteAddress.port, port);
});

test("listen() rejects with ADDRESS_NOT_AVAILABLE where it is not [tcp]", async () => {
  // An address for documentation, which no machine has.
  const error = await assertRejects(
    () => listen("tcp://192.0.2.1:0"),
    NetError,
  );
  assertEquals(error.code, "ADDRESS_NOT_AVAILABLE");
  assert(error.cause instanceof Error);
});

const notLinux = process.platform !== "linux" && "needs Linux's /proc";
const inDeno = "Deno" in globalThis;

test("connections are kept alive when asked to [tcp]", {
  skip: notLinux,
}, async () => {
  assertEquals(await keepAliveTimers({}), [undefined, undefined]);
  assertEquals(await keepAliveTimers({ keepAlive: false }), [
    undefined,
    undefined,
  ]);
  for (const seconds of await keepAliveTimers({ keepAlive: true })) {
    assert(seconds !== undefined && seconds > 60, `${seconds} s`);
  }
});

test("connections are kept alive after the time asked for [tcp]", {
  skip: notLinux || inDeno && "Deno cannot set the time",
}, async () => {
  for (const seconds of await keepAliveTimers({ keepAlive: 50_000 })) {
    assert(seconds !== undefined && seconds > 20, `${seconds} s`);
    assert(seconds <= 50, `${seconds} s`);
  }
});

test("connect() and listen() refuse a time of keepAlive in Deno [tcp]", {
  skip: !inDeno && "not Deno",
}, async () => {
  const options = { keepAlive: 50_000 };
  await assertRejects(() => listen({ port: 0 }, options), TypeError, "Deno");
  await assertRejects(() => connect({ port: 1 }, options), TypeError, "Deno");
});

test("noDelay decides whether small writes wait [tcp]", {
  skip: notLinux,
}, async () => {
  // Where the second of two small writes waits until the first is confirmed,
  // and the peer takes its time for that: 40 ms on Linux.
  const [waiting, sent] = [
    await roundTrip({ noDelay: false }),
    await roundTrip({}),
  ];
  assert(waiting > 30, `${waiting} ms with noDelay: false`);
  assert(sent < waiting / 2, `${sent} ms by default, ${waiting} ms without`);
});

/** The seconds until each end of a connection asks whether the peer is there. */
async function keepAliveTimers(
  options: TcpOptions,
): Promise<(number | undefined)[]> {
  await using ends = await connected(options);
  const ports = ends.ends.map(({ localAddress }) =>
    localAddress.transport === "tcp" ? localAddress.port : 0
  );
  // A confirmation on its way has a timer as well.
  let timers: (number | undefined)[] = [];
  await until(() => {
    const rows = readFileSync("/proc/net/tcp", "utf8").split("\n")
      .map((row) => row.trim().split(/\s+/));
    timers = ports.map((port, i) => {
      const ends = [port, ports[1 - i]].map((port = 0) =>
        `0100007F:${port.toString(16).padStart(4, "0").toUpperCase()}`
      );
      const row = rows.find(([, local, remote]) =>
        local === ends[0] && remote === ends[1]
      );
      const [kind, ticks = ""] = row?.[5]?.split(":") ?? [];
      return kind === "02" ? Number.parseInt(ticks, 16) / 100 : undefined;
    });
    return timers.every((seconds) => seconds === undefined || seconds > 1);
  }, "the timers of the connection");
  return timers;
}

/** The median time of two small writes and their answer, in milliseconds. */
async function roundTrip(options: TcpOptions): Promise<number> {
  await using ends = await connected(options);
  const [client, server] = ends.ends;
  const times: number[] = [];
  for (let i = 0; i < 25; i++) {
    const start = performance.now();
    await send(client, Uint8Array.of(1));
    // In a task of its own: what is written in one task is sent together.
    await new Promise((resolve) => setTimeout(resolve, 1));
    await send(client, Uint8Array.of(2));
    await receive(server, 2);
    await send(server, Uint8Array.of(3));
    await receive(client, 1);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[12] ?? 0;
}

/** Both ends of a connection, the options given to both. */
async function connected(
  options: TcpOptions,
): Promise<AsyncDisposable & { ends: [Connection, Connection] }> {
  await using listener = await listen({ port: 0 }, options);
  const client = await connect(listener.address, options);
  const server = await nextOf(listener[Symbol.asyncIterator]());
  return {
    ends: [client, server],
    async [Symbol.asyncDispose]() {
      await Promise.all([client.close(), server.close()]);
    },
  };
}

test("abort() leaves no socket open while closeWrite() is under way [tcp]", async () => {
  await using listener = await listen({ port: 0 });
  const connections = listener[Symbol.asyncIterator]();
  const visit = async (turns: number) => {
    const client = await connect(listener.address);
    const server = await nextOf(connections);
    client.closeWrite().catch(() => undefined); // it is aborted meanwhile
    for (let turn = 0; turn < turns; turn++) await undefined;
    client.abort();
    server.abort();
    await Promise.all([client.closed, server.closed]);
  };
  await visit(0); // opens what a runtime opens once
  const before = await openDescriptors();
  for (let turns = 0; turns < 20; turns++) await visit(turns);
  await until(
    async () => await openDescriptors() <= before + 2,
    `more than ${before + 2} descriptors are open`,
  );
});

test("connect() gives up when nobody answers [tcp]", {
  skip: process.platform === "win32" && "a full backlog refuses there",
}, async () => {
  const silent = await silentListener();
  const waiting: Connection[] = [];
  try {
    // The backlog takes some; then nobody answers any more.
    const filling = async () => {
      while (waiting.length < 2_000) {
        waiting.push(await connect(silent.address, { timeoutMs: 500 }));
      }
    };
    const error = await assertRejects(filling, NetError);
    assertEquals(error.code, "TIMED_OUT");
    assert(error.message.includes("500 ms"), error.message);

    const reason = new Error("never mind");
    const aborting = new AbortController();
    const connecting = connect(silent.address, { signal: aborting.signal });
    setTimeout(() => aborting.abort(reason), 20);
    assertEquals(await connecting.catch((error) => error), reason);
  } finally {
    for (const connection of waiting) connection.abort();
    await silent.close();
  }
});
