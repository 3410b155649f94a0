/** Loads on servers in virtual time. */

import { assertEquals } from "@std/assert";
import {
  type Codec,
  type FramedConnection,
  lines,
  serve,
} from "../../../mod.ts";
import { Load } from "../../../src/cli/measure/load.ts";
import type { LoadPlan } from "../../../src/cli/measure/load_plan.ts";
import type { Measured } from "../../../src/cli/measure/measured.ts";
import { inVirtualTime, watchedNetwork } from "../../../src/testing/mod.ts";

export const address = "memory:bench";
export type Peer = FramedConnection<string>;

export const plan: Omit<LoadPlan, "connect"> = {
  codec: lines() as Codec<unknown>,
  request: { value: "ping", bytes: lines().encode("ping") },
  connections: 10,
  inFlight: 1,
  durationMs: 1_000,
  warmUpMs: 0,
  timeoutMs: 2_000,
  signal: new AbortController().signal,
  timer: everyMs(5),
};

/** Runs a load on a server in virtual time. */
export async function measure(
  handle: (peer: Peer, frame: string) => Promise<unknown> | undefined | void,
  options: Partial<LoadPlan>,
  check: (measured: Measured) => void,
): Promise<void> {
  await inVirtualTime(async () => {
    const network = watchedNetwork({ seed: 1 });
    const codec = lines();
    const server = await serve(
      { address, codec, network },
      (peer) => peer.forEach((frame) => handle(peer, frame)),
    );
    const load = new Load({
      ...plan,
      connect: () => network.connect(address),
      ...options,
    });
    check(await load.run());
    await server.close();
    assertEquals(network.violations(), []);
  });
}

/** A timer as coarse as that, so that virtual time has fewer steps. */
export function everyMs(step: number): NonNullable<LoadPlan["timer"]> {
  return (ms, run) => {
    const timer = setTimeout(run, Math.ceil(ms / step) * step);
    return () => clearTimeout(timer);
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
