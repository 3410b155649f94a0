import { assert, assertEquals } from "@std/assert";
import { FrameError, NetError } from "../../mod.ts";
import {
  type Commands,
  connectMessages,
  type Handlers,
  MessageError,
  type Peer,
  serveMessages,
} from "../../src/message/mod.ts";
import type { Random } from "../support/random.ts";
import { pause, simulate } from "./seeds.ts";
import { type WatchedNetwork, watchedNetwork } from "../../src/testing/mod.ts";

/** What came of the requests of one side. */
interface Tally {
  replies: number;
  readonly errors: unknown[];
}

simulate(
  "requests in both directions are answered through delays and cuts",
  60,
  async (random, seed) => {
    const tally = await ask(
      random,
      watchedNetwork({ seed, delay: true, ...piecesOf(random) }),
    );
    assertEquals(tally.errors, []);
  },
);

simulate(
  "each request settles once when the connection breaks",
  60,
  async (random, seed) => {
    const harm = random.chance(0.5)
      ? { resetAfterBytes: 1 + random.below(300_000) }
      : { failCall: 1 + random.below(60) };
    await ask(
      random,
      watchedNetwork({ seed, delay: true, ...piecesOf(random), ...harm }),
    );
  },
);

simulate(
  "each request settles once when a side closes meanwhile",
  60,
  async (random, seed) => {
    const network = watchedNetwork({ seed, delay: true, ...piecesOf(random) });
    await ask(random, network, random.pick([0, 1, 5, 20]));
  },
);

function piecesOf(random: Random): { maxChunkLength?: number } {
  const maxChunkLength = random.pick([undefined, 16_384, 1_000]);
  return maxChunkLength === undefined ? {} : { maxChunkLength };
}

/**
 * A server and a client that ask each other, and checks that each request
 * settles, as a right reply or an error, and that nothing is left.
 */
async function ask(
  random: Random,
  network: WatchedNetwork,
  closesAfterMs?: number,
): Promise<Tally> {
  const handlers = handlersOf(random);
  const server = await serveMessages({
    address: "memory:messages",
    network,
    handlers,
    onError: assertExpected,
    onConnectionError: assertExpected,
  });
  const client = await connectMessages({
    address: server.address,
    network,
    handlers,
    onError: assertExpected,
    heartbeatMs: random.pick([30_000, 50]),
  });
  const count = 1 + random.below(40);
  const tally: Tally = { replies: 0, errors: [] };
  const asking = [...Array(count).keys()].map(async (index) => {
    try {
      if (random.chance(0.5)) await pause(random.below(30));
      const peer = random.pick([client, ...server.peers]);
      await askOnce(peer, index, random);
      tally.replies++;
    } catch (error) {
      assertExpected(error);
      tally.errors.push(error);
    }
  });
  const closing = (async () => {
    if (closesAfterMs === undefined) return;
    await pause(closesAfterMs);
    await random.pick([client, server]).close();
  })();
  await Promise.all([...asking, closing]);
  assertEquals(tally.replies + tally.errors.length, count);
  await client.close();
  await server.close();
  assertEquals(server.peers.size, 0);
  assertEquals(client.busy, false);
  assertEquals(network.violations(), []);
  return tally;
}

/** What both sides answer to. */
function handlersOf(random: Random): Handlers<Commands> {
  return {
    echo: (body) => body as string,
    late: async (body) => {
      await pause(random.below(20));
      return body as string;
    },
    back: (body, { peer }) =>
      (peer as Peer).request("echo", body) as Promise<string>,
    count: async function* (to) {
      for (let i = 0; i < Number(to); i++) {
        if (random.chance(0.1)) await pause(1);
        yield i;
      }
    },
  };
}

async function askOnce(
  peer: Peer,
  index: number,
  random: Random,
): Promise<void> {
  const command = random.pick(["echo", "echo", "late", "back", "count"]);
  if (command !== "count") {
    const body = `${index} `.repeat(random.pick([1, 10, 10_000]));
    assertEquals(await peer.request(command, body), body);
    return;
  }
  const items = random.below(200);
  let next = 0;
  for await (const item of peer.stream("count", items)) {
    assertEquals(item, next++);
    if (random.chance(0.05)) await pause(1);
    if (random.chance(0.01)) return;
  }
  assertEquals(next, items);
}

function assertExpected(error: unknown): void {
  assert(
    error instanceof NetError || error instanceof FrameError ||
      error instanceof MessageError,
    String(error),
  );
}
