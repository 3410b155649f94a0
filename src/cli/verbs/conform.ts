import { connectTo, placeOf } from "../addresses.ts";
import { casesOf } from "../conform/cases_of.ts";
import type { ConformCase } from "../conform/conform_case.ts";
import { EchoSubject } from "../conform/echo_subject.ts";
import { ProgramSubject } from "../conform/program_subject.ts";
import {
  type ConformResult,
  countsOf,
  countsText,
  resultText,
} from "../conform/report.ts";
import { Nonconformity, type Subject } from "../conform/subject.ts";
import { TestedFormat } from "../conform/tested_format.ts";
import { counted } from "../counted.ts";
import { EXIT, UsageError } from "../errors.ts";
import { givenCodec } from "../formats.ts";
import { isInterrupted } from "../interrupted.ts";
import type { Program, Verb } from "../program.ts";
import { ProgressLine } from "../progress_line.ts";
import { paint } from "../terminal/palette.ts";

/** How long a silent peer is waited for, in milliseconds. */
const TIMEOUT_MS = 2_000;

/** Runs the test vectors against an echo server, or a program that decodes. */
export const conform: Verb = async (program) => {
  const { flags, stdout, stderr, signal } = program;
  const { frame, seed = 1 } = flags;
  if (frame === undefined) {
    throw new UsageError("Cannot test a format: expected --frame EXPRESSION");
  }
  const format = new TestedFormat(await givenCodec({ ...flags, frame }));
  const cases = await casesOf(
    format,
    { files: flags.vectors, seed },
    (note) => stderr.tell(note),
  );
  const results: ConformResult[] = [];
  await using subject = subjectOf(format, program, seed);
  signal.addEventListener("abort", () => subject.stop());
  const palette = paint(stdout.color);
  const line = new ProgressLine(stderr);
  for (const one of cases) {
    const result = await resultOf(one, subject, signal);
    if (result === undefined) break;
    results.push(result);
    if (!flags.json) stdout.write(resultText(result, palette));
    await stdout.flush();
    if (!stdout.isTerminal) {
      line.show(() => `${results.length} of ${counted(cases.length, "case")}`);
    }
  }
  line.clear();
  stdout.write(
    flags.json ? dataOf(results, format, seed) : summaryOf(results, format),
  );
  if (isInterrupted(signal)) {
    stderr.write(
      `interrupted: ${results.length} of ${counted(cases.length, "case")}\n`,
    );
  }
  return results.some(({ outcome }) => outcome === "fail")
    ? EXIT.different
    : EXIT.good;
};

function subjectOf(
  format: TestedFormat,
  program: Program,
  seed: number,
): Subject {
  const { flags, operands: [address = ""], signal } = program;
  const { kind } = placeOf(address);
  if (kind === "stdio" || kind === "udp") {
    throw new UsageError(
      `Cannot test ${address}: expected an address that can be connected to several times`,
    );
  }
  if (flags.decoder && kind !== "exec") {
    throw new UsageError(
      `Cannot use --decoder with ${address}: expected exec:PROGRAM`,
    );
  }
  const connect = () => connectTo(address, { flags, signal });
  const settings = { timeoutMs: flags.timeout ?? TIMEOUT_MS, seed };
  return flags.decoder
    ? new ProgramSubject(connect, format, settings)
    : new EchoSubject(connect, format, settings);
}

function summaryOf(
  results: readonly ConformResult[],
  { expression = "the codec" }: TestedFormat,
): string {
  const { vectors, generated } = countsOf(results);
  return `\n${expression}\n` + countsText("vector", vectors) +
    countsText("generated case", generated);
}

function dataOf(
  results: readonly ConformResult[],
  { expression }: TestedFormat,
  seed: number,
): string {
  const data = {
    expression: expression ?? null,
    seed,
    ...countsOf(results),
    results,
  };
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

/** What becomes of a case; `undefined` if the command is stopped meanwhile. */
async function resultOf(
  one: ConformCase,
  subject: Subject,
  signal: AbortSignal,
): Promise<ConformResult | undefined> {
  const { source, name } = one;
  const why = one.skipped ?? subject.unfit(one);
  if (why !== undefined) return { source, name, outcome: "skip", detail: why };
  try {
    const did = await subject.check(one);
    if (signal.aborted) return undefined;
    return { source, name, outcome: "pass", ...(did && { detail: did }) };
  } catch (error) {
    if (signal.aborted) return undefined;
    if (!(error instanceof Nonconformity)) throw error;
    return { source, name, outcome: "fail", detail: error.message };
  }
}
