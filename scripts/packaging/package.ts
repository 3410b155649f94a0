/** Makes the npm package of the sources and of declarations that were made of them. */

import { dirname, join } from "node:path";
import type { DenoConfig } from "../testing/setup.ts";
import { bundle } from "./bundle.ts";
import { copyDocuments } from "./documents.ts";
import { fileOf, publicFields } from "./public_fields.ts";
import { browserMap } from "./stand_ins.ts";

/**
 * Fills `folder` with what is published: `dist/`, the code; `types/`, its
 * declarations; package.json and the documents.
 *
 * @param declarations Where the declarations of `mod.ts` and `src/` are.
 */
export async function makePackage(
  declarations: string,
  folder: string,
  config: DenoConfig,
): Promise<void> {
  const entries = Object.entries(config.exports)
    .map(([entry, source]) => [fileOf(entry), source] as const);
  const chunks = await bundle(
    { ...Object.fromEntries(entries), browser: "./src/browser.ts" },
    `${folder}/dist`,
  );
  await copyTypes(
    declarations,
    `${folder}/types`,
    Object.values(config.exports),
  );
  await copyDocuments(folder);
  const fields = publicFields(config, browserMap(chunks));
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify(fields, null, 2) + "\n",
  );
}

/** Copies the declarations of `files` and of all that they import. */
async function copyTypes(
  from: string,
  folder: string,
  files: readonly string[],
): Promise<void> {
  const names = new Set(files.map((file) => file.replace(/\.ts$/, ".d.ts")));
  // A set that grows while it is iterated.
  for (const name of names) {
    const text = withoutExamples(
      await Deno.readTextFile(`${from}/${name}`),
    );
    const here = new URL(name, "file:///");
    for (const [, target] of codeOf(text).matchAll(/"(\.[^"]+)\.js"/g)) {
      names.add(`.${new URL(`${target}.d.ts`, here).pathname}`);
    }
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text);
  }
}

// The examples are tests, which import `@std/assert` from JSR, and a fifth of the
// declarations; the documentation on JSR has them.
function withoutExamples(text: string): string {
  return text.replace(
    /^ *\* @example[^]*?(?=^ *\* @|^ *\*\/)/gm,
    "",
  ).replace(/(^ *\*\n)+(?= *\*\/)/gm, "");
}

/** A source without its comments. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "");
}
