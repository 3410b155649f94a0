import { root, run } from "../scripts/testing/process.ts";
import type { Environment } from "../scripts/testing/setup.ts";
import type { Measured } from "./report.ts";
import type { Finding, Row, RuntimeName } from "./row.ts";

const bin = `${root}node_modules/.bin/`;

/** Measures a row in a process of its own, which leaves nothing behind. */
export async function measureRow(
  row: Row,
  runtime: RuntimeName,
  { resolution }: Environment,
  { sabotage = false, long = false }: { sabotage?: boolean; long?: boolean } =
    {},
): Promise<Measured> {
  const { name, promise, bar } = row;
  const { output, seconds } = await run(
    [
      `${bin}node`,
      "reliability/measure.ts",
      name,
      runtime,
      ...sabotage ? ["--sabotage"] : [],
      ...long ? ["--long"] : [],
    ],
    {
      env: {
        // It takes descriptors and time in the middle of a row.
        DENO_NO_UPDATE_CHECK: "1",
        FRAMEWIRE_RUNTIMES: JSON.stringify({
          deno: [
            Deno.execPath(),
            "run",
            "-A",
            "--no-check",
            // For reusePort.
            "--unstable-net",
            ...resolution,
          ],
          bun: [`${bin}bun`],
          node: [`${bin}node`],
        }),
      },
      timeoutMs: long ? 3_600_000 : 90_000,
    },
  );
  const lines = output.trim().split("\n");
  const found = lines.findLast((line) => line.startsWith('{"figure"'));
  const { figure, holds }: Finding = found === undefined
    ? { figure: `no figure: ${lines.slice(-3).join(" ")}`, holds: false }
    : JSON.parse(found);
  return {
    row: name,
    runtime,
    promise,
    bar,
    figure,
    seconds: Math.round(seconds * 10) / 10,
    ok: holds !== sabotage,
    ...sabotage && { sabotage: row.sabotage },
  };
}
