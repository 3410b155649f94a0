/** Cuts of a stream: the offsets at which a chunk begins, sorted, within the bytes. */
export type Cuts = readonly number[];

/** So many chunks can be shown. */
export const MOST_CUTS = 100_000;

/** Makes cuts of any numbers. */
export function cutsOf(numbers: Iterable<number>, length: number): number[] {
  const inside = [...new Set(numbers)].filter((at) =>
    Number.isInteger(at) && at > 0 && at < length
  );
  return inside.sort((a, b) => a - b).slice(0, MOST_CUTS);
}

/** Adds a cut, or takes it away. */
export function toggled(cuts: Cuts, at: number, length: number): number[] {
  return cuts.includes(at)
    ? cuts.filter((cut) => cut !== at)
    : cutsOf([...cuts, at], length);
}

/**
 * Moves a cut. It stays between its neighbours, so that a drag never takes another one
 * with it.
 */
export function moved(
  cuts: Cuts,
  index: number,
  to: number,
  length: number,
): number[] {
  const low = (cuts[index - 1] ?? 0) + 1;
  const high = (cuts[index + 1] ?? length) - 1;
  return cuts.with(index, Math.min(Math.max(to, low), high));
}

/** A cut before every byte. */
export function everyByte(length: number): number[] {
  const most = Math.min(length, MOST_CUTS + 1);
  return Array.from({ length: Math.max(0, most - 1) }, (_, i) => i + 1);
}

/** Some cuts at random: about one in eight bytes of little, at most 200. */
export function atRandom(
  length: number,
  random: () => number = Math.random,
): number[] {
  const count = Math.min(200, Math.max(1, Math.round(length / 10)));
  return cutsOf(
    Array.from({ length: count }, () => Math.floor(random() * length)),
    length,
  );
}

/** The index of the chunk that a byte is in. */
export function chunkAt(cuts: ArrayLike<number>, offset: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cuts[middle]! <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
