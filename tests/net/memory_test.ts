import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  memoryNetwork,
  type MemoryNetworkOptions,
} from "../../src/net/adapters/memory.ts";
import { memoryAdapter } from "../../src/net/adapters/memory_adapter.ts";
import type { Adapter } from "../../src/net/adapter.ts";
import {
  type Connection,
  NetError,
  type Network,
  type Transport,
  type TransportSink,
} from "../../src/net/mod.ts";
import { nextOf, pattern, send, testNetwork } from "./conformance.ts";

function testMemoryNetwork(name: string, options: MemoryNetworkOptions): void {
  const network = memoryNetwork(options);
  let names = 0;
  testNetwork({
    name,
    ...network,
    freshAddress: () => `memory:${names++}`,
    holdsLittle: true,
    unreachable: [{
      title: "on another network",
      address: "memory:elsewhere",
      code: "CONNECTION_REFUSED",
    }],
    async connectResetter({ address }) {
      const connection = await network.connect(address);
      return { reset: () => connection.abort() };
    },
  });
}

testMemoryNetwork("memory", {});
testMemoryNetwork("memory, with delays and pieces", {
  seed: 1,
  delay: true,
  maxChunkLength: 100_000,
});

test("memoryNetwork() cuts what is written into pieces [memory]", async () => {
  const sizes = (await exchange({ seed: 7, maxChunkLength: 3 })).map((chunk) =>
    chunk.length
  );
  assert(sizes.every((size) => size <= 3));
  assertEquals(new Set(sizes).size, 3);
});

test("memoryNetwork() repeats itself with the same seed [memory]", async () => {
  const options = {
    maxChunkLength: 9,
    delay: true,
    resetProbability: 0.05,
  };
  const runs = new Set<string>();
  for (let seed = 0; seed < 5; seed++) {
    const first = await exchange({ ...options, seed });
    assertEquals(await exchange({ ...options, seed }), first);
    runs.add(first.map((chunk) => chunk.length).join());
  }
  assertEquals(runs.size, 5);
});

test("memoryNetwork() resets after the bytes it is told [memory]", async () => {
  for (const resetAfterBytes of [0, 1, 99]) {
    const network = memoryNetwork({ resetAfterBytes });
    const { client, server } = await pairOf(network);
    const writer = client.writable.getWriter();
    const writing = writer.write(pattern(100, 1)).then(() => writer.closed)
      .then(() => undefined, (error) => error);
    const received: number[] = [];
    const failure = await (async () => {
      for await (const chunk of server.readable) received.push(...chunk);
    })().catch((error) => error);
    assert(failure instanceof NetError);
    assertEquals(failure.code, "CONNECTION_RESET");
    assertEquals(received, [...pattern(resetAfterBytes, 1)]);
    assert(await writing instanceof NetError);
    assertEquals((await server.closed).by, "remote");
    assertEquals((await client.closed).by, "remote");
  }
});

test("memoryNetwork() fails the call it is told, and breaks that connection [memory]", async () => {
  for (const failCall of [1, 2, 3]) {
    const { client, server } = await pairOf(memoryNetwork({ failCall }));
    let calls = 0;
    const failure = await (async () => {
      for (; calls < 2; calls++) {
        await send(client, Uint8Array.of(calls));
        // What is written in one task is one call.
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await client.closeWrite();
    })().then(() => undefined, (error) => error);
    assert(failure instanceof NetError);
    assertEquals(failure.code, "NETWORK_ERROR");
    // A write that fails is told to the next one who writes.
    assertEquals(calls, Math.min(failCall, 2));
    const received: number[] = [];
    const broken = await (async () => {
      for await (const chunk of server.readable) received.push(...chunk);
    })().catch((error) => error);
    assertEquals(received, [0, 1].slice(0, failCall - 1));
    assert(broken instanceof NetError);
    assertEquals(broken.code, "CONNECTION_RESET");
    assertEquals((await client.closed).error, failure);
  }
});

test("memoryNetwork() takes a write in pieces as the reader makes room [memory]", async () => {
  const [a, b] = await transportsOf(memoryAdapter({}));
  const sizes: number[] = [];
  const seen: number[] = [];
  a.open(silent);
  b.open({
    ...silent,
    data(chunk) {
      sizes.push(chunk.length);
      seen.push(a.bytesTaken);
    },
  });
  const writing = a.write(pattern(1_000_000, 1));
  assertEquals(a.bytesTaken, 65_536); // the window
  await writing;
  assertEquals(a.bytesTaken, 1_000_000);
  assert(sizes.every((size) => size <= 16_384), `${sizes}`);
  assert(new Set(seen).size > 20, `${seen}`);
  a.abort();
  b.abort();
});

const silent: TransportSink = { data() {}, end() {}, fail() {} };

/** Both ends of a connection that an adapter makes. */
async function transportsOf(
  adapter: Adapter,
): Promise<[Transport, Transport]> {
  const settings = { noDelay: true, keepAlive: false, reusePort: false };
  const { signal } = new AbortController();
  const at = { transport: "memory", name: "pair" } as const;
  const accepted: Transport[] = [];
  await adapter.listen(
    at,
    settings,
    (transport) => accepted.push(transport),
    () => {},
  );
  const client = await adapter.connect(at, { ...settings, signal });
  const [server] = accepted;
  assert(server !== undefined);
  return [client, server];
}

test("memoryNetwork() throws RangeError for options out of range [memory]", () => {
  const wrong: MemoryNetworkOptions[] = [
    { maxChunkLength: 0 },
    { maxChunkLength: 1.5 },
    { resetProbability: 2 },
    { resetProbability: NaN },
    { resetAfterBytes: -1 },
    { failCall: 0 },
    { failCall: 1.5 },
  ];
  for (const options of wrong) {
    assertThrows(() => memoryNetwork(options), RangeError);
  }
});

/** Sends 500 bytes and returns the pieces that arrive. */
async function exchange(options: MemoryNetworkOptions): Promise<Uint8Array[]> {
  const { client, server } = await pairOf(memoryNetwork(options));
  const chunks: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of server.readable) chunks.push(chunk);
  })();
  const writing = (async () => {
    const writer = client.writable.getWriter();
    await writer.write(pattern(500, 1));
    await writer.close();
  })();
  await Promise.allSettled([reading, writing]);
  client.abort();
  server.abort();
  return chunks;
}

async function pairOf(
  network: Network,
): Promise<{ client: Connection; server: Connection }> {
  const listener = await network.listen("memory:pair");
  const client = await network.connect("memory:pair");
  const server = await nextOf(listener[Symbol.asyncIterator]());
  await listener.close();
  return { client, server };
}
