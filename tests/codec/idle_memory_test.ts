/** What a decoder keeps in memory when it has handed out all frames of a chunk. */

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import {
  type Codec,
  delimited,
  json,
  lengthPrefixed,
  lines,
  text,
} from "../../src/codec/mod.ts";
import { envelopes } from "../../src/message/mod.ts";
import { ndjson, resp } from "../../src/presets/mod.ts";
import { collector } from "../support/collector.ts";
import { turn } from "../support/scripted_transport.ts";

const codecs: readonly [codec: Codec<never, unknown>, frame: unknown][] = [
  [lengthPrefixed(), Uint8Array.of(1, 2, 3)],
  [delimited({ delimiter: "\n" }), Uint8Array.of(1, 2, 3)],
  [lines(), "a line"],
  [ndjson(), { a: 1 }],
  [text(lengthPrefixed()), "a text"],
  [json(lengthPrefixed()), [1, 2, 3]],
  [envelopes(), ["ping"]],
  [resp(), { type: "integer", value: 1 }],
];

for (const [codec, frame] of codecs) {
  test(`an idle decoder of ${codec.name} does not keep its last chunk alive`, async () => {
    const collect = await collector();
    if (collect === undefined) return;
    const bytes = (codec as Codec<unknown>).encode(frame);
    const decoders = Array.from({ length: 20 }, () => codec.decoder());
    const refs: WeakRef<object>[] = [];
    for (const decoder of decoders) decodeAll(decoder, manyOf(bytes, refs));
    const kept = () => refs.filter((ref) => ref.deref() !== undefined).length;
    // What an engine finds on its stack is not many.
    for (let i = 0; i < 20 && kept() > 5; i++) {
      // A reference that was looked at is kept for the rest of the task.
      await turn();
      collect();
    }
    assert(kept() <= 5, `${kept()} of 20 are kept`);
    for (const decoder of decoders) assertEquals(decoder.bufferedBytes, 0);
  });
}

/** A chunk of its own memory with 100 frames. */
function manyOf(frame: Uint8Array, refs: WeakRef<object>[]): Uint8Array {
  const chunk = new Uint8Array(100 * frame.length);
  for (let i = 0; i < 100; i++) chunk.set(frame, i * frame.length);
  refs.push(new WeakRef(chunk.buffer));
  return chunk;
}

function decodeAll(
  decoder: ReturnType<Codec<unknown>["decoder"]>,
  chunk: Uint8Array,
): void {
  decoder.push(chunk);
  for (let i = 0; i < 100; i++) decoder.next();
  assertEquals(decoder.next(), undefined);
}
