import type { Row } from "./row.ts";

/** A row on a runtime. */
export interface Measured {
  readonly row: string;
  readonly runtime: string;
  readonly promise: string;
  readonly bar: string;
  readonly figure: string;
  readonly seconds: number;
  /** Whether the promise held or, with sabotage, was found not to. */
  readonly ok: boolean;
  /** What was made wrong. */
  readonly sabotage?: string;
}

let nameWidth = 0;
let promiseWidth = 0;
let barWidth = 0;

/** Makes the columns as wide as the rows need them. */
export function setWidths(
  rows: readonly Pick<Row, "name" | "promise" | "bar">[],
): void {
  nameWidth = Math.max(...rows.map(({ name }) => name.length));
  promiseWidth = Math.max(...rows.map(({ promise }) => promise.length));
  barWidth = Math.max(...rows.map(({ bar }) => bar.length));
}

/** Prints what was measured, in one line. */
export function printLine(one: Measured, index: number, count: number): void {
  const columns = [
    `${`${index}`.padStart(`${count}`.length)}/${count}`,
    one.runtime.padEnd(4),
    one.row.padEnd(nameWidth),
    verdictOf(one).padEnd(11),
    `${one.seconds.toFixed(1)} s`.padStart(6),
    one.promise.padEnd(promiseWidth),
    (one.sabotage ?? one.bar).padEnd(one.sabotage === undefined ? barWidth : 0),
    one.figure,
  ];
  console.log(columns.join("  "));
}

/** Says in a word what came of it. */
export function verdictOf({ ok, sabotage }: Measured): string {
  if (sabotage === undefined) return ok ? "holds" : "FAILS";
  return ok ? "found" : "NOT FOUND";
}

/** Prints the sums. */
export function printSums(measured: readonly Measured[]): void {
  const bad = measured.filter(({ ok }) => !ok);
  for (const one of bad) {
    console.log(`${verdictOf(one)}: ${one.row} on ${one.runtime}`);
  }
  const seconds = measured.reduce((sum, one) => sum + one.seconds, 0);
  const good = measured.length - bad.length;
  const sabotaged = measured[0]?.sabotage !== undefined;
  console.log(
    `${good} ${sabotaged ? "found" : "hold"}, ${bad.length} ${
      sabotaged ? "not found" : "fail"
    } (${seconds.toFixed(0)} s)`,
  );
}
