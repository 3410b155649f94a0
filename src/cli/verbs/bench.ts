import { writeFile } from "node:fs/promises";
import { connectTo, placeOf } from "../addresses.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { cannotWrite } from "../file_errors.ts";
import type { Flags } from "../flags.ts";
import { codecOf } from "../formats.ts";
import { Load } from "../measure/load.ts";
import { type Measured, sumOfErrors } from "../measure/measured.ts";
import { percentileChart } from "../measure/percentile_chart.ts";
import { percentileText } from "../measure/percentile_text.ts";
import { showProgress } from "../measure/progress.ts";
import { reportText } from "../measure/report.ts";
import { reportCsv, reportData } from "../measure/report_data.ts";
import { requestOf } from "../measure/request.ts";
import type { Program, Verb } from "../program.ts";
import { describe } from "../report.ts";

/** Puts a load on a server, and reports its latency and its throughput. */
export const bench: Verb = async (program) => {
  const { flags, operands: [address = "", frame], stderr, signal } = program;
  checkFlags(flags);
  const { connections = 10, inFlight = 1, rate } = flags;
  const { kind } = placeOf(address);
  if (kind === "stdio" && connections > 1) {
    throw new UsageError(
      "Cannot use -: expected --connections 1, since there is one standard input",
    );
  }
  const codec = await codecOf(flags, address);
  const load = new Load({
    connect: () => connectTo(address, program, codec),
    codec,
    request: requestOf(frame, flags, codec),
    connections,
    inFlight,
    rate,
    durationMs: flags.duration ?? 10_000,
    warmUpMs: flags.warmUp ?? 1_000,
    timeoutMs: flags.timeout ?? 10_000,
    signal,
  });
  const endProgress = stderr.isTerminal
    ? showProgress(load, stderr)
    : undefined;
  let measured: Measured;
  try {
    measured = await load.run();
  } finally {
    endProgress?.();
  }
  return await report(measured, program);
};

function checkFlags({ json, csv, hdr, duration }: Flags): void {
  if (Number(json ?? 0) + Number(csv ?? 0) + Number(hdr ?? 0) > 1) {
    throw new UsageError(
      "Cannot print the report: expected one of --json, --csv and --hdr",
    );
  }
  if (duration === 0) {
    throw new UsageError("Cannot measure: expected --duration of more than 0");
  }
}

async function report(
  measured: Measured,
  { flags, stdout, stderr }: Program,
): Promise<ExitCode> {
  const { connections, replies, firstError, errors } = measured;
  // There is nothing to report where the server has never answered.
  if (connections.left === 0 && replies === 0 && firstError !== undefined) {
    throw firstError;
  }
  stdout.write(reportFor(flags, measured));
  if (flags.hdr) stderr.write(reportText(measured));
  if (firstError instanceof Error) {
    stderr.write(`framewire: ${describe(firstError)}\n`);
  }
  if (flags.svg !== undefined) {
    const { svg } = flags;
    await writeFile(svg, percentileChart(measured)).catch((cause: unknown) => {
      throw cannotWrite(svg, cause);
    });
  }
  return sumOfErrors(errors) > 0 ? EXIT.different : EXIT.good;
}

function reportFor({ json, csv, hdr }: Flags, measured: Measured): string {
  if (json) return `${JSON.stringify(reportData(measured), undefined, 2)}\n`;
  if (csv) return reportCsv(measured);
  return hdr
    ? percentileText(measured.corrected ?? measured.uncorrected)
    : reportText(measured);
}
