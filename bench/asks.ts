/** Measures of what can be asked for and is answered. */

const LATENCIES = 5_000;
const IN_FLIGHT = 256;
const SECONDS = 1;
const WARM_UP_SECONDS = 0.5;

/** Sends one and waits for what comes back; many can be under way. */
export type Ask = () => Promise<unknown>;

/** The figures of one kind of asking: medians over the rounds. */
export type Row = Readonly<
  Record<"p50 µs" | "p99 µs" | "a second, 256 in flight", number>
>;

/**
 * Measures kinds beside each other, round by round, so that a slow minute of the
 * machine slows all alike.
 */
export async function measureAll(
  kinds: Readonly<Record<string, Ask>>,
  rounds: number,
): Promise<Record<string, Row>> {
  const figures: Record<string, number[][]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [kind, ask] of Object.entries(kinds)) {
      if (round === 0) await throughput(ask, WARM_UP_SECONDS);
      const times = await latencies(ask);
      (figures[kind] ??= []).push([
        times[LATENCIES * 0.5]!,
        times[LATENCIES * 0.99]!,
        await throughput(ask, SECONDS),
      ]);
    }
  }
  return Object.fromEntries(
    Object.entries(figures).map(([kind, rounds]) => {
      const [p50 = NaN, p99 = NaN, perSecond = NaN] = [0, 1, 2].map((i) =>
        Math.round(median(rounds.map((round) => round[i]!)))
      );
      return [kind, {
        "p50 µs": p50,
        "p99 µs": p99,
        "a second, 256 in flight": perSecond,
      }];
    }),
  );
}

/** How long each of many took, one after the other, sorted, in microseconds. */
async function latencies(ask: Ask): Promise<Float64Array> {
  const times = new Float64Array(LATENCIES);
  for (let i = 0; i < LATENCIES; i++) {
    const from = performance.now();
    await ask();
    times[i] = (performance.now() - from) * 1000;
  }
  return times.sort();
}

/** How many a second come back with 256 under way. */
async function throughput(ask: Ask, seconds: number): Promise<number> {
  const from = performance.now();
  const until = from + seconds * 1000;
  let count = 0;
  const loop = async () => {
    for (; performance.now() < until; count++) await ask();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  return count / (performance.now() - from) * 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
