/**
 * `deno task play`: the page in `build/play/index.html`, one file. `generate.js` beside
 * it, which the page does without, has the code in other languages.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { makeGenerator, makePage } from "./play/page.ts";

/** The most bytes of the page, as a server sends them. */
const MOST_BYTES = 70_000;

const folder = new URL("../../build/play/", import.meta.url);
const page = await makePage();
await mkdir(folder, { recursive: true });
await writeFile(new URL("index.html", folder), page);
await writeFile(new URL("generate.js", folder), await makeGenerator());
const size = gzipSync(page, { level: 9 }).length;
console.log(`build/play/index.html: ${size} bytes gzipped`);
if (size > MOST_BYTES) {
  throw new Error(`Cannot keep the page small: expected ${MOST_BYTES} bytes`);
}
