import { type Framed, framed } from "../../mod.ts";
import {
  type Commands,
  type Dialect,
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

/** A peer that speaks a dialect over streams, and the frames of its other side. */
export function peerAndFrames<C extends Commands, T>(
  { codec, open }: Dialect<T>,
  options: PeerOptions<C> = {},
): { peer: Peer<C>; other: Framed<T> } & AsyncDisposable {
  const [here, there] = streamPair();
  const peer = new Peer<C>(open(framed(here, codec, quick)), options);
  const other = framed(there, codec);
  return {
    peer,
    other,
    async [Symbol.asyncDispose]() {
      peer.abort();
      other.abort();
      await peer.closed;
    },
  };
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
