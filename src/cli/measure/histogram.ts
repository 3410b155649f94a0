/** How many buckets there are for each doubling of the value: three digits count. */
const HALF = 1_024;
/** The logarithm of `HALF`. */
const HALF_BITS = 10;
/** The longest time that is told apart: an hour. */
const LONGEST = 3_600_000_000;

/**
 * Counts times in buckets whose width grows with the time, as HdrHistogram does:
 * three digits of every time from a microsecond to an hour are kept, in memory that
 * does not grow. Times are whole microseconds; longer ones count as an hour.
 */
export class Histogram {
  /** How many times were recorded. */
  total = 0;
  /** The shortest time; 0 where there is none. */
  get min(): number {
    return this.#min === Infinity ? 0 : this.#min;
  }
  /** The longest time; 0 where there is none. */
  max = 0;

  #min = Infinity;
  #sum = 0;
  readonly #counts = new Float64Array(bucketOf(LONGEST) + 1);

  /** The mean time; 0 where there is none. */
  get mean(): number {
    return this.total === 0 ? 0 : this.#sum / this.total;
  }

  /** Records a time, `count` times over. It is rounded to a microsecond. */
  record(microseconds: number, count: number = 1): void {
    const time = Math.min(Math.max(Math.round(microseconds), 0), LONGEST);
    this.#counts[bucketOf(time)]! += count;
    this.total += count;
    this.#sum += time * count;
    if (time > this.max) this.max = time;
    if (time < this.#min) this.#min = time;
  }

  /** Adds what another histogram has recorded. */
  add(other: Histogram): void {
    const counts = other.#counts;
    for (let i = 0; i < counts.length; i++) this.#counts[i]! += counts[i]!;
    this.total += other.total;
    this.#sum += other.#sum;
    this.max = Math.max(this.max, other.max);
    this.#min = Math.min(this.#min, other.#min);
  }

  /** The time that `percent` of all times do not exceed; 0 where there is none. */
  percentile(percent: number): number {
    // Rounding can put the exact product just above a whole number.
    const rank = percent / 100 * this.total * (1 - Number.EPSILON);
    let below = 0;
    for (const { longest, count } of this.buckets()) {
      below += count;
      if (below >= rank) return longest;
    }
    return this.max;
  }

  /** The buckets that are not empty, from short times to long ones. */
  *buckets(): Generator<Bucket, void> {
    const last = bucketOf(this.max);
    for (let i = bucketOf(this.min); i <= last; i++) {
      const count = this.#counts[i]!;
      if (count === 0) continue;
      const shortest = shortestOf(i);
      const longest = Math.min(shortestOf(i + 1) - 1, this.max);
      yield { shortest, longest, count };
    }
  }
}

/** What is counted together. */
export interface Bucket {
  /** The shortest time of the bucket. */
  readonly shortest: number;
  /** The longest time of the bucket, or of all that were recorded. */
  readonly longest: number;
  readonly count: number;
}

/** The index of the bucket of a time: below 2,048, each time has its own. */
function bucketOf(time: number): number {
  const doublings = 31 - HALF_BITS - Math.clz32(time | (2 * HALF - 1));
  return doublings * HALF + (time >>> doublings);
}

function shortestOf(bucket: number): number {
  if (bucket < 2 * HALF) return bucket;
  const doublings = (bucket >>> HALF_BITS) - 1;
  return (bucket - doublings * HALF) * 2 ** doublings;
}
