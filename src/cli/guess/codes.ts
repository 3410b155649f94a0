/** The price of numbers and symbols in bits, with codes that a receiver could read. */

/** A number of any size, as a count of its bits and the bits. */
function numberCost(value: number): number {
  const bits = Math.log2(value + 1);
  return bits + 2 * Math.log2(bits + 1) + 1;
}

/**
 * The price of the lengths of frames, in the best of three codes: all equally probable
 * in a range, the order of magnitude learned, or each value learned.
 */
export function lengthsCost(lengths: readonly number[]): number {
  if (lengths.length === 0) return 0;
  return Math.log2(3) +
    Math.min(rangeCost(lengths), learnedCost(lengths), seenCost(lengths));
}

function rangeCost(lengths: readonly number[]): number {
  let least = Infinity;
  let most = 0;
  for (const length of lengths) {
    least = Math.min(least, length);
    most = Math.max(most, length);
  }
  const range = numberCost(most) + lengths.length * Math.log2(most + 1);
  const narrow = numberCost(least) + numberCost(most - least) +
    lengths.length * Math.log2(most - least + 1);
  return 1 + Math.min(range, narrow);
}

/** The number of bits is learned, and the bits are not. */
function learnedCost(lengths: readonly number[]): number {
  const counts = new Float64Array(64).fill(0.1);
  let sum = 6.4;
  let cost = 0;
  for (const length of lengths) {
    const bits = Math.ceil(Math.log2(length + 1));
    cost += Math.log2(sum / counts[bits]!) + Math.max(0, bits - 1);
    counts[bits]!++;
    sum++;
  }
  return cost;
}

/** A value that came before is cheap, and a new one costs what `learnedCost` says. */
function seenCost(lengths: readonly number[]): number {
  const counts = new Map<number, number>();
  const fresh: number[] = [];
  let cost = 0;
  lengths.forEach((length, i) => {
    const count = counts.get(length) ?? 0;
    const sum = i + counts.size;
    if (count > 0) cost += Math.log2(sum / count);
    else {
      if (sum > 0) cost += Math.log2(sum / counts.size);
      fresh.push(length);
    }
    counts.set(length, count + 1);
  });
  return cost + learnedCost(fresh);
}

/**
 * Learns which symbols come at one place. It tells how many bits it saves over the
 * price that a symbol has elsewhere.
 */
export class Column {
  readonly #counts = new Uint32Array(256);
  #symbols = 0;
  #sum = 0;
  /** The bits saved so far; below 0 if the symbols are not regular. */
  gain = 0;

  /** Takes the next symbol. */
  add(symbol: number, cost: number): void {
    const sum = this.#sum + this.#symbols;
    const count = this.#counts[symbol]!++;
    if (count > 0) this.gain += cost - Math.log2(sum / count);
    else {
      if (sum > 0) this.gain -= Math.log2(sum / this.#symbols);
      this.#symbols++;
    }
    this.#sum++;
  }
}

/** How many places from the beginning of a frame on can be regular. */
const COLUMNS = 16;

/** Frames of a stream: where each begins. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  /** Where each ends, if that is not where the next one begins. */
  readonly ends?: readonly number[];
  /** The index behind the last frame that is looked at. */
  readonly end: number;
}

/**
 * The bits that are saved because frames begin alike: with a type, or with `{"`.
 *
 * @param isKnown Whether a byte at a place of the frame is already paid for.
 */
export function columnsGain(
  frames: readonly Frames[],
  costs: Float64Array,
  isKnown: (place: number) => boolean = () => false,
  most: number = COLUMNS,
): number {
  const columns = Array.from({ length: most }, () => new Column());
  for (const { bytes, starts, ends, end } of frames) {
    starts.forEach((start, i) => {
      const behind = ends?.[i] ?? starts[i + 1] ?? end;
      const next = Math.min(behind, end, start + most);
      for (let at = start; at < next; at++) {
        const byte = bytes[at]!;
        if (!isKnown(at - start)) columns[at - start]!.add(byte, costs[byte]!);
      }
    });
  }
  // Which columns are regular costs a bit each, up to the last one of them.
  let best = 0;
  let sum = -1;
  for (let i = 0; i < most; i++) {
    if (isKnown(i)) continue;
    sum += Math.max(0, columns[i]!.gain) - 1;
    best = Math.max(best, sum);
  }
  return best;
}
