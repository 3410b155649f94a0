/** How links end over real sockets, over Web Streams and over a memory network. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import net from "node:net";
import { test } from "node:test";
import {
  connect,
  createClient,
  framed,
  lengthPrefixed,
  lines,
  listen,
  NetError,
  serve,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { HandTicker } from "../support/hand_ticker.ts";
import { connectedPair } from "../support/duplexes.ts";
import { turn } from "../support/scripted_transport.ts";
import { startTaking, waiters } from "../support/waiters.ts";

/** A server whose sockets a test has in its hands. */
async function socketServer(
  serve: (socket: net.Socket) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {}); // of the end that the test gives it
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object");
  return {
    port: address.port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

for (const way of Object.keys(waiters)) {
  test(`the last words of a peer that resets come before the error of a write [tcp, ${way}]`, async () => {
    const server = await socketServer((socket) => {
      socket.once("data", () =>
        socket.write("last\nwords\n", () => {
          // By then the other end has them, as both are on this machine.
          setTimeout(() => socket.resetAndDestroy(), 5);
        }));
    });
    const client = framed(await connect({ port: server.port }), lines());
    // Until a write fails; nobody reads.
    const failure = await (async () => {
      while (true) {
        await client.send("x".repeat(10_000));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })().catch((error: unknown) => error);
    assert(failure instanceof NetError);
    const got = startTaking(client, way);
    const { by, error } = await client.closed;
    await turn();
    assertEquals(got.frames, ["last", "words"]);
    assertEquals(got.outcome, error);
    assert(error instanceof NetError && by !== "local", `${by}: ${error}`);
    await server.close();
  });
}

test("closed settles after a reset while nobody reads, and the place is free [tcp]", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines(), maxConnections: 1 },
    async (peer) => void await peer.closed,
  );
  assert(server.address.transport === "tcp");
  for (let i = 0; i < 3; i++) {
    const socket = net.connect(server.address.port, "127.0.0.1");
    socket.on("error", () => {}); // of the reset
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    while (server.connections.size === 0) await turn();
    const [connection] = server.connections.values();
    socket.write("unread\n");
    while (connection?.chunksReceived === 0) await turn();
    socket.resetAndDestroy();
    const info = await connection?.closed;
    assertEquals(info?.by, "remote");
    while (server.connections.size > 0) await turn();
  }
});

// close has a bound

test("close() of a plain connection whose peer takes nothing has a bound", async () => {
  using time = new HandTicker(2_000);
  const network = memoryNetwork();
  const listener = await network.listen("memory:stuck");
  const accepting = listener[Symbol.asyncIterator]().next();
  const client = await network.connect("memory:stuck");
  await accepting;
  const writing = assertRejects(() =>
    client.writable.getWriter().write(new Uint8Array(1_000_000))
  );
  await turn();
  let isClosed = false;
  const closing = client.close().then(() => isClosed = true);
  await time.pass(30_000, 1_000);
  assert(!isClosed);
  await time.pass(2_000, 1_000);
  await closing;
  const { by, error } = await client.closed;
  assertEquals(by, "local");
  assert(error instanceof NetError && error.code === "TIMED_OUT");
  await writing;
  await listener.close();
});

const never = () => new Promise<void>(() => {});

for (const hangs of ["write", "close", "abort", "cancel", "pull"]) {
  for (const how of ["close", "abort"] as const) {
    test(`${how}() has a bound over Web Streams whose ${hangs} hangs`, async () => {
      using time = new HandTicker(400);
      const hung = (name: string) => name === hangs ? never : () => {};
      const link = framed(
        {
          readable: new ReadableStream<Uint8Array>({
            pull: hung("pull"),
            cancel: hung("cancel"),
          }, { highWaterMark: 0 }),
          writable: new WritableStream<Uint8Array>({
            write: hung("write"),
            close: hung("close"),
            abort: hung("abort"),
          }),
        },
        lines(),
        { closeTimeoutMs: 400 },
      );
      const got = startTaking(link, "receive()");
      void link.send("last words");
      await turn();
      const ending = how === "close" ? link.close() : link.abort();
      await time.pass(1_000, 100);
      await ending;
      const info = await link.closed;
      assertEquals(info.by, "local");
      const isCut = how === "abort" || hangs === "write" || hangs === "close";
      assertEquals(info.error instanceof NetError, isCut, `${info.error}`);
      await turn();
      assertEquals(got.outcome, isCut ? info.error : "end");
      assertEquals(time.members.size, 0);
    });
  }
}

// What breaks is told

test("a read error of Web Streams fails the link as that of a socket does", async () => {
  const broken = new Error("broken");
  let source!: ReadableStreamDefaultController<Uint8Array>;
  const link = framed({
    readable: new ReadableStream<Uint8Array>({
      start(controller) {
        source = controller;
      },
    }),
    writable: new WritableStream<Uint8Array>(),
  }, lines());
  source.enqueue(new TextEncoder().encode("one\n"));
  await turn();
  source.error(broken);
  assertEquals(await link.closed, { by: "failure", error: broken });
  assertEquals(assertThrows(() => link.send("x")), broken);
  assertEquals(await link.receive(), "one");
  assertEquals(await assertRejects(() => link.receive()), broken);
});

// Slow peers

test("a slow but steady reader is not cut by writeTimeoutMs", async () => {
  using time = new HandTicker(1_000);
  const network = memoryNetwork();
  const codec = lengthPrefixed({ maxFrameLength: 2_000_000 });
  const errors: unknown[] = [];
  await using server = await serve({
    address: "memory:slow",
    codec,
    network,
    writeTimeoutMs: 1_000,
    onError: (error) => void errors.push(error),
  }, async (peer) => {
    await peer.send(new Uint8Array(400_000));
  });
  const client = await network.connect(server.address);
  let received = 0;
  for await (const chunk of client.readable) {
    received += chunk.length;
    // A window of 64 KiB takes most of the limit, and a whole write far more.
    await time.pass(150, 50);
  }
  assertEquals(received, 400_004);
  assertEquals(errors, []);
  await client.close();
});

for (const bound of ["in time", "not in time"]) {
  test(`a chatty, slow peer gets all that was written, or closed tells: ${bound} [tcp]`, async () => {
    const length = 3_000_000;
    const [a, b] = await connectedPair();
    const server = framed(a, lengthPrefixed({ maxFrameLength: length }), {
      closeTimeoutMs: bound === "in time" ? 30_000 : 200,
    });
    void server.send(new Uint8Array(length));
    const closing = server.close();
    const writer = b.writable.getWriter();
    let talks = true;
    const talking = (async () => {
      while (talks) {
        await writer.write(new Uint8Array(100));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })().catch(() => undefined);
    let received = 0;
    try {
      for await (const chunk of b.readable) {
        received += chunk.length;
        // Slower than the two seconds after which a silent peer is let go.
        if (received < length) {
          const ms = chunk.length / length * 3_000;
          await new Promise((resolve) => setTimeout(resolve, ms));
        }
      }
    } catch (error) {
      assert(error instanceof NetError);
    }
    talks = false;
    await talking;
    await b.close();
    await closing;
    const { error } = await server.closed;
    if (bound === "in time") {
      assertEquals(received, length + 4);
      assertEquals(error, undefined);
    } else assert(error instanceof NetError && error.code === "TIMED_OUT");
  });
}

test("close() of both ends at once loses nothing [tcp]", async () => {
  const codec = lengthPrefixed();
  const frame = new Uint8Array(200_000).fill(7);
  const [a, b] = (await connectedPair()).map((end) => framed(end, codec));
  assert(a !== undefined && b !== undefined);
  const received = [a, b].map(async (end) => {
    const frames: Uint8Array[] = [];
    await end.forEach((got) => void frames.push(got));
    return frames.length;
  });
  for (const end of [a, b]) for (let i = 0; i < 5; i++) void end.send(frame);
  await Promise.all([a.close(), b.close()]);
  assertEquals(await Promise.all(received), [5, 5]);
  assertEquals((await a.closed).error, undefined);
  assertEquals((await b.closed).error, undefined);
});

test("a client that is closed while it is written to tells its server [tcp]", async () => {
  await using listener = await listen({ port: 0 });
  const accepting = listener[Symbol.asyncIterator]().next();
  const client = await createClient({
    address: listener.address,
    codec: lines(),
  });
  const accepted = (await accepting).value;
  assert(accepted !== undefined);
  const server = framed(accepted, lines());
  const got = startTaking(client, "for await");
  await server.send("one");
  while (got.frames.length === 0) await turn();
  client.abort();
  const failure = await (async () => {
    while (true) {
      await server.send("more");
      await turn();
    }
  })().catch((error: unknown) => error);
  assert(failure instanceof NetError);
  assert(server.failedWith(failure));
  assert((await server.closed).error instanceof NetError);
});
