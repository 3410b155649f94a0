/**
 * `deno run -A scripts/vectors.ts`: brings the index of the test vectors, and the table
 * of docs/vectors.md, up to date when cases have been added.
 */

import { vectorIndex, vectorTable } from "../tests/support/vectors.ts";
import { root } from "./testing/process.ts";

const index = `${root}tests/vectors/index.json`;
const { version } = JSON.parse(await Deno.readTextFile(index));
await Deno.writeTextFile(
  index,
  `${JSON.stringify(vectorIndex(version), undefined, 2)}\n`,
);
const page = `${root}docs/vectors.md`;
const text = await Deno.readTextFile(page);
await Deno.writeTextFile(
  page,
  text.replace(/^\| format +\| cases .*\n(\|.*\n)*/m, `${vectorTable()}\n`),
);
await new Deno.Command(Deno.execPath(), {
  args: ["fmt", "--quiet", index, page],
})
  .output();
