// Installs the npm tarball as a user would and uses it on Node 20, Node 24 and
// Bun and from TypeScript. Deno only starts the others: once is enough.
//
// FRAMEWIRE_TARBALL names a tarball to test; without it one is packed first.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { after, test } from "node:test";
import { root, run } from "../../scripts/testing/process.ts";
import { readDenoConfig } from "../../scripts/testing/setup.ts";
import { findNode20, type Runtime } from "./node_20.ts";

const bin = `${root}node_modules/.bin`;
const node20 = await findNode20();
const project = await Deno.makeTempDir({ prefix: "framewire-user-" });
const tarball = Deno.env.get("FRAMEWIRE_TARBALL") ?? await pack();
await install();

after(() => Deno.remove(project, { recursive: true }));

test("the package has no dependency and all entry points", async () => {
  const installed = await Array.fromAsync(
    Deno.readDir(`${project}/node_modules/@framewire`),
    (entry) => entry.name,
  );
  assertEquals(installed, ["framewire"]);
  const folder = `${project}/node_modules/@framewire/framewire`;
  const manifest = JSON.parse(
    await Deno.readTextFile(`${folder}/package.json`),
  );
  assertEquals(manifest.dependencies ?? {}, {});
  assertEquals(manifest.type, "module");
  const { version, exports } = await readDenoConfig();
  assertEquals(manifest.version, version);
  assertEquals(Object.keys(manifest.exports), Object.keys(exports));
  await Deno.stat(`${folder}/README.md`);
  await Deno.stat(`${folder}/LICENSE`);
});

const runtimes: readonly Runtime[] = [
  node20,
  { name: "Node 24", command: [`${bin}/node`], prefix: "v24." },
  { name: "Bun", command: [`${bin}/bun`], prefix: "1." },
];

for (const { name, command, prefix, skip } of runtimes) {
  const options = skip === undefined ? {} : { skip };

  test(`the package runs on ${name}`, options, async () => {
    assert((await output([...command, "--version"])).startsWith(prefix));
    const { exports } = await readDenoConfig();
    assertEquals(
      await output([...command, "entries.js"]),
      `imported ${Object.keys(exports).length}\n`,
    );
    assertEquals(
      await output([...command, "echo.js"]),
      "echoed 0, 5, 900000 on port true\n",
    );
    assertEquals(await output([...command, "pipe.js"]), "piped 3, 1\n");
  });
}

for (
  const [title, compilerOptions] of [
    ["the DOM's types", {
      // Connections are disposable, which no numbered ES version has yet.
      lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.AsyncIterable"],
    }],
    ["Node's types", {
      lib: ["ES2023"],
      types: ["node"],
      typeRoots: [`${root}node_modules/@types`],
    }],
  ] as const
) {
  test(`the package type-checks under nodenext with ${title}`, async () => {
    await Deno.writeTextFile(
      `${project}/tsconfig.json`,
      JSON.stringify({
        compilerOptions: {
          target: "ES2022",
          module: "nodenext",
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          noEmit: true,
          types: [],
          ...compilerOptions,
        },
        files: ["user.ts"],
      }),
    );
    const node = `${bin}/node`;
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    assertEquals(await output([node, tsc, "--pretty", "false"]), "");
  });
}

async function pack(): Promise<string> {
  const printed = await output([
    Deno.execPath(),
    "run",
    "--allow-all",
    `${root}scripts/pack.ts`,
  ]);
  return printed.trimEnd().split("\n").at(-1) ?? "";
}

async function install(): Promise<void> {
  for await (const { name } of Deno.readDir(`${root}tests/package/programs`)) {
    await Deno.copyFile(
      `${root}tests/package/programs/${name}`,
      `${project}/${name}`,
    );
  }
  await Deno.writeTextFile(
    `${project}/package.json`,
    JSON.stringify({ private: true, type: "module" }),
  );
  assertStringIncludes(
    await output(["npm", "install", "--no-audit", "--no-fund", tarball]),
    "added 1 package",
  );
}

async function output(
  command: readonly [string, ...string[]],
): Promise<string> {
  const { ok, output } = await run(command, {
    cwd: project,
    timeoutMs: 120_000,
  });
  assert(ok, `${command.join(" ")} failed:\n${output}`);
  return output;
}
