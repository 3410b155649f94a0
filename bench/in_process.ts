/**
 * `in_process.ts [ROUNDS] [ROW]`: the rows of `rows.ts` whose names contain ROW, on
 * the runtime that runs this. Prints as JSON, for each row, the medians of what a
 * frame takes ours and the fastest of the others.
 */
import process from "node:process";
import { Bench } from "tinybench";
import { type Row, rows, seen } from "./rows.ts";

const wanted = process.argv[3] ?? "";
const table: Record<string, Readonly<Record<string, string | number>>> = {};
for (const row of rows.filter(({ name }) => name.includes(wanted))) {
  table[row.name] = await measured(row);
}
console.log(JSON.stringify(table));
if (seen.last === undefined) throw new Error("Nothing was decoded");

async function measured(row: Row): Promise<Record<string, string | number>> {
  const bench = new Bench({ time: 400, warmupTime: 200, throws: true });
  bench.add("ours", async () => void await row.ours());
  for (const [name, work] of Object.entries(row.others)) {
    bench.add(name, async () => void await work());
  }
  await bench.run();
  const [ours, ...others] = bench.tasks.map(({ name, result }) => {
    if (result.state !== "completed") throw new Error(`${name} failed`);
    return { name, ns: result.latency.p50 * 1_000_000 / row.count };
  });
  const best = others.toSorted((a, b) => a.ns - b.ns)[0]!;
  return {
    [`ours, ns a ${row.unit}`]: rounded(ours!.ns),
    "the fastest other": best.name,
    "its ns": rounded(best.ns),
    "times as fast": rounded(best.ns / ours!.ns),
    "to reach": rounded(row.atLeast),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
