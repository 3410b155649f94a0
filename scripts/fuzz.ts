/** `deno task fuzz`: random inputs for all codecs. */

import { parseArgs } from "node:util";
import { fuzz, type FuzzCounts, FuzzFailure } from "../tests/support/fuzz.ts";

const help = `deno task fuzz [--seed N] [--count N] [--codec name] [--first N]

Decodes random inputs: valid streams, changed ones, random bytes. Each must
decode or end in a FrameError, the same under another cut, and survive encoding.

  --seed N      what the inputs are made from; by default another each time
  --count N     how many inputs (1,000,000)
  --codec name  one codec only
  --first N     the number of the first input (0)
  --help        this text

Exit status 1, with a command that runs the input again, if one fails.`;

/** So many inputs at a time, to tell how far it is. */
const batch = 100_000;

function main(): number {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      seed: { type: "string" },
      count: { type: "string", default: "1000000" },
      codec: { type: "string" },
      first: { type: "string", default: "0" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const seed = values.seed === undefined
    ? Math.floor(Math.random() * 2 ** 31)
    : wholeNumber("--seed", values.seed);
  const count = wholeNumber("--count", values.count);
  const first = wholeNumber("--first", values.first);
  console.log(`seed ${seed}, ${count.toLocaleString("en")} inputs`);

  const sums = new Map<string, FuzzCounts>();
  const start = performance.now();
  for (let done = 0; done < count; done += batch) {
    const { counts, slow } = fuzz({
      seed,
      first: first + done,
      count: Math.min(batch, count - done),
      ...(values.codec !== undefined && { codec: values.codec }),
    });
    for (const { replay, milliseconds, bytes } of slow) {
      console.log(`slow: ${milliseconds.toFixed(0)} ms for ${bytes} bytes`);
      console.log(`  ${replay}`);
    }
    for (const [name, one] of counts) add(sums, name, one);
    if (count > batch) console.log(`  ${Math.min(done + batch, count)} done`);
  }
  const seconds = (performance.now() - start) / 1_000;
  console.table(Object.fromEntries(sums));
  console.log(
    `seed ${seed}: ${count.toLocaleString("en")} inputs in ${
      seconds.toFixed(1)
    } s, ${
      Math.round(count / seconds).toLocaleString("en")
    } inputs/s, 0 failed`,
  );
  return 0;
}

function add(
  sums: Map<string, FuzzCounts>,
  name: string,
  counts: FuzzCounts,
): void {
  const sum = sums.get(name);
  if (sum === undefined) {
    sums.set(name, counts);
    return;
  }
  for (const key of Object.keys(counts) as (keyof FuzzCounts)[]) {
    sum[key] += counts[key];
  }
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new TypeError(`Cannot use ${name}: expected a number, got ${text}`);
  }
  return Number(text);
}

try {
  Deno.exit(main());
} catch (error) {
  if (!(error instanceof FuzzFailure)) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(2);
  }
  console.error(error.message);
  console.error(`options  ${error.options}`);
  console.error(`input    ${error.input}`);
  console.error(`again    ${error.replay}`);
  Deno.exit(1);
}
