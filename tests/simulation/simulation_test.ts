import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  createClient,
  FrameError,
  lengthPrefixed,
  NetError,
  serve,
} from "../../mod.ts";
import {
  memoryNetwork,
  type MemoryNetworkOptions,
} from "../../src/net/adapters/memory.ts";

const SEEDS = 500;
const FRAMES = 10;
const codec = lengthPrefixed({ lengthBytes: 2 });

/** What came of one conversation. */
interface Outcome {
  readonly echoed: number;
  readonly failure: unknown;
}

/**
 * A server that echoes and a client that sends and receives at the same time,
 * over a network with the faults of a seed. Checks that all of it comes to an
 * end, and that every frame that comes back is the one that was sent.
 */
async function converse(options: MemoryNetworkOptions): Promise<Outcome> {
  const network = memoryNetwork(options);
  const server = await serve({
    address: "memory:echo",
    codec,
    network,
    onError: (error) => assertExpected(error),
  }, (connection) => connection.forEach((frame) => connection.send(frame)));
  let echoed = 0;
  let failure: unknown;
  try {
    const client = await createClient({
      address: server.address,
      codec,
      network,
    });
    const sending = (async () => {
      for (let i = 0; i < FRAMES; i++) await client.send(frameOf(i));
      await client.closeWrite();
    })();
    const receiving = client.forEach((frame) => {
      assertEquals(frame, frameOf(echoed));
      echoed++;
    });
    const [sent, received] = await Promise.allSettled([sending, receiving]);
    if (sent.status === "rejected") failure = sent.reason;
    if (received.status === "rejected") failure ??= received.reason;
    await client.close();
    const { error } = await client.closed;
    failure ??= error;
  } catch (error) {
    failure = error;
  }
  await server.close();
  assertEquals(server.connections.size, 0);
  return { echoed, failure };
}

/** Frames of many lengths, empty ones too. */
function frameOf(i: number): Uint8Array {
  return new Uint8Array((i * i * 37) % 300).fill(i);
}

function assertExpected(error: unknown): void {
  assert(
    error instanceof NetError || error instanceof FrameError,
    String(error),
  );
}

/** Has all seeds converse at the same time: each waits most of its time. */
async function simulate(
  optionsOf: (seed: number) => MemoryNetworkOptions,
): Promise<Map<number, Outcome>> {
  const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);
  const outcomes = await Promise.all(
    seeds.map((seed) => converse({ seed, delay: true, ...optionsOf(seed) })),
  );
  return new Map(seeds.map((seed, i) => [seed, outcomes[i]!]));
}

test(`a conversation comes through ${SEEDS} networks that delay and cut`, async () => {
  const outcomes = await simulate((seed) => ({
    maxChunkLength: 4 + (seed % 97),
  }));
  for (const [seed, outcome] of outcomes) {
    const whole = { echoed: FRAMES, failure: undefined };
    assertEquals(outcome, whole, `seed ${seed}`);
  }
});

test(`a conversation on ${SEEDS} networks that also reset is whole or fails loudly`, async () => {
  const outcomes = await simulate((seed) => ({
    maxChunkLength: 4 + (seed % 97),
    resetAfterBytes: 1 + (seed * 7919) % 3_000,
  }));
  let failed = 0;
  for (const [seed, { echoed, failure }] of outcomes) {
    if (failure === undefined) {
      assertEquals(echoed, FRAMES, `seed ${seed}: frames were lost in silence`);
    } else {
      assertExpected(failure);
      failed++;
    }
  }
  assert(failed > SEEDS / 10, `only ${failed} networks failed`);
  assert(failed < SEEDS, "every network failed");
});
