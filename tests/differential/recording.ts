/** Bytes that another program wrote, and what a preset makes of them. */

import { assertEquals } from "@std/assert";
import { test } from "node:test";
import type { Codec } from "../../src/codec/mod.ts";
import { assertDecodes } from "../support/run_decoder.ts";

/** What a program wrote, recorded once. */
export interface Recording<In, Out> {
  readonly preset: string;
  /** The program that wrote the bytes. */
  readonly by: string;
  readonly codec: Codec<In, Out>;
  readonly bytes: Uint8Array;
  readonly frames: Out[];
  /** What gives the same bytes; where it is not given, the frames. */
  readonly given?: readonly In[] | "cannot be written";
}

/** Tests that a preset reads what was recorded, and writes the same bytes. */
export function check<In, Out>(recording: Recording<In, Out>): void {
  const { preset, by, codec, bytes, frames } = recording;
  const { given = frames as unknown as readonly In[] } = recording;
  test(`${preset} reads the bytes of ${by}`, () => {
    assertDecodes(() => codec, bytes, { frames });
    if (given === "cannot be written") return;
    const written = given.map((frame) => codec.encode(frame));
    assertEquals(written.flatMap((one) => [...one]), [...bytes]);
  });
}
