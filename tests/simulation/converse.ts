import { assert, assertEquals } from "@std/assert";
import {
  type CloseInfo,
  type Codec,
  createClient,
  formatAddress,
  type FramedConnection,
  FrameError,
  lengthPrefixed,
  NetError,
  serve,
} from "../../mod.ts";
import { RECEIVE_HIGH_WATER_MARK } from "../../src/defaults.ts";
import { BodySide } from "./body_side.ts";
import { FrameSide, type SideWork } from "./frame_side.ts";
import type { Plan, SidePlan } from "./plan.ts";
import { pause } from "./seeds.ts";
import { type WatchedCodec, watchedCodec } from "./watched_codec.ts";
import { type WatchedNetwork, watchedNetwork } from "../../src/testing/mod.ts";

/** The most bytes that a transport delivers at once. */
const CHUNK_BYTES = 16_384;

/** What came of one side of a conversation. */
export interface Outcome {
  readonly plan: SidePlan;
  /** How many frames of the other side have come in whole. */
  readonly received: number;
  /** Why it could not receive to the end, or send all. */
  readonly receiveError: unknown;
  readonly sendError: unknown;
  readonly info: CloseInfo;
}

type MakeSide<T> = (
  connection: FramedConnection<T>,
  plan: Plan,
  name: SidePlan["name"],
) => SideWork;

/** A conversation whose frames are handed out whole. */
export async function converseInFrames(plan: Plan): Promise<Outcome[]> {
  const codec = watchedCodec(lengthPrefixed({ lengthBytes: 4 }));
  return await converse(
    plan,
    codec,
    (...given) => new FrameSide(...given),
    Math.max(0, ...plan.client.lengths, ...plan.server.lengths),
  );
}

/** A conversation whose frames are read as bodies: `receiveBytes`. */
export async function converseInBodies(plan: Plan): Promise<Outcome[]> {
  const codec = watchedCodec(lengthPrefixed({ lengthBytes: 4 }).header);
  return await converse(plan, codec, (...given) => new BodySide(...given), 0);
}

/**
 * A server and a client that send and receive at the same time. Checks all that
 * must hold whatever happens to the network.
 */
async function converse<T>(
  plan: Plan,
  codec: WatchedCodec<T, T>,
  makeSide: MakeSide<T>,
  largest: number,
): Promise<Outcome[]> {
  const network = watchedNetwork(plan.network);
  const outcomes: Outcome[] = [];
  const sideOf = async (
    connection: FramedConnection<T>,
    name: SidePlan["name"],
  ) => {
    outcomes.push(
      await take(connection, makeSide(connection, plan, name), plan[name]),
    );
  };
  let serving: Promise<void> | undefined;
  const server = await serve(
    { address: "memory:conversation", codec, network },
    (connection) => serving = sideOf(connection, "server"),
  );
  const client = await createClient({
    address: server.address,
    codec: codec as Codec<T>,
    network,
  });
  const closing = closeLater(server, plan.closesAfterMs);
  await sideOf(client, "client");
  await closing;
  // Where nothing else is said, the server is not closed before it is done.
  await serving;
  await server.close();
  assertEquals(server.connections.size, 0);
  assertEquals(outcomes.length, 2);
  const bound = RECEIVE_HIGH_WATER_MARK + largest + 2 * CHUNK_BYTES;
  assert(codec.mostHeld <= bound, `a decoder held ${codec.mostHeld} bytes`);
  checkNetwork(network, outcomes);
  checkOutcomes(outcomes, plan.closesAfterMs !== undefined);
  return outcomes;
}

/** Closes a server while its connection is at work, where that is wanted. */
async function closeLater(
  server: { close(): Promise<void> },
  ms: number | undefined,
): Promise<void> {
  if (ms === undefined) return;
  await pause(ms);
  await server.close();
}

/** Lets a side do its work, and closes its connection. */
async function take<T>(
  connection: FramedConnection<T>,
  work: SideWork,
  plan: SidePlan,
): Promise<Outcome> {
  const [sent, received] = await Promise.allSettled([
    work.send(),
    work.receive(),
  ]);
  await connection.close();
  return {
    plan,
    received: work.received,
    sendError: errorOf(sent),
    receiveError: errorOf(received),
    info: await connection.closed,
  };
}

function checkNetwork(
  network: WatchedNetwork,
  outcomes: readonly Outcome[],
): void {
  assertEquals(network.violations(), []);
  for (const { failure, remoteAddress } of network.transports) {
    if (failure === undefined) continue;
    const isServer = formatAddress(remoteAddress).includes("#");
    const outcome = outcomes.find(({ plan }) =>
      (plan.name === "server") === isServer
    );
    assert(
      outcome?.info.error !== undefined,
      `a write failed, and \`closed\` does not say so: ${String(failure)}`,
    );
  }
}

/** Checks that what was sent has arrived, or that somebody is told. */
function checkOutcomes(
  [one, other]: readonly Outcome[],
  closesEarly: boolean,
): void {
  for (const [a, b] of [[one!, other!], [other!, one!]] as const) {
    for (const error of [a.sendError, a.receiveError, a.info.error]) {
      if (error !== undefined) assertExpected(error);
    }
    const all = b.plan.lengths.length;
    const isStopped = closesEarly && a.plan.name === "server";
    const wanted = Math.min(all, a.plan.readsAtMost);
    if (a.receiveError === undefined && !isStopped) {
      assert(a.received === wanted, `${a.plan.name}: the end came too early`);
    }
    // Whoever was closed without an error has sent and been heard to the end.
    const isClean = b.info.error === undefined && b.sendError === undefined;
    if (isClean && !isStopped && a.plan.readsAtMost === Infinity) {
      assert(a.received === all, `${b.plan.name}: frames were lost in silence`);
    }
  }
}

function errorOf(result: PromiseSettledResult<void>): unknown {
  return result.status === "rejected" ? result.reason : undefined;
}

/** Checks that an error is one that the module promises. */
export function assertExpected(error: unknown): void {
  if (error instanceof NetError || error instanceof FrameError) return;
  throw error;
}
