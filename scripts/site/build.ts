/**
 * `deno task site [FOLDER]`: the documentation as a site in `build/site/`, or in
 * another folder of `build/`. It needs no network.
 */

import { checkSite } from "./check_site.ts";
import { root, run } from "../testing/process.ts";
import { readDenoConfig } from "../testing/setup.ts";

const output = `${root}build/${Deno.args[0] ?? "site"}`;
await step("pages", [
  `${root}node_modules/node/bin/node`,
  `${root}node_modules/vitepress/bin/vitepress.js`,
  "build",
  `${root}site`,
  "--outDir",
  output,
]);
const { exports } = await readDenoConfig();
await step("reference", [
  Deno.execPath(),
  "doc",
  "--html",
  "--quiet",
  "--name=framewire",
  `--output=${output}/api`,
  ...new Set(Object.values(exports)),
]);
await step("play", [Deno.execPath(), "run", "-A", "scripts/site/play.ts"]);
await Deno.mkdir(`${output}/play`, { recursive: true });
for (const file of ["index.html", "generate.js"]) {
  await Deno.copyFile(`${root}build/play/${file}`, `${output}/play/${file}`);
}
const { pages, wrong } = await checkSite(output);
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  Deno.exit(1);
}
console.log(`${output}: ${pages} pages, and every link leads somewhere`);

/** Runs a command, and ends with its output where it fails. */
async function step(
  name: string,
  command: readonly [string, ...string[]],
): Promise<void> {
  const { ok, output, seconds } = await run(command);
  console.log(`${name}: ${seconds.toFixed(1)} s`);
  if (ok) return;
  console.error(output);
  Deno.exit(1);
}
