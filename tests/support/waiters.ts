import type { Framed } from "../../mod.ts";

/** What someone who takes frames has got: and, once it is over, how it ended. */
export interface Got {
  readonly frames: string[];
  /** `"end"`, or the error. */
  outcome: unknown;
}

/** All ways to take frames until there are no more. */
export const waiters: Readonly<
  Record<
    string,
    (from: Framed<string>, take: (frame: string) => void) => Promise<void>
  >
> = {
  async "receive()"(from, take) {
    for (
      let frame = await from.receive();
      frame !== undefined;
      frame = await from.receive()
    ) take(frame);
  },
  async "for await"(from, take) {
    for await (const frame of from) take(frame);
  },
  "forEach()": (from, take) => from.forEach(take),
  "forEach() with promises": (from, take) =>
    from.forEach(async (frame) => {
      await Promise.resolve();
      take(frame);
    }),
  async "batches()"(from, take) {
    for await (const batch of from.batches()) for (const f of batch) take(f);
  },
  async "readable"(from, take) {
    for await (const frame of from.readable) take(frame);
  },
};

/** Begins to take frames, in one of the ways. */
export function startTaking(from: Framed<string>, way: string): Got {
  const got: Got = { frames: [], outcome: undefined };
  const taking = waiters[way]!(from, (frame) => void got.frames.push(frame));
  taking.then(() => got.outcome = "end", (error) => got.outcome = error);
  return got;
}
