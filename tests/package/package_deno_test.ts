// Installs the npm tarball as a user would and uses it on Node 20, Node 24, Bun and
// Deno and from TypeScript.
//
// FRAMEWIRE_TARBALL names a tarball to test; without it one is packed first.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import {
  documents,
  withLinks,
  withoutPadding,
} from "../../scripts/packaging/documents.ts";
import type { Chunk } from "../../scripts/packaging/bundle.ts";
import { browserMap } from "../../scripts/packaging/stand_ins.ts";
import { links } from "../../scripts/packaging/public_fields.ts";
import { root, run } from "../../scripts/testing/process.ts";
import { readDenoConfig } from "../../scripts/testing/setup.ts";
import { findNode20, type Runtime } from "./node_20.ts";
import { bin, Project, readmeExamples } from "./project.ts";

/**
 * The most that the tarball may have, in bytes: 110 KB of them are code in other
 * languages, and 38 KB the test vectors.
 */
const MAX_TARBALL = 680_000;
/** The most that the command may have of it, before it is compressed. */
const MAX_COMMAND = 600_000;

const node20 = await findNode20();
const node24: Runtime = {
  name: "Node 24",
  command: [`${bin}/node`],
  prefix: "v24.",
};
const bun: Runtime = { name: "Bun", command: [`${bin}/bun`], prefix: "1." };
const deno: Runtime = {
  name: "Deno",
  command: [Deno.execPath(), "-A"],
  prefix: "deno 2.",
};
const project = await Project.make();
const examples = await readmeExamples();
const files = await filesBelow(project.installed);

after(() => project.remove());

test("the package has no dependency, all entry points and the documents", async () => {
  const installed = await Array.fromAsync(
    Deno.readDir(`${project.folder}/node_modules/@framewire`),
    (entry) => entry.name,
  );
  assertEquals(installed, ["framewire"]);
  const manifest = JSON.parse(await project.read("package.json"));
  assertEquals(manifest.dependencies ?? {}, {});
  assertEquals(manifest.type, "module");
  const { version, exports } = await readDenoConfig();
  assertEquals(manifest.version, version);
  assertEquals(Object.keys(manifest.exports), Object.keys(exports));
  for (const path of documents) await Deno.stat(`${project.installed}/${path}`);
});

test("each entry says what it is", async () => {
  const { exports } = await readDenoConfig();
  for (const file of Object.values(exports)) {
    const text = await Deno.readTextFile(root + file);
    assertMatch(text, /^\/\*\*\n(?: \*.*\n)* \* @module$/m, file);
  }
});

/** A file of the package, as far as it is asked. */
function chunk(
  fileName: string,
  imports: string[],
  exports: string[],
  dynamicImports: string[] = [],
): Chunk {
  return { fileName, imports, exports, dynamicImports, isEntry: true } as Chunk;
}

test("browserMap() refuses a file in whose place browsers get nothing", () => {
  const standIns = chunk("browser.js", [], ["spawn"]);
  assertEquals(
    browserMap([
      standIns,
      chunk("child.js", ["node:child_process"], ["spawn"]),
    ]),
    { "./dist/child.js": "./dist/browser.js" },
  );
  assertThrows(
    () => browserMap([standIns, chunk("tls.js", ["node:tls"], ["startTls"])]),
    Error,
    "Cannot replace tls.js in browsers: src/browser.ts exports no startTls",
  );
});

test("browserMap() replaces a file that loads what browsers cannot have", () => {
  const chunks = [
    chunk("browser.js", [], ["load", "spawn"]),
    chunk("child.js", ["node:child_process"], ["spawn"]),
    chunk("program.js", ["child.js"], ["run"]),
    chunk("loader.js", [], ["load"], ["program.js"]),
    chunk("codec.js", [], ["lines"], ["other.js"]),
    chunk("other.js", [], ["other"]),
  ];
  assertEquals(browserMap(chunks), {
    "./dist/child.js": "./dist/browser.js",
    "./dist/loader.js": "./dist/browser.js",
  });
});

test("the tarball is small: no source maps, no tests", async () => {
  const { size } = await Deno.stat(project.tarball);
  assert(size <= MAX_TARBALL, `${size} bytes, more than ${MAX_TARBALL}`);
  const command = await Deno.stat(`${project.installed}/dist/cli.js`);
  assert(command.size <= MAX_COMMAND, `${command.size} bytes of the command`);
  for (const file of files.filter((file) => /\.[jt]s$/.test(file))) {
    const text = await project.read(file);
    assert(!/sourceMappingURL|@std\//.test(text), file);
  }
});

test("the declarations have no class that is internal", async () => {
  const internal: string[] = [];
  let exported = 0;
  for (const file of files.filter((file) => file.endsWith(".d.ts"))) {
    const text = await project.read(file);
    internal.push(...text.match(/^(declare|abstract) class \w+/gm) ?? []);
    exported += [...text.matchAll(/^export declare class /gm)].length;
  }
  assertEquals(internal, []);
  assert(exported > 5);
});

test("the links of the documents lead to files of the package", async () => {
  let checked = 0;
  for (const file of files.filter((file) => file.endsWith(".md"))) {
    const text = await project.read(file);
    for (const [, target = ""] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      if (target.startsWith("https://")) continue;
      const path = join(dirname(file), target);
      assert(files.includes(path), `${file} leads to ${target}`);
      checked++;
    }
  }
  assert(checked > 0);
});

test("withLinks() leads to the repository where the package has no such file", () => {
  const text =
    "[a](peers.md) [b](../src/c.ts#d) [e](https://e) [f](#g) ![h](i.svg)";
  assertEquals(
    withLinks(text, "docs/x.md", ""),
    "[a](peers.md) b [e](https://e) [f](#g) h",
  );
  const repository = "https://example.org/us/framewire";
  assertEquals(
    withLinks(text, "docs/x.md", repository),
    `[a](peers.md) [b](${repository}/blob/main/src/c.ts#d) [e](https://e) [f](#g) ![h](${repository}/raw/main/docs/i.svg)`,
  );
});

test("withoutPadding() leaves the columns of tables as they are", () => {
  assertEquals(
    withoutPadding("| a   | b |\n| --------- | - |\n| `c`  |   |\n\nd  | e\n"),
    "| a | b |\n| --- | - |\n| `c` | |\n\nd  | e\n",
  );
});

test("links() are left out while there is no repository", () => {
  assertEquals(links(""), {});
  assertEquals(links("https://example.org/us/framewire"), {
    homepage: "https://example.org/us/framewire#readme",
    bugs: "https://example.org/us/framewire/issues",
    repository: {
      type: "git",
      url: "git+https://example.org/us/framewire.git",
    },
  });
});

test("publint and attw find nothing", async () => {
  // It suggests another way to say what browsers get.
  const suggestion = /\nSuggestions:\n1\. pkg\.browser .*\n$/;
  const found = await project.output([
    `${bin}/publint`,
    "--strict",
    project.installed,
  ]);
  assertMatch(found, suggestion);
  // The package has modules only: what resolves `require` is not asked.
  const attw = [`${bin}/attw`, "--profile=esm-only", project.tarball] as const;
  await project.output(attw);
});

for (const { name, command, prefix, skip } of [node20, node24, bun, deno]) {
  const options = skip === undefined ? {} : { skip };

  test(`the package runs on ${name}`, options, async () => {
    const version = await project.output([...command, "--version"]);
    assert(version.startsWith(prefix));
    const { exports } = await readDenoConfig();
    assertEquals(
      await project.output([...command, "entries.js"]),
      `imported ${Object.keys(exports).length}\n`,
    );
    assertEquals(
      await project.output([...command, "echo.js"]),
      "echoed 0, 5, 900000 on port true\n",
    );
    assertEquals(await project.output([...command, "pipe.js"]), "piped 3, 1\n");
  });

  test(`the programs of the README run on ${name}`, options, async () => {
    for (const [i, example] of examples.entries()) {
      await project.write(`readme_${i}.ts`, example);
      const file = `readme_${i}_${prefix}js`;
      await project.output([
        `${bin}/esbuild`,
        `readme_${i}.ts`,
        // Only the newer runtimes know `await using`.
        `--target=${name === "Node 20" ? "es2022" : "esnext"}`,
        `--outfile=${file}`,
        "--log-level=warning",
      ]);
      await project.output([...command, file]);
    }
  });

  test(`the command of the package runs on ${name}`, options, async () => {
    const framewire = [...command, `${project.installed}/dist/cli.js`] as const;
    const { version } = await readDenoConfig();
    assertEquals(
      await project.output([...framewire, "--version"]),
      `framewire ${version}\n`,
    );
    await project.write("words.txt", "two\nwords\n");
    const frame = ["--frame", "length(1) | text"];
    const written = await project.output(
      [...framewire, "encode", "words.txt", ...frame],
    );
    await project.write("words.bin", written);
    assertEquals(
      await project.output([...framewire, "decode", "words.bin", ...frame]),
      "two\nwords\n",
    );
    assertMatch(
      await project.output([...framewire, "generate", "go", "length(2)"]),
      /Code generated by framewire/,
    );
    // The test vectors are in the package. Frames of this format have parts.
    assertMatch(
      await project.output([
        ...framewire,
        ...["conform", "exec:none", "--decoder", "--frame", "preset:grpc"],
      ]),
      /\n\d+ vectors: 0 passed, 0 failed, \d+ skipped\n5 generated cases: /,
    );
  });

  test(`a stack trace says where it was on ${name}`, options, async () => {
    const stack = await project.output([...command, "stack.js"]);
    assertMatch(stack, /^FrameError: The frame is too large/);
    // Bun leaves out the names of classes. A line has a statement or two.
    const place = String.raw`\(.*/dist/chunks/codec\.js:\d{2,}:\d{1,3}\)`;
    for (const name of ["overLimit", "next", "decode"]) {
      assertMatch(stack, new RegExp(String.raw`at (\w+\.)?${name} ${place}`));
    }
  });
}

const workerd = await findWorkerd();

test(
  "the Worker of docs/transports.md runs in workerd",
  { skip: workerd === undefined ? "workerd does not run here" : false },
  async () => {
    const [, program = ""] =
      /^```ts ignore\n([^`]*cloudflare:sockets[^]*?)^```/m
        .exec(await project.read("docs/transports.md")) ?? [];
    await project.write("worker.ts", program);
    await project.output([
      `${bin}/esbuild`,
      "worker.ts",
      "--bundle",
      "--format=esm",
      // As Cloudflare's own tools bundle.
      "--conditions=workerd,worker,browser",
      "--external:cloudflare:*",
      "--outfile=worker.js",
      "--log-level=warning",
    ]);
    const printed = await project.output([
      `${bin}/node`,
      `${root}tests/package/workerd.ts`,
      workerd ?? "",
      project.folder,
    ]);
    assertEquals(JSON.parse(printed), {
      answers: ["7", "300002"],
      ends: Array(2).fill("remote undefined"),
    });
  },
);

test("no entry of the library comes to load the command", async () => {
  for (const file of files.filter((file) => /^dist\/.*\.js$/.test(file))) {
    if (file === "dist/cli.js") continue;
    assert(!/"[^"]*\/cli\.js"/.test(await project.read(file)), file);
  }
});

const compilers = ["typescript-5.9", "typescript", "typescript-7"];
const libraries = {
  "the DOM's types": {
    // Connections are disposable, which no numbered ES version has yet.
    lib: ["ES2022", "ESNext.Disposable", "DOM", "DOM.AsyncIterable"],
    types: [],
  },
  "Node's types": {
    lib: ["ES2022"],
    types: ["node"],
    typeRoots: [`${root}node_modules/@types`],
  },
};

for (const compiler of compilers) {
  for (const [title, options] of Object.entries(libraries)) {
    test(`${compiler} accepts the package with ${title}`, async () => {
      const { name, exports } = await readDenoConfig();
      const all = Object.keys(exports)
        .map((entry, i) =>
          `export * as e${i} from "${name}${entry.slice(1)}";`
        );
      await project.write("all.ts", all.join("\n"));
      await project.write(
        "tsconfig.json",
        JSON.stringify({
          compilerOptions: {
            target: "ES2022",
            module: "nodenext",
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: false,
            noEmit: true,
            ...options,
          },
          files: ["user.ts", "all.ts"],
        }),
      );
      const tsc = `${root}node_modules/${compiler}/bin/tsc`;
      assertEquals(
        await project.output([`${bin}/node`, tsc, "--pretty", "false"]),
        "",
      );
    });
  }
}

/** The program itself: that of the npm package only starts it. */
async function findWorkerd(): Promise<string | undefined> {
  const found = await run([`${bin}/node`, "-p", 'require("workerd").default']);
  const program = found.output.trim();
  if (!found.ok) return undefined;
  const { ok } = await run([program, "--version"]);
  return ok ? program : undefined;
}

/** The paths of all files below a folder. */
async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      found.push(...await filesBelow(`${folder}/${name}`, `${prefix}${name}/`));
    } else found.push(prefix + name);
  }
  return found;
}
