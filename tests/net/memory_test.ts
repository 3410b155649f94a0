import { assert, assertEquals, assertThrows } from "@std/assert";
import { test } from "node:test";
import {
  memoryNetwork,
  type MemoryNetworkOptions,
} from "../../src/net/adapters/memory.ts";
import { type Connection, NetError, type Network } from "../../src/net/mod.ts";
import { nextOf, pattern, testNetwork } from "./conformance.ts";

function testMemoryNetwork(name: string, options: MemoryNetworkOptions): void {
  const network = memoryNetwork(options);
  let names = 0;
  testNetwork({
    name,
    ...network,
    freshAddress: () => `memory:${names++}`,
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
    const writing = client.writable.getWriter().write(pattern(100, 1))
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

test("memoryNetwork() throws RangeError for options out of range [memory]", () => {
  const wrong: MemoryNetworkOptions[] = [
    { maxChunkLength: 0 },
    { maxChunkLength: 1.5 },
    { resetProbability: 2 },
    { resetProbability: NaN },
    { resetAfterBytes: -1 },
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
