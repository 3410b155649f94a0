// Bundles every entry of the package and every program of the README for browsers,
// by four bundlers, and runs what they make in Chromium.

import { assert, assertEquals } from "@std/assert";
import { after, test } from "node:test";
import type { Browser } from "playwright-core";
import { gzipSync } from "node:zlib";
import { root } from "../../scripts/testing/process.ts";
import { readDenoConfig } from "../../scripts/testing/setup.ts";
import { formatAddress } from "../../src/net/mod.ts";
import { findChromium } from "../support/chromium.ts";
import { startChromium } from "../support/page.ts";
import { bin, Project, readmeExamples } from "./project.ts";

const here = `${root}tests/package`;
const { name, exports } = await readDenoConfig();
const project = await Project.make();
await Deno.mkdir(`${project.folder}/src`);
await Deno.rename(`${project.folder}/page.js`, `${project.folder}/src/page.js`);

after(() => project.remove());

const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
for (const [i, entry] of entries.entries()) {
  await addProgram(
    `entry-${i}`,
    `import * as all from "${entry}";\nconsole.log(all);\n`,
  );
}
const examples = await readmeExamples();
for (const [i, text] of examples.entries()) {
  await addProgram(`readme-${i}`, text);
}

/** The server of docs/browser.md, and the program of its page. */
const [serverOfPage = "", page = ""] = await browserExample();
await addProgram("documented-page", page);

/** What is exported alone, from where, and its most bytes, minified and gzipped. */
const MAX_BYTES: readonly (readonly [string, string, number])[] = [
  ["fixedLength", "/codec", 3_050],
  ["lines", "/codec", 4_550],
  ["lengthPrefixed", "/codec", 5_200],
  ["delimited", "/codec", 4_600],
  ["cobs", "/codec", 3_950],
  ["FrameDecoderStream", "/stream", 2_250],
  ["kafka", "/presets", 4_150],
  ["NetError", "/net", 500],
  ["createClient", "/client", 15_950],
];
for (const [symbol, entry] of MAX_BYTES) {
  await addProgram(symbol, `export { ${symbol} } from "${name}${entry}";\n`);
  await addProgram(
    `${symbol}-of-root`,
    symbol === "kafka"
      ? `import { presets } from "${name}";\nexport const kafka = presets.kafka;\n`
      : `export { ${symbol} } from "${name}";\n`,
  );
}

const bundlers = ["esbuild", "rollup", "vite", "webpack"];

for (const bundler of bundlers) {
  test(`${bundler} bundles all entries and the README without a warning`, async () => {
    assert(examples.length > 5);
    const printed = await project.output([
      `${bin}/node`,
      `${here}/bundle.ts`,
      bundler,
      project.folder,
    ]);
    assertEquals(JSON.parse(printed), []);
    for await (const { name } of Deno.readDir(`${project.folder}/${bundler}`)) {
      if (!name.endsWith(".js")) continue;
      const code = await Deno.readTextFile(
        `${project.folder}/${bundler}/${name}`,
      );
      assert(!/(from|import) *\(?["']node:/.test(code), name);
    }
  });
}

for (const [symbol, entry, limit] of MAX_BYTES) {
  test(`${symbol} of .${entry} takes at most ${limit} bytes in a bundle, gzipped`, async () => {
    const alone = await bundledBytes(`esbuild/${symbol}`);
    assert(alone <= limit, `${alone} bytes`);
    // It cannot take a namespace apart that is exported again, as `presets` is.
    if (symbol === "kafka") return;
    // Where a module imports others when asked, esbuild adds what does that.
    const ofRoot = await bundledBytes(`esbuild/${symbol}-of-root`);
    assert(
      ofRoot <= alone + 100,
      `${ofRoot} bytes from the root, ${alone} alone`,
    );
  });
}

test("a file that is imported and not used leaves next to nothing", async () => {
  // Here no package.json says that the files have no effects.
  await project.output(["cp", "-r", `${project.installed}/dist`, "copy"]);
  for (const entry of ["codec", "presets", "framed", "client"]) {
    await project.write("unused.js", `import "./copy/${entry}.js";\n`);
    const left = await project.output([
      `${bin}/esbuild`,
      "unused.js",
      "--bundle",
      "--minify",
      "--format=esm",
      "--platform=node",
    ]);
    assert(left.length < 800, `${left.length} bytes of ${entry}`);
  }
});

test("presets that are not used are left out", async () => {
  // esbuild does not, and webpack leaves it to its minifier.
  for (const bundler of ["rollup", "vite"]) {
    const code = await bundled(`${bundler}/kafka-of-root`);
    assert(!code.includes("postgres"), bundler);
  }
});

const chromium = await findChromium();

test(
  "the bundles run in Chromium",
  { skip: chromium === undefined ? "no Chromium here" : false },
  async () => {
    const printed = await project.output([
      `${bin}/node`,
      `${here}/chromium.ts`,
      chromium ?? "",
      project.folder,
      ...bundlers.map((bundler) => `${bundler}/page.js`),
    ]);
    const results = printed.trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(
      results,
      bundlers.map(() => ({
        echoed: 300_000,
        echoedByServer: Array(2).fill("300000 local undefined"),
        piped: ["looped", "one"],
        refused: Array(6).fill("NOT_SUPPORTED"),
      })),
    );
  },
);

test(
  "the programs for browsers of the README and of docs/browser.md run in Chromium",
  { skip: chromium === undefined ? "no Chromium here" : false },
  async () => {
    const file = `${root}build/server_of_page.ts`;
    await Deno.mkdir(`${root}build`, { recursive: true });
    await Deno.writeTextFile(file, serverOfPage);
    const { server } = await import(file);
    const browser = await startChromium(chromium ?? "");
    try {
      assertEquals(
        await printed(
          browser,
          "documented-page",
          formatAddress(server.address),
        ),
        ["{hello: world}"],
      );
      // What serves needs a runtime.
      const alone = examples.flatMap((text, i) =>
        /\bserve|node:/.test(text) ? [] : [`readme-${i}`]
      );
      const outputs = [];
      for (const program of alone) {
        outputs.push(await printed(browser, program));
      }
      assertEquals(outputs, [
        ["TIMED_OUT", "one", "two", "three"],
        ["one", "two", "three"],
        ["UPLOAD", "large"],
      ]);
    } finally {
      await browser.close();
      await server.close();
      await Deno.remove(file);
    }
  },
);

/**
 * What a program that esbuild has bundled prints on a page of an origin that the
 * server of docs/browser.md lets in.
 */
async function printed(
  browser: Browser,
  program: string,
  address = "",
): Promise<string[]> {
  const tab = await browser.newPage();
  const lines: string[] = [];
  tab.on("console", (message) => lines.push(message.text()));
  await tab.route("https://example.org/**", async (route) => {
    const isModule = route.request().url().endsWith(".js");
    await route.fulfill({
      contentType: isModule ? "text/javascript" : "text/html",
      body: isModule ? await bundled(`esbuild/${program}`) : "<!doctype html>",
    });
  });
  await tab.goto("https://example.org/");
  await tab.evaluate(`globalThis.address = ${JSON.stringify(address)}`);
  await tab.evaluate(`import("/program.js")`);
  await tab.close();
  return lines;
}

/** The two sides of the example in docs/browser.md, each a program of its own. */
async function browserExample(): Promise<[server: string, page: string]> {
  const text = await Deno.readTextFile(`${root}docs/browser.md`);
  const [, example = ""] = /^```ts\n([^]*?)^```/m.exec(text) ?? [];
  const [server = "", client = ""] = example.split(/^\/\/ The page .*\n/m);
  const [head = ""] = server.split("const server");
  return [
    `${server}export { server };\n`,
    head + client.replace("server.address", "globalThis.address")
      .replace("await server.close();\n", ""),
  ];
}

/** Adds a program to bundle; what bundlers do with TypeScript is not the question. */
async function addProgram(program: string, text: string): Promise<void> {
  await project.write(`program.ts`, text);
  await project.output([
    `${bin}/esbuild`,
    "program.ts",
    "--target=es2022",
    `--outfile=src/${program}.js`,
    "--log-level=warning",
  ]);
}

function bundled(path: string): Promise<string> {
  return Deno.readTextFile(`${project.folder}/${path}.js`);
}

async function bundledBytes(path: string): Promise<number> {
  return gzipSync(await bundled(path), { level: 9 }).length;
}
