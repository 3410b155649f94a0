import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
} from "@std/assert";
import { test } from "node:test";
import {
  connect,
  type Connection,
  createClient,
  lines,
  listen,
  NetError,
  serve,
} from "../../mod.ts";
import {
  relay,
  type RelayFaults,
  type RelayOptions,
} from "../../src/testing/mod.ts";

type Faults = Omit<RelayOptions, "to">;

/** Deno cannot reset a connection: the other side may see an end. */
const isDeno = "Deno" in globalThis;

interface Parts extends AsyncDisposable {
  readonly client: Connection;
  readonly server: Connection;
  readonly between: Awaited<ReturnType<typeof relay>>;
}

/** A client and a server without a codec, and a relay between them. */
async function parts(faults: Faults): Promise<Parts> {
  const listener = await listen({ port: 0 });
  const accepting = listener[Symbol.asyncIterator]().next();
  const between = await relay({ to: listener.address, ...faults });
  const client = await connect(between.address);
  const { value: server } = await accepting;
  return {
    client,
    server: server!,
    between,
    async [Symbol.asyncDispose]() {
      client.abort();
      server!.abort();
      await between.close();
      await listener.close();
    },
  };
}

/** Sends bytes to the server, which gets these chunks. */
async function chunksOf(
  faults: RelayFaults,
  bytes: Uint8Array,
): Promise<Uint8Array[]> {
  await using all = await parts({ toServer: faults });
  const writer = all.client.writable.getWriter();
  const chunks = Array.fromAsync(all.server.readable);
  await writer.write(bytes);
  await writer.close();
  return await chunks;
}

/** What arrives until the connection is reset. */
async function untilReset(connection: Connection): Promise<number[]> {
  const received: number[] = [];
  try {
    for await (const chunk of connection.readable) received.push(...chunk);
  } catch (error) {
    assert(error instanceof NetError && error.code === "CONNECTION_RESET");
    return received;
  }
  assert(isDeno, "the connection was not reset");
  return received;
}

function numbers(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

function total(chunks: readonly Uint8Array[]): number[] {
  return chunks.flatMap((chunk) => [...chunk]);
}

test("relay() passes all on, and the ends, where there is no fault", async () => {
  const bytes = numbers(300_000);
  assertEquals(total(await chunksOf({}, bytes)), [...bytes]);
});

test("relay() cuts what it passes on where maxChunkLength is set", async () => {
  const bytes = numbers(200);
  const faults = { maxChunkLength: 10, maxDelayMs: 4 };
  const chunks = await chunksOf(faults, bytes);
  assertEquals(total(chunks), [...bytes]);
  assertGreaterOrEqual(chunks.length, 10);
  assertEquals(total(await chunksOf({ maxChunkLength: 1 }, bytes)), [...bytes]);
});

test("relay() passes on at once what comes without a pause of gatherMs", async () => {
  await using all = await parts({ toServer: { gatherMs: 100 } });
  const writer = all.client.writable.getWriter();
  const reader = all.server.readable.getReader();
  for (let i = 1; i <= 3; i++) {
    await writer.write(Uint8Array.of(i));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals((await reader.read()).value, Uint8Array.of(1, 2, 3));
  await writer.close();
  assert((await reader.read()).done);
});

test("relay() passes on so many bytes a second where there is a rate", async () => {
  const start = performance.now();
  const bytes = numbers(1_000);
  const chunks = await chunksOf({ bytesPerSecond: 5_000 }, bytes);
  assertEquals(total(chunks), [...bytes]);
  assertGreaterOrEqual(performance.now() - start, 180);
});

test("relay() delays each piece, and keeps their order", async () => {
  const bytes = numbers(30);
  const start = performance.now();
  const chunks = await chunksOf({ maxChunkLength: 1, maxDelayMs: 10 }, bytes);
  assertEquals(total(chunks), [...bytes]);
  assertGreaterOrEqual(performance.now() - start, 50);
});

test("relay() resets both sides after resetAfterBytes", async () => {
  await using all = await parts({ toServer: { resetAfterBytes: 3 } });
  const writer = all.client.writable.getWriter();
  const received = await Promise.all([
    untilReset(all.server),
    untilReset(all.client),
    writer.write(numbers(10)).catch(() => undefined),
  ]);
  assert(received[0].length <= 3, `${received[0]}`);
  assertEquals(received[1], []);
});

test("relay() passes nothing on after stallAfterBytes, and holds the sender back", async () => {
  await using all = await parts({ toServer: { stallAfterBytes: 4 } });
  const writer = all.client.writable.getWriter();
  writer.closed.catch(() => undefined);
  const reader = all.server.readable.getReader();
  let written = 0;
  const writing = (async () => {
    for (; written < 100; written++) await writer.write(numbers(1_048_576));
  })().catch(() => undefined);
  assertEquals((await reader.read()).value, numbers(4));
  const more = reader.read().then(() => "more", () => "more");
  const pause = new Promise((resolve) => setTimeout(resolve, 200, "nothing"));
  assertEquals(await Promise.race([more, pause]), "nothing");
  assert(written < 100, "the sender was not held back");
  await all[Symbol.asyncDispose]();
  await writing;
});

test("relay() takes all that it drops after dropAfterBytes", async () => {
  await using all = await parts({ toServer: { dropAfterBytes: 4 } });
  const writer = all.client.writable.getWriter();
  // More than the buffers of all sockets on the way hold.
  for (let i = 0; i < 60; i++) await writer.write(numbers(1_048_576));
  await writer.close();
  const reader = all.server.readable.getReader();
  assertEquals((await reader.read()).value, numbers(4));
  const more = reader.read().then(() => "more", () => "more");
  const pause = new Promise((resolve) => setTimeout(resolve, 100, "nothing"));
  assertEquals(await Promise.race([more, pause]), "nothing");
});

test("relay() tells neither side that the other is gone where it drops both ways", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines(), idleTimeoutMs: 300 },
    (connection) => connection.forEach((line) => connection.send(line)),
  );
  await using between = await relay({
    to: server.address,
    toServer: { dropAfterBytes: 4 },
    toClient: { dropAfterBytes: 4 },
  });
  const client = await createClient({
    address: between.address,
    codec: lines(),
  });
  await client.send("one");
  assertEquals(await client.receive(), "one");
  const [connection] = server.connections.values();
  const closed = connection!.closed;
  client.abort();
  const { by, error } = await closed;
  assertEquals(by, "local");
  assert(error instanceof NetError && error.code === "TIMED_OUT", `${error}`);
});

test("relay() resets all connections when told, and takes new ones", async () => {
  await using server = await serve(
    { address: { port: 0 }, codec: lines() },
    (connection) => connection.forEach((line) => connection.send(line)),
  );
  await using between = await relay({ to: server.address });
  await using first = await connect(between.address);
  const writer = first.writable.getWriter();
  await writer.write(new TextEncoder().encode("one\n"));
  const reader = first.readable.getReader();
  assertEquals((await reader.read()).value?.length, 4);
  reader.releaseLock();
  between.reset();
  assertEquals(await untilReset(first), []);
  await using second = await createClient({
    address: between.address,
    codec: lines(),
  });
  await second.send("two");
  assertEquals(await second.receive(), "two");
});

test("relay() resets a client where nobody listens", async () => {
  const listener = await listen({ port: 0 });
  await listener.close();
  await using between = await relay({ to: listener.address });
  await using client = await connect(between.address);
  assertEquals(await untilReset(client), []);
});

test("relay() makes the same pieces of the same seed", async () => {
  const lengths = async (seed: number) => {
    await using all = await parts({
      seed,
      toServer: { maxChunkLength: 40, maxDelayMs: 3 },
    });
    const writer = all.client.writable.getWriter();
    const chunks = Array.fromAsync(all.server.readable);
    await writer.write(numbers(200));
    await writer.close();
    return (await chunks).map(({ length }) => length);
  };
  const first = await lengths(7);
  assert(first.length > 2);
  assertEquals(await lengths(7), first);
});

test("relay() refuses options that are out of their range, by their names", async () => {
  const wrong: readonly (readonly [RelayFaults, string])[] = [
    [{ maxChunkLength: 0 }, "maxChunkLength"],
    [{ gatherMs: -1 }, "gatherMs"],
    [{ maxDelayMs: NaN }, "maxDelayMs"],
    [{ bytesPerSecond: 0 }, "bytesPerSecond"],
    [{ resetAfterBytes: -1 }, "resetAfterBytes"],
    [{ stallAfterBytes: -1 }, "stallAfterBytes"],
    [{ dropAfterBytes: -1 }, "dropAfterBytes"],
  ];
  for (const [faults, name] of wrong) {
    for (const side of ["toServer", "toClient"]) {
      await assertRejects(
        () => relay({ to: { port: 1 }, [side]: faults }),
        RangeError,
        name,
      );
    }
  }
  await assertRejects(
    () => relay({ to: { port: 1 }, toServer: { delayMs: 1 } as RelayFaults }),
    TypeError,
    "relay has no such option",
  );
  await assertRejects(() => relay({ to: "nowhere" }), TypeError, "nowhere");
});
