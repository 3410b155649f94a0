/**
 * Tells how likely the next bit of a text is a one, by the bits that came before it. The
 * predictions of several contexts are mixed, and two mixers learn which of them to
 * trust. It is what keeps the page small: minified code takes a fifth less than gzip
 * makes of it.
 *
 * Only operations whose results IEEE 754 fixes are used, so that all engines predict
 * the same.
 */

/** How many bytes before the next one each context has. */
const ORDERS = [1, 2, 3, 5];
/** How many bytes the context has in which all letters and digits count as one. */
const SHAPE = 6;
/** The contexts: those, the shape, and the word that has begun. */
const CONTEXTS = ORDERS.length + 2;
/** What is mixed: the contexts, and the longest match. */
const INPUTS = CONTEXTS + 1;
/** Each context has slots for 2^21 bits: a probability of 22 bits, a count of 10. */
const TABLE_BITS = 21;
const HALF = 0x8000_0000;
const MOST_COUNT = 18;
const LEARNING_RATE = 0.018;
/** The most bytes that are unpacked. */
const MOST_BYTES = 1 << 19;
/** The domain of `squash` is from -8 to 8, in steps of 1/256. */
const MIDDLE = 2048;
/** e^(1/256) */
const STEP = 1.0039138893383475;
const GOLDEN = 0x9e3779b1;
const FACTOR = 0x2f0b4c47;

/** Predicts bits, and learns what they were. */
export interface Model {
  /** The probability of a one, from 1 to 65,535 of 65,536. */
  predict(): number;
  /** Tells the bit. */
  update(bit: number): void;
}

/** Makes a model that has seen nothing. */
export function model(): Model {
  const { squash, stretch } = curves();
  const tableSize = 1 << TABLE_BITS;
  const table = new Uint32Array(tableSize * CONTEXTS).fill(HALF);
  // One mixer is chosen by the bits of the byte, the other by the byte before it.
  const weights = new Float64Array(256 * 3 * INPUTS).fill(0.3);
  const weightsByShape = new Float64Array(256 * 8 * INPUTS).fill(0.3);
  const hashes = new Uint32Array(CONTEXTS);
  const slots = new Uint32Array(CONTEXTS);
  const inputs = new Float64Array(INPUTS);
  const rates = Float64Array.from(
    { length: MOST_COUNT + 1 },
    (_, count) => 1 / (count + 1.6),
  );
  const history = new Uint8Array(MOST_BYTES);
  const shapes = new Uint8Array(MOST_BYTES);
  const lastPlaces = new Int32Array(1 << 16);
  const trust = new Float64Array(64).fill(0.5);
  let length = 0;
  let bits = 0;
  /** The bits of the current byte behind a one, and those of its current half. */
  let partial = 1;
  let half = 1;
  let word = 0;
  let matchAt = 0;
  let matchLength = 0;
  let matchBit = 0;
  let matchClass = -1;
  let base = 0;
  let baseByShape = 0;
  let mixed = 0.5;
  let mixedByShape = 0.5;

  function predict(): number {
    let match = 0;
    matchClass = -1;
    if (matchLength > 0) {
      matchBit = history[matchAt]! >> (7 - bits) & 1;
      matchClass = matchLength < 63 ? matchLength : 63;
      match = stretch[trust[matchClass]! * 4095 | 0]!;
      if (matchBit === 0) match = -match;
    }
    inputs[CONTEXTS] = match;
    let known = 0;
    for (let i = 0; i < CONTEXTS; i++) {
      const slot = table[slots[i]! + half]!;
      const isKnown = (slot & 1023) > 0;
      if (isKnown) known++;
      inputs[i] = isKnown ? stretch[slot >>> 20]! : 0;
    }
    base = (partial * 3 + (matchClass < 0 ? 0 : matchClass < 16 ? 1 : 2)) *
      INPUTS;
    baseByShape = ((shapes[length - 1] ?? 0) * 8 + known) * INPUTS;
    let sum = 0;
    let sumByShape = 0;
    for (let i = 0; i < INPUTS; i++) {
      const input = inputs[i]!;
      sum += weights[base + i]! * input;
      sumByShape += weightsByShape[baseByShape + i]! * input;
    }
    mixed = squash[placeOf(sum)]!;
    mixedByShape = squash[placeOf(sumByShape)]!;
    const probability = squash[placeOf((sum + sumByShape) / 2)]!;
    return Math.min(Math.max(probability * 65_536 | 0, 8), 65_528);
  }

  function update(bit: number): void {
    const error = (bit - mixed) * LEARNING_RATE;
    const errorByShape = (bit - mixedByShape) * LEARNING_RATE;
    for (let i = 0; i < INPUTS; i++) {
      const input = inputs[i]!;
      weights[base + i]! += error * input;
      weightsByShape[baseByShape + i]! += errorByShape * input;
    }
    const target = bit === 1 ? 0x3f_ffff : 0;
    for (let i = 0; i < CONTEXTS; i++) {
      const at = slots[i]! + half;
      const count = table[at]! & 1023;
      const old = table[at]! >>> 10;
      const learned = old + (target - old) * rates[count]! | 0;
      table[at] = learned << 10 | (count < MOST_COUNT ? count + 1 : count);
    }
    if (matchClass >= 0) {
      const wasRight = matchBit === bit;
      trust[matchClass]! += ((wasRight ? 1 : 0) - trust[matchClass]!) * 0.02;
      if (!wasRight) matchLength = 0;
    }
    partial = partial * 2 + bit;
    half = half * 2 + bit;
    bits++;
    if (bits === 4) findSlots(Math.imul(partial, GOLDEN));
    else if (bits === 8) nextByte(partial & 255);
  }

  /** The slots of half a byte lie side by side, so that they are read once. */
  function findSlots(salt: number): void {
    half = 1;
    for (let i = 0; i < CONTEXTS; i++) {
      let hash = Math.imul(hashes[i]! ^ salt, 0x2545f491);
      hash ^= hash >>> 15;
      slots[i] = i * tableSize +
        (Math.imul(hash, GOLDEN) >>> (36 - TABLE_BITS) << 4);
    }
  }

  function nextByte(byte: number): void {
    partial = 1;
    bits = 0;
    const isWord = byte >= 48 && byte < 58 || byte >= 65 && byte < 91 ||
      byte >= 97 && byte < 123 || byte === 36 || byte === 95;
    history[length] = byte;
    shapes[length++] = isWord ? 97 : byte;
    if (matchLength > 0) {
      matchAt++;
      matchLength++;
    }
    word = isWord ? Math.imul(word + byte + 1, FACTOR) : 0;
    ORDERS.forEach((order, i) => {
      hashes[i] = hashOf(history, order, i + 1);
    });
    hashes[CONTEXTS - 2] = Math.imul(hashOf(shapes, SHAPE, 9) + byte, FACTOR);
    hashes[CONTEXTS - 1] = Math.imul(word + byte, 0x1234567) + 77;
    findSlots(0);
    findMatch();
  }

  function hashOf(bytes: Uint8Array, count: number, seed: number): number {
    let hash = seed;
    for (let back = 1; back <= count; back++) {
      const byte = bytes[length - back] ?? 0;
      hash = Math.imul(hash + byte + 1, FACTOR) ^ hash >>> 13;
    }
    return hash;
  }

  function findMatch(): void {
    const hash = hashOf(history, 5, 0) >>> 16;
    const place = lastPlaces[hash]!;
    if (matchLength === 0 && place > 0) {
      matchAt = place;
      while (
        matchLength < 32 && matchLength < place &&
        history[place - 1 - matchLength] === history[length - 1 - matchLength]
      ) matchLength++;
    }
    lastPlaces[hash] = length;
  }

  findSlots(0);
  return { predict, update };
}

/** The place in the table of `squash`. */
function placeOf(sum: number): number {
  return Math.min(Math.max(sum * 256 + MIDDLE, 1), 2 * MIDDLE - 1) | 0;
}

/** The logistic function and its inverse, as tables. */
function curves(): { squash: Float64Array; stretch: Float64Array } {
  const squash = new Float64Array(2 * MIDDLE + 1);
  const stretch = new Float64Array(4096);
  for (let i = 0, power = 1; i <= MIDDLE; i++, power *= STEP) {
    squash[MIDDLE + i] = power / (1 + power);
    squash[MIDDLE - i] = 1 / (1 + power);
  }
  for (let i = 0, at = 0; i < 4096; i++) {
    while (at < 2 * MIDDLE && squash[at]! < (i + 0.5) / 4096) at++;
    stretch[i] = (at - MIDDLE) / 256;
  }
  return { squash, stretch };
}
