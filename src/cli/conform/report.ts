import { counted } from "../counted.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import type { Palette } from "../terminal/palette.ts";
import { GENERATED } from "./generated_cases.ts";

/** What became of a case. */
export interface ConformResult {
  readonly source: string;
  readonly name: string;
  readonly outcome: "pass" | "fail" | "skip";
  /** What was expected and what came, why it is skipped, or how a stream ended. */
  readonly detail?: string;
}

/** How many cases there were. */
export interface ConformCounts {
  readonly pass: number;
  readonly fail: number;
  readonly skip: number;
}

/** A result in a line; what was expected of a failed case stands below it. */
export function resultText(
  { source, name, outcome, detail }: ConformResult,
  { good, error, dim }: Palette,
): string {
  const word = { pass: good("pass"), fail: error("FAIL"), skip: dim("skip") };
  const line = `${word[outcome]}  ${escapeControls(`${source}: ${name}`)}`;
  if (detail === undefined) return `${line}\n`;
  return outcome === "fail"
    ? `${line}\n      ${escapeControls(detail)}\n`
    : `${line} ${dim(`(${escapeControls(detail)})`)}\n`;
}

/** Counts results: those of files, and those that were generated. */
export function countsOf(results: readonly ConformResult[]): {
  readonly vectors: ConformCounts;
  readonly generated: ConformCounts;
} {
  const generated = results.filter(({ source }) => source === GENERATED);
  const vectors = results.filter(({ source }) => source !== GENERATED);
  return { vectors: counts(vectors), generated: counts(generated) };
}

function counts(results: readonly ConformResult[]): ConformCounts {
  const of = (wanted: ConformResult["outcome"]) =>
    results.filter(({ outcome }) => outcome === wanted).length;
  return { pass: of("pass"), fail: of("fail"), skip: of("skip") };
}

/** Counts in a line. */
export function countsText(
  what: string,
  { pass, fail, skip }: ConformCounts,
): string {
  return `${
    counted(pass + fail + skip, what)
  }: ${pass} passed, ${fail} failed, ${skip} skipped\n`;
}
