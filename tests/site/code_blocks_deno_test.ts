// The code in the documents: what nothing else runs is parsed, and what it names is
// there. `ts` runs in “Documentation examples”, `console` in tests/cli.

import { assert, assertEquals } from "@std/assert";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";
import config from "../../deno.json" with { type: "json" };
import { verbs } from "../../src/cli/verbs.ts";
import { readDocuments } from "../support/markdown.ts";
import { projectFile, python } from "../support/programs.ts";

/** The documents whose consoles are run by tests/cli/recipes_deno_test.ts. */
const withConsoles = ["README.md", "docs/cli.md", "docs/recipes.md"];

/** What is no code, and pieces of other programs, which nothing here compiles. */
const unchecked = ["text", "ini", "java", "rust"];

const blocks = readDocuments().flatMap(({ path, blocks }) =>
  blocks.map((block) => ({ ...block, path }))
);

/** The blocks in a language, joined for each document. */
function codeIn(language: string): [path: string, code: string][] {
  const codes = new Map<string, string>();
  for (const block of blocks) {
    if (block.language !== language) continue;
    codes.set(block.path, (codes.get(block.path) ?? "") + block.code);
  }
  return [...codes];
}

test("every block of code has a language, and something checks it", () => {
  const checked = ["ts", "ts ignore", "js ignore", "sh", "json", "python"];
  const others = blocks.filter(({ path, language }) =>
    !checked.includes(language) && !unchecked.includes(language) &&
    !(language === "console" && withConsoles.includes(path))
  ).map(({ path, language }) => `${path}: ${language || "none"}`);
  assertEquals(others, []);
});

test("TypeScript and JavaScript that are not run can be parsed, and import what is there", async () => {
  const entries = new Map(
    Object.entries(config.exports).map(([entry, file]) => [
      config.name + entry.slice(1),
      file,
    ]),
  );
  const wrong: string[] = [];
  for (const { path, language, code } of blocks) {
    if (!language.endsWith(" ignore")) continue;
    const { diagnostics = [] } = ts.transpileModule(code, {
      reportDiagnostics: true,
      fileName: `block.${language.slice(0, 2)}`,
      compilerOptions: { target: ts.ScriptTarget.ESNext },
    });
    for (const { messageText } of diagnostics) {
      wrong.push(
        `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      );
    }
    for (
      const [, names = "", from = ""] of code.matchAll(
        /^import \{([^}]*)\} from "(@framewire\/[^"]+)"/gm,
      )
    ) {
      const file = entries.get(from);
      assert(file !== undefined, `${path}: there is no ${from}`);
      const module = await import(`../../${file.slice(2)}`);
      for (const name of names.split(",").map((name) => name.trim())) {
        if (name === "" || name.startsWith("type ") || name in module) continue;
        wrong.push(`${path}: ${from} has no ${name}`);
      }
    }
  }
  assertEquals(wrong, []);
});

test("what documents type into a shell can be parsed, and names tasks, files and verbs that are there", () => {
  const wrong: string[] = [];
  for (const [path, code] of codeIn("sh")) {
    const { status, stderr } = spawnSync("bash", ["-n"], {
      // What the reader puts in, `<path>`, is none of the shell.
      input: code.replace(/<\w+>/g, "path"),
      encoding: "utf8",
    });
    if (status !== 0) wrong.push(`${path}: ${stderr}`);
    for (const [, task = ""] of code.matchAll(/\btask ([\w:]+)/g)) {
      if (!(task in config.tasks)) wrong.push(`${path}: no task ${task}`);
    }
    for (const [file] of code.matchAll(/\b(examples|scripts)\/[\w./]+\.\w+/g)) {
      if (!existsSync(projectFile(file))) wrong.push(`${path}: no ${file}`);
    }
    for (const [, verb = ""] of code.matchAll(/^(?:npx )?framewire (\w+)/gm)) {
      if (!(verb in verbs)) wrong.push(`${path}: no verb ${verb}`);
    }
  }
  assertEquals(wrong, []);
});

test("JSON in the documents is JSON", () => {
  for (const { language, code } of blocks) {
    if (language === "json") JSON.parse(code);
  }
});

test(
  "Python in the documents can be compiled",
  { skip: python === "" && "no Python on this machine" },
  () => {
    for (const { path, language, code } of blocks) {
      if (language !== "python") continue;
      const parse = "import ast, sys; ast.parse(sys.stdin.read())";
      const { stderr } = spawnSync(python, ["-c", parse], {
        input: code,
        encoding: "utf8",
      });
      assertEquals(stderr, "", path);
    }
  },
);
