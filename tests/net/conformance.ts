/**
 * What every transport promises, as tests over two functions: `connect` and
 * `listen`. They run over the runtime's own sockets and over the memory
 * network.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { test } from "node:test";
import {
  type Address,
  type AddressLike,
  type Connection,
  type ConnectOptions,
  formatAddress,
  type Listener,
  type ListenOptions,
  NetError,
  type NetErrorCode,
  parseAddress,
} from "../../src/net/mod.ts";

/** A kind of network, and what the tests must know about it. */
export interface Network {
  /** Stands in the name of each test. */
  readonly name: string;
  connect(address: AddressLike, options?: ConnectOptions): Promise<Connection>;
  listen(address: AddressLike, options?: ListenOptions): Promise<Listener>;
  /** An address where nobody listens yet, and where one can. */
  freshAddress(): AddressLike;
  /** Where nothing can be connected to, and the code it fails with. */
  readonly unreachable: readonly {
    readonly title: string;
    readonly address: AddressLike;
    readonly code: NetErrorCode;
  }[];
  /**
   * Whether no more than some hundred KiB are on their way at a time: then an
   * eighth of the bytes shows the same.
   */
  readonly holdsLittle?: boolean;
  /** Connects a peer that reads nothing, and can reset its connection. */
  connectResetter(listener: Listener): Promise<{ reset(): void }>;
}

/** Longer than this, a test hangs. */
const DEADLINE_MS = 30_000;

/** Registers the tests of a network. */
export function testNetwork(network: Network): void {
  const { connect, listen, freshAddress } = network;
  const MiB = 1024 * 1024 / (network.holdsLittle ? 8 : 1);

  function check(title: string, body: () => Promise<void>): void {
    test(`${title} [${network.name}]`, () => withDeadline(title, body()));
  }

  async function pair(): Promise<Pair> {
    const listener = await listen(freshAddress());
    const connections = listener[Symbol.asyncIterator]();
    const client = await connect(listener.address);
    const server = await nextOf(connections);
    return {
      listener,
      connections,
      client,
      server,
      async [Symbol.asyncDispose]() {
        client.abort();
        server.abort();
        await listener.close();
      },
    };
  }

  check("connections echo both ways", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    await send(client, text("ping"));
    assertEquals(await receive(server, 4), text("ping"));
    await send(server, text("pong"));
    assertEquals(await receive(client, 4), text("pong"));
  });

  check("connections carry 8 MiB each way at once", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const up = pattern(8 * MiB, 1);
    const down = pattern(8 * MiB, 2);
    const [, , gotUp, gotDown] = await Promise.all([
      send(client, up).then(() => client.closeWrite()),
      send(server, down).then(() => server.closeWrite()),
      receiveAll(server),
      receiveAll(client),
    ]);
    assertSame(gotUp, up);
    assertSame(gotDown, down);
    assertEquals(await client.closed.then(({ error }) => error), undefined);
    assertEquals(await server.closed.then(({ error }) => error), undefined);
  });

  check("connections carry many small writes in order", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const bytes = pattern(5_000, 3);
    const sending = (async () => {
      for (let i = 0; i < bytes.length; i += 10) {
        await send(client, bytes.subarray(i, i + 10));
      }
      await client.closeWrite();
    })();
    assertSame(await receiveAll(server), bytes);
    await sending;
  });

  check("connections know the addresses of both ends", async () => {
    await using ends = await pair();
    const { client, server, listener } = ends;
    assertEquals(client.remoteAddress, listener.address);
    assertEquals(server.localAddress, listener.address);
    assertEquals(client.localAddress, server.remoteAddress);
    if (listener.address.transport === "tcp") {
      assert(listener.address.port > 0);
      assert(client.localAddress.transport === "tcp");
      assert(client.localAddress.port > 0);
      assertEquals(client.localAddress.hostname, listener.address.hostname);
    }
  });

  check("closeWrite() lets a late reply through", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    await send(client, text("question"));
    await client.closeWrite();
    assertEquals(await receiveAll(server), text("question"));
    await aMoment(); // in which nothing may close by itself
    await send(server, text("late reply"));
    await server.closeWrite();
    assertEquals(await receiveAll(client), text("late reply"));
    assertEquals(await client.closed, { by: "local" });
    assertEquals(await server.closed, { by: "remote" });
  });

  check(
    "closeWrite() twice is harmless, then writing rejects",
    async () => {
      await using ends = await pair();
      const { client } = ends;
      await client.closeWrite();
      await client.closeWrite();
      const error = await assertRejects(
        () => send(client, text("more")),
        NetError,
      );
      assertEquals(error.code, "CONNECTION_CLOSED");
    },
  );

  check(
    "close() delivers a chunk larger than the send buffer",
    async () => {
      await using ends = await pair();
      const { client, server } = ends;
      const bytes = pattern(16 * MiB, 4);
      const writer = client.writable.getWriter();
      const written = writer.write(bytes);
      const closed = client.close();
      assertSame(await receiveAll(server), bytes);
      await written;
      await server.close();
      await closed;
      assertEquals(await client.closed, { by: "local" });
    },
  );

  for (const cancelled of [false, true]) {
    const peer = cancelled
      ? "a chatty peer that nobody reads"
      : "a chatty peer";
    check(`close() delivers its last words to ${peer}`, async () => {
      await using ends = await pair();
      const { client, server } = ends;
      const reply = pattern(256 * 1024, 5);
      let ended = false;
      const chatting = (async () => {
        const chunk = pattern(16_384, 6);
        while (!ended) {
          await send(client, chunk);
          await aTask();
        }
        await client.close();
      })();
      const receiving = receiveAll(client);
      await receive(server, 1);
      if (cancelled) await server.readable.cancel();
      await send(server, reply);
      const closing = server.close();
      assertSame(await receiving, reply);
      ended = true;
      await Promise.all([chatting, closing]);
      assertEquals(await server.closed, { by: "local" });
      assertEquals(await client.closed, { by: "remote" });
    });
  }

  check(
    "close() does not wait for ever for the peer",
    async () => {
      await using ends = await pair();
      const { client, server } = ends;
      await client.close();
      assertEquals(await client.closed, { by: "local" });
      assertEquals(await receiveAll(server), new Uint8Array(0));
    },
  );

  check("close() can be called again at any time", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const first = client.close();
    const second = client.close();
    await server.close();
    await Promise.all([first, second]);
    await client.close();
    client.abort();
    assertEquals(await client.closed, { by: "local" });
  });

  check("close() makes writing reject", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    await Promise.all([client.close(), server.close()]);
    const error = await assertRejects(
      () => send(client, text("more")),
      NetError,
    );
    assertEquals(error.code, "CONNECTION_CLOSED");
  });

  check("await using closes a connection and a listener", async () => {
    let closed: Connection | undefined;
    let address: AddressLike = freshAddress();
    {
      await using listener = await listen(address);
      address = listener.address;
      await using client = await connect(listener.address);
      await using server = await nextOf(listener[Symbol.asyncIterator]());
      closed = client;
      await send(client, text("x"));
      assertEquals(await receive(server, 1), text("x"));
      await server.closeWrite();
      await client.closeWrite();
    }
    assertEquals((await closed.closed).error, undefined);
    await assertRejects(() => connect(address), NetError);
  });

  check("abort() rejects what is under way, with its reason", async () => {
    await using ends = await pair();
    const { client } = ends;
    const reason = new Error("enough");
    const reading = client.readable.getReader().read();
    const writing = client.writable.getWriter().write(pattern(32 * MiB, 7));
    await aTask();
    client.abort(reason);
    assertEquals(await reading.catch((error) => error), reason);
    assertEquals(await writing.catch((error) => error), reason);
    assertEquals(await client.closed, { by: "local", error: reason });
  });

  check("abort() ends the connection for the peer", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const reading = receiveAll(server).catch((error) => error);
    client.abort();
    const got = await reading;
    // A runtime that cannot send a reset sends a FIN.
    if (got instanceof Uint8Array) assertEquals(got.length, 0);
    else assertEquals(codeOf(got), "CONNECTION_RESET");
  });

  check(
    "a reset by the peer makes reading reject, told once",
    async () => {
      await using listener = await listen(freshAddress());
      const connections = listener[Symbol.asyncIterator]();
      const resetter = await network.connectResetter(listener);
      const server = await nextOf(connections);
      await send(server, text("never read"));
      await aTask(); // in which it leaves
      let told = 0;
      const closed = server.closed.then((info) => {
        told++;
        return info;
      });
      const reading = assertRejects(() => receiveAll(server), NetError);
      resetter.reset();
      const error = await reading;
      assertEquals(error.code, "CONNECTION_RESET");
      const info = await closed;
      assertEquals(info.by, "remote");
      assertEquals(codeOf(info.error), "CONNECTION_RESET");
      await assertRejects(() => send(server, text("x")), NetError);
      await server.close();
      server.abort();
      await aTask();
      assertEquals(told, 1);
      assertEquals(await server.closed, info);
    },
  );

  check("a reset by the peer ends a write that is held back", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const writing = send(server, pattern(64 * MiB, 8));
    const failure = writing.then(() => undefined, (error) => error);
    await receive(client, 1);
    client.abort();
    assertEquals(codeOf(await failure), "CONNECTION_RESET");
    const { by, error } = await server.closed;
    assertEquals([by, codeOf(error)], ["remote", "CONNECTION_RESET"]);
  });

  check(
    "a slow reader holds the writer back, then gets all",
    async () => {
      await using ends = await pair();
      const { client, server } = ends;
      const chunk = pattern(65_536, 9);
      const chunks = 48 * MiB / chunk.length; // more than is ever on its way
      let written = 0;
      const writing = (async () => {
        const writer = client.writable.getWriter();
        for (; written < chunks; written++) await writer.write(chunk);
        await writer.close();
      })();
      // Until no more is taken; a plateau that is seen too early does no harm.
      let seen: number;
      do {
        seen = written;
        for (let i = 0; i < 5; i++) await aMoment();
      } while (seen !== written && written < chunks);
      assert(
        written < chunks / 2,
        `${written} of ${chunks} chunks were written and none was read`,
      );
      let received = 0;
      for await (const part of server.readable) received += part.length;
      assertEquals(received, chunks * chunk.length);
      await writing;
    },
  );

  check("chunks handed out are never overwritten later", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const kept: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    const sending = (async () => {
      for (let i = 0; i < 64; i++) await send(client, pattern(1 + i * 999, i));
      await client.closeWrite();
    })();
    for await (const chunk of server.readable) {
      kept.push(chunk);
      copies.push(new Uint8Array(chunk));
    }
    await sending;
    assertSame(concat(kept), concat(copies));
    for (const chunk of kept) assertEquals(chunk.constructor, Uint8Array);
  });

  check("bytes written may be changed once the write is done", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    const receiving = receiveAll(server);
    const buffer = new Uint8Array(300_000);
    const expected: Uint8Array[] = [];
    for (let i = 0; i < 20; i++) {
      buffer.set(pattern(buffer.length, i));
      expected.push(new Uint8Array(buffer));
      await send(client, buffer);
      buffer.fill(0);
    }
    await client.closeWrite();
    assertSame(await receiving, concat(expected));
  });

  check("empty writes are harmless", async () => {
    await using ends = await pair();
    const { client, server } = ends;
    await send(client, new Uint8Array(0));
    await send(client, text("a"));
    await send(client, new Uint8Array(0));
    await client.closeWrite();
    assertEquals(await receiveAll(server), text("a"));
  });

  check(
    "a connection that ends before it is accepted is whole",
    async () => {
      await using listener = await listen(freshAddress());
      const client = await connect(listener.address);
      await send(client, text("bye"));
      const closing = client.close();
      const server = await nextOf(listener[Symbol.asyncIterator]());
      assertEquals(await receiveAll(server), text("bye"));
      await server.close();
      await closing;
    },
  );

  check(
    "connect() rejects with CONNECTION_REFUSED when nobody listens",
    async () => {
      const listener = await listen(freshAddress());
      const { address } = listener;
      await listener.close();
      const error = await assertRejects(() => connect(address), NetError);
      // A Unix socket's file goes with its listener.
      const code = address.transport === "unix"
        ? "HOST_NOT_FOUND"
        : "CONNECTION_REFUSED";
      assertEquals(error.code, code);
      assert(error.message.includes(formatAddress(address)), error.message);
      assertCause(error, address);
    },
  );

  for (const { title, address, code } of network.unreachable) {
    check(`connect() rejects with ${code} ${title}`, async () => {
      const error = await assertRejects(() => connect(address), NetError);
      assertEquals(error.code, code, error.message);
      assertCause(error, parseAddress(address));
    });
  }

  check(
    "connect() rejects with the reason when aborted before",
    async () => {
      await using listener = await listen(freshAddress());
      const reason = new Error("never mind");
      const signal = AbortSignal.abort(reason);
      const connecting = connect(listener.address, { signal });
      assertEquals(await connecting.catch((error) => error), reason);
    },
  );

  check("connect() leaves nothing open when it is aborted", async () => {
    await using listener = await listen(freshAddress());
    const reason = new Error("never mind");
    for (let turns = 0; turns < 20; turns++) {
      const aborting = new AbortController();
      const { signal } = aborting;
      const outcome = connect(listener.address, { signal }).then(
        (connection) => connection.abort(),
        (error) => assertEquals(error, reason),
      );
      for (let turn = 0; turn < turns; turn++) await undefined;
      aborting.abort(reason);
      await outcome;
    }
    const client = await connect(listener.address);
    await send(client, text("here"));
    await client.closeWrite();
    for await (const server of listener) {
      const got = await receiveAll(server).catch(() => new Uint8Array(0));
      await server.close();
      if (got.length > 0) break;
    }
    await client.close();
  });

  check(
    "connect() rejects with TypeError for a foreign address",
    async () => {
      await using listener = await listen(freshAddress());
      const other: AddressLike = listener.address.transport === "memory"
        ? { port: 1 }
        : { transport: "memory", name: "x" };
      for (const address of [other, "udp://127.0.0.1:1"]) {
        await assertRejects(() => connect(address), TypeError, "Cannot use");
        await assertRejects(() => listen(address), TypeError, "Cannot use");
      }
    },
  );

  check("connect() and listen() take or refuse TCP options", async () => {
    const tcp = parseAddress(freshAddress()).transport === "tcp";
    for (
      const options of [
        { noDelay: true, keepAlive: false },
        { noDelay: false },
        { keepAlive: true },
      ]
    ) {
      if (!tcp && options.noDelay !== true) {
        await using listener = await listen(freshAddress());
        const { address } = listener;
        await assertRejects(() => connect(address, options), TypeError);
        await assertRejects(() => listen(freshAddress(), options), TypeError);
        continue;
      }
      await using listener = await listen(freshAddress(), options);
      const client = await connect(listener.address, options);
      const server = await nextOf(listener[Symbol.asyncIterator]());
      await send(client, text("ping"));
      assertEquals(await receive(server, 4), text("ping"));
      await Promise.all([client.close(), server.close()]);
    }
  });

  check("connect() and listen() refuse what is no TCP option", async () => {
    const wrong = [
      { noDelay: 1 as unknown as boolean },
      { keepAlive: "yes" as unknown as boolean },
    ];
    for (const options of wrong) {
      await assertRejects(() => connect(freshAddress(), options), TypeError);
      await assertRejects(() => listen(freshAddress(), options), TypeError);
    }
    for (const keepAlive of [0, -1, 999, NaN, Infinity]) {
      const options = { keepAlive };
      await assertRejects(() => connect(freshAddress(), options), RangeError);
      await assertRejects(() => listen(freshAddress(), options), RangeError);
    }
  });

  check(
    "listen() rejects with ADDRESS_IN_USE when it is in use",
    async () => {
      await using listener = await listen(freshAddress());
      const { address } = listener;
      const error = await assertRejects(() => listen(address), NetError);
      assertEquals(error.code, "ADDRESS_IN_USE");
      assert(error.message.includes(formatAddress(address)), error.message);
      assertCause(error, address);
    },
  );

  check(
    "Listener.close() ends the iteration, and again is harmless",
    async () => {
      const listener = await listen(freshAddress());
      const iterating = (async () => {
        for await (const connection of listener) await connection.close();
      })();
      await aTask();
      await listener.close();
      await iterating;
      await listener.close();
      await assertRejects(() => connect(listener.address), NetError);
    },
  );

  check("Listener.close() leaves the connections alone", async () => {
    await using ends = await pair();
    const { client, server, listener } = ends;
    await listener.close();
    await send(client, text("still here"));
    assertEquals(await receive(server, 10), text("still here"));
  });

  check("listen() takes an address again after close()", async () => {
    const first = await listen(freshAddress());
    await first.close();
    const second = await listen(first.address);
    assertEquals(second.address, first.address);
    await second.close();
  });

  check("200 connections leave no descriptors behind", async () => {
    await using listener = await listen(freshAddress());
    const serving = (async () => {
      const closings: Promise<void>[] = [];
      for await (const server of listener) {
        closings.push(receiveAll(server).then(() => server.close()));
      }
      await Promise.all(closings);
    })();
    const visit = async () => {
      const client = await connect(listener.address);
      await send(client, text("hello"));
      await client.close();
    };
    await visit(); // opens what a runtime opens once
    const before = await openDescriptors();
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 20 }, visit));
    }
    await until(
      async () => await openDescriptors() <= before + 2,
      `more than ${before + 2} descriptors are open`,
    );
    await listener.close();
    await serving;
  });
}

interface Pair extends AsyncDisposable {
  readonly listener: Listener;
  readonly connections: AsyncIterator<Connection>;
  readonly client: Connection;
  readonly server: Connection;
}

/** The next connection of a listener. */
export async function nextOf(
  connections: AsyncIterator<Connection>,
): Promise<Connection> {
  const { value, done } = await connections.next();
  if (done) throw new Error("The listener was closed");
  return value;
}

/** Writes to a connection. */
export async function send(
  connection: Connection,
  bytes: Uint8Array,
): Promise<void> {
  const writer = connection.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

/** Reads at least `length` bytes. */
export async function receive(
  connection: Connection,
  length: number,
): Promise<Uint8Array> {
  const reader = connection.readable.getReader();
  const chunks: Uint8Array[] = [];
  try {
    for (let received = 0; received < length;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The stream ended after ${received} bytes`);
      chunks.push(value);
      received += value.length;
    }
  } finally {
    reader.releaseLock();
  }
  return concat(chunks);
}

/** Reads to the end. */
export async function receiveAll(connection: Connection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of connection.readable) {
    assert(chunk.length > 0);
    chunks.push(chunk);
  }
  return concat(chunks);
}

/** Bytes that repeat in no simple way. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761 + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Resolves when something has become true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  otherwise: string,
): Promise<void> {
  const end = Date.now() + 10_000;
  while (!await condition()) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${otherwise}`);
    await aMoment();
  }
}

/** How many descriptors this process has open; 0 where that is not known. */
export async function openDescriptors(): Promise<number> {
  const { readdir } = await import("node:fs/promises");
  try {
    return (await readdir("/proc/self/fd")).length;
  } catch {
    return 0; // not Linux
  }
}

function text(string: string): Uint8Array {
  return new TextEncoder().encode(string);
}

/** Like `assertEquals`, for megabytes. */
function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  const differs = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(differs, -1, `the bytes differ at ${differs}`);
}

/** The runtime's own error is the cause; a memory network has none. */
function assertCause(error: NetError, { transport }: Address): void {
  assertEquals(error.cause instanceof Error, transport !== "memory");
}

function codeOf(error: unknown): string {
  return error instanceof NetError ? error.code : String(error);
}

function aTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

async function withDeadline(title: string, body: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${title}: not done in ${DEADLINE_MS} ms`)),
      DEADLINE_MS,
    );
  });
  try {
    await Promise.race([body, late]);
  } finally {
    clearTimeout(timer);
  }
}
