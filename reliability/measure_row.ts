import { root, run } from "../scripts/testing/process.ts";
import type { Environment } from "../scripts/testing/setup.ts";
import type { Measured } from "./report.ts";
import type { Finding, Row, RuntimeName } from "./row.ts";

const bin = `${root}node_modules/.bin/`;

/** Measures a row in a process of its own, which leaves nothing behind. */
export async function measureRow(
  row: Row,
  runtime: RuntimeName,
  environment: Environment,
  { sabotage = false, long = false }: { sabotage?: boolean; long?: boolean } =
    {},
): Promise<Measured> {
  const { name, promise, bar } = row;
  const { figure, holds, seconds } = await measureApart(
    [
      "reliability/measure.ts",
      name,
      runtime,
      ...sabotage ? ["--sabotage"] : [],
      ...long ? ["--long"] : [],
    ],
    environment,
    long ? 3_600_000 : 90_000,
  );
  return {
    row: name,
    runtime,
    promise,
    bar,
    figure,
    seconds,
    ok: holds !== sabotage,
    ...sabotage && { sabotage: row.sabotage },
  };
}

/** Runs a script on Node that prints a finding; it can start programs as a `Peer`. */
export async function measureApart(
  script: readonly string[],
  { resolution }: Environment,
  timeoutMs: number,
): Promise<Finding & { readonly seconds: number }> {
  const { output, seconds } = await run(
    [`${bin}node`, ...script],
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
      timeoutMs,
    },
  );
  const lines = output.trim().split("\n");
  const found = lines.findLast((line) => line.startsWith('{"figure"'));
  const finding: Finding = found === undefined
    ? { figure: `no figure: ${lines.slice(-3).join(" ")}`, holds: false }
    : JSON.parse(found);
  return { ...finding, seconds: Math.round(seconds * 10) / 10 };
}
