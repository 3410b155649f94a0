import type { DecoderCase } from "./conform_case.ts";
import { Seeded } from "./seeded.ts";

/** One way in which a stream arrives. */
export interface Cut {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** The longest stream that is cut into single bytes. */
const MOST_SINGLE_BYTES = 100;

/** Behind so many frames, a stream is cut no more. */
const MOST_FRAMES = 64;

/** Into about how many pieces a random cut cuts a long stream. */
const PIECES = 32;

/** The ways in which a stream is cut, without those that are the same for it. */
export function cutsOf(
  { input, ends }: Pick<DecoderCase, "input" | "ends">,
  seed: number,
): readonly Cut[] {
  const first = ends.slice(0, MOST_FRAMES);
  const middles = first.map((end, i) =>
    Math.floor(((first[i - 1] ?? 0) + end) / 2)
  );
  const cuts = [
    { name: "in one piece", at: [] },
    { name: "each frame alone", at: first },
    { name: "from the middle of a frame to that of the next", at: middles },
    ...(input.length <= MOST_SINGLE_BYTES
      ? [{ name: "single bytes", at: Array.from(input.keys()) }]
      : []),
    { name: `random pieces (seed ${seed})`, at: randomPlaces(input, seed) },
  ];
  const seen = new Set<string>();
  return cuts.flatMap(({ name, at }) => {
    const edges = [...new Set(at)].filter((i) => i > 0 && i < input.length);
    if (seen.has(edges.join())) return [];
    seen.add(edges.join());
    const chunks = [...edges, input.length].map((end, i) =>
      input.subarray(edges[i - 1] ?? 0, end)
    );
    return [{ name, chunks }];
  });
}

function randomPlaces({ length }: Uint8Array, seed: number): number[] {
  const random = new Seeded(seed);
  const most = Math.max(4, Math.ceil(2 * length / PIECES));
  const places: number[] = [];
  for (let at = 0; at < length;) places.push(at += 1 + random.below(most));
  return places;
}
