/** What becomes of readers that are slower than what is broadcast. */
import { assert, assertEquals } from "@std/assert";
import { test } from "node:test";
import {
  connect,
  createClient,
  lines,
  NetError,
  serve,
  type ServeOptions,
  type Server,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import type { Connection } from "../../src/net/types.ts";
import { turn } from "../support/scripted_transport.ts";

const codec = lines();
/** So long that a few dozens fill the buffers of the system. */
const FILLING = "x".repeat(100_000);

const memory = memoryNetwork();
const networks = {
  sockets: { address: { port: 0 }, network: undefined },
  memory: { address: "memory:slow", network: memory },
} as const;

for (const [name, { address, network }] of Object.entries(networks)) {
  const dial = network?.connect ?? connect;

  /** A server that only broadcasts, and a reader that does not read yet. */
  const stalledAt = async (options: Partial<ServeOptions<string>>) => {
    const server = await serve({
      address,
      codec,
      ...(network && { network }),
      ...options,
    }, (connection) => connection.forEach(() => undefined));
    const stalled = await dial(server.address);
    while (server.connections.size < 1) await turn();
    return { server, stalled };
  };

  /** All lines that a reader gets up to one. */
  const linesOf = async (connection: Connection, last: string) => {
    const got: string[] = [];
    const decoder = codec.decoder();
    for await (const chunk of connection.readable) {
      decoder.push(chunk);
      for (
        let line = decoder.next();
        line !== undefined;
        line = decoder.next()
      ) {
        got.push(line.slice(FILLING.length));
        if (line === FILLING + last) return got;
      }
    }
    return got;
  };

  test(`slowReaders with drop tells a reader how many it has lost, over ${name}`, async () => {
    const { server, stalled } = await stalledAt({
      slowReaders: { drop: (count) => `${FILLING}lost ${count}` },
    });
    const [connection] = server.connections.values();
    let most = 0;
    const COUNT = 300;
    for (let i = 0; i < COUNT; i++) {
      assertEquals(server.broadcast(`${FILLING}${i}`), undefined);
      most = Math.max(most, connection!.bufferedBytes);
      await turn();
    }
    // The mark, and the one that was sent before it was reached.
    assert(most <= 65_536 + FILLING.length + 10, `${most}`);
    const reading = linesOf(stalled, "end");
    while (connection!.bufferedBytes > 0) await turn();
    server.broadcast(`${FILLING}end`);
    const got = await reading;
    let next = 0;
    for (const line of got.slice(0, -1)) {
      if (line.startsWith("lost ")) next += Number(line.slice(5));
      else assertEquals(Number(line), next++);
    }
    assertEquals(next, COUNT);
    assert(got.length < COUNT, "none was lost");
    stalled.abort();
    await server.close();
  });

  test(`slowReaders with drop tells it without another broadcast, over ${name}`, async () => {
    const { server, stalled } = await stalledAt({
      slowReaders: { drop: () => `${FILLING}lost` },
    });
    for (let i = 0; i < 200; i++) {
      server.broadcast(FILLING);
      await turn();
    }
    const got = await linesOf(stalled, "lost");
    assertEquals(got.at(-1), "lost");
    stalled.abort();
    await server.close();
  });

  test(`slowReaders with "wait" has broadcast() wait for room, over ${name}`, async () => {
    const { server, stalled } = await stalledAt({
      slowReaders: "wait",
      highWaterMark: 1_000_000,
    });
    await using other = await createClient({
      address: server.address,
      codec,
      ...(network && { network }),
    });
    let heard = 0;
    const hearing = other.forEach(() => void heard++);
    while (server.connections.size < 2) await turn();
    let room: Promise<void> | undefined;
    let sent = 0;
    for (; room === undefined && sent < 300; sent++) {
      room = server.broadcast(FILLING);
      // Only the one that stands still is waited for.
      while (heard < sent) await turn();
    }
    assert(room !== undefined);
    let isRoom = false;
    const waiting = room.then(() => isRoom = true);
    await turn();
    assert(!isRoom);
    const reading = linesOf(stalled, "end");
    await waiting;
    server.broadcast(`${FILLING}end`);
    assertEquals((await reading).length, sent + 1);
    stalled.abort();
    await other.close();
    await hearing;
    await server.close();
  });

  test(`slowReaders with "wait" waits for nobody who has left, over ${name}`, async () => {
    const { server, stalled } = await stalledAt({
      slowReaders: "wait",
      highWaterMark: 1_000_000,
    });
    let room: Promise<void> | undefined;
    while (room === undefined) {
      room = server.broadcast(FILLING);
      await turn();
    }
    stalled.abort();
    assertEquals(await room, undefined);
    await server.close();
  });
}

test("slowReaders cuts a reader whose drop() throws, and no other", async () => {
  const errors: unknown[] = [];
  const problem = new Error("no such frame");
  const server: Server<string> = await serve({
    address: "memory:throws",
    network: memory,
    codec,
    onError: (error) => void errors.push(error),
    slowReaders: {
      drop() {
        throw problem;
      },
    },
  }, (connection) => connection.forEach(() => undefined));
  const stalled = await memory.connect(server.address);
  while (server.connections.size < 1) await turn();
  for (let i = 0; i < 200; i++) server.broadcast(FILLING);
  void stalled.readable.pipeTo(new WritableStream()).catch(() => undefined);
  while (server.connections.size > 0) await turn();
  assertEquals(errors, [problem]);
  await server.close();
});

test("slowReaders is to cut, by default", async () => {
  const errors: unknown[] = [];
  await using server = await serve({
    address: "memory:cuts",
    network: memory,
    codec,
    maxSendBuffer: 1_000_000,
    onError: (error) => void errors.push(error),
  }, (connection) => connection.forEach(() => undefined));
  const stalled = await memory.connect(server.address);
  while (server.connections.size < 1) await turn();
  for (let i = 0; i < 100; i++) {
    assertEquals(server.broadcast(FILLING), undefined);
  }
  while (server.connections.size > 0) await turn();
  const [error] = errors;
  assert(error instanceof NetError && error.limit === "maxSendBuffer");
  stalled.abort();
});

test("serve() refuses slowReaders that are none", async () => {
  const wrong = {
    drop: "Cannot use slowReaders: expected one of close, wait, got drop",
    5: "Cannot use slowReaders: expected an object with drop(), got 5",
  };
  for (const [value, told] of Object.entries(wrong)) {
    const slowReaders = value === "5" ? 5 : value;
    const error = await serve({
      address: "memory:wrong",
      network: memory,
      codec,
      slowReaders: slowReaders as unknown as "wait",
    }).then(() => undefined, String);
    assertEquals(error, `TypeError: ${told}`);
  }
});
