import { type Framed, framed } from "../../mod.ts";
import {
  type Commands,
  type Envelope,
  envelopes,
  Peer,
  type PeerOptions,
} from "../../src/message/mod.ts";
import { quick, streamPair } from "../support/duplexes.ts";

/** A peer, and the bare envelopes of its other side. */
export function peerAndEnvelopes<X = unknown>(
  options: PeerOptions<Commands, X> = {},
): { peer: Peer<Commands, X>; other: Framed<Envelope> } {
  const [here, there] = streamPair();
  const peer = new Peer<Commands, X>(framed(here, envelopes(), quick), options);
  return { peer, other: framed(there, envelopes()) };
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

/** Blocks the event loop. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
