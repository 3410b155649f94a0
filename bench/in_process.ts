/**
 * `in_process.ts [ROUNDS] [ROW]`: the rows of `rows.ts` whose names contain ROW, on
 * the runtime that runs this. Prints as JSON, for each row, the medians over the
 * rounds of what a frame takes ours and the fastest of the others.
 */
import process from "node:process";
import { Bench } from "tinybench";
import { type Row, rows, seen } from "./rows.ts";

const rounds = Number(process.argv[2] ?? 5);
const wanted = process.argv[3] ?? "";
const table: Record<string, Readonly<Record<string, string | number>>> = {};
for (const row of rows.filter(({ name }) => name.includes(wanted))) {
  table[row.name] = await measured(row);
}
console.log(JSON.stringify(table));
if (seen.last === undefined) throw new Error("Nothing was decoded");

async function measured(row: Row): Promise<Record<string, string | number>> {
  const figures = new Map<string, number[]>();
  // Round by round, so that a slow moment of the machine slows all alike.
  for (let round = 0; round < rounds; round++) {
    for (const [name, ns] of await nanosecondsOf(row)) {
      figures.set(name, [...figures.get(name) ?? [], ns]);
    }
  }
  const [ours, ...others] = Array.from(
    figures,
    ([name, all]) => ({ name, ns: median(all) }),
  );
  const best = others.toSorted((a, b) => a.ns - b.ns)[0]!;
  return {
    "ours, ns a frame": rounded(ours!.ns),
    "the fastest other": best.name,
    "its ns": rounded(best.ns),
    "times as fast": rounded(best.ns / ours!.ns),
    "to reach": rounded(row.atLeast),
  };
}

/** What a frame takes, ours first. */
async function nanosecondsOf(row: Row): Promise<[name: string, ns: number][]> {
  const bench = new Bench({ time: 200, warmupTime: 100, throws: true });
  bench.add("ours", async () => void await row.ours());
  for (const [name, work] of Object.entries(row.others)) {
    bench.add(name, async () => void await work());
  }
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (result.state !== "completed") throw new Error(`${name} failed`);
    return [name, result.latency.p50 * 1_000_000 / row.count];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
