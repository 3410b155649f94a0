// Runs what the documents show of the command, in processes of the sources.

import { assertEquals } from "@std/assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  consolesOf,
  isExpected,
  runSteps,
  stepsOf,
} from "../support/console.ts";
import { noProgram, projectFile, thisRuntime } from "../support/programs.ts";
import { until } from "../support/until.ts";

/** What a recipe needs that a machine may lack. */
const programs = ["redis-server", "redis-cli", "openssl", "python3"];

const text = readFileSync(projectFile("docs/recipes.md"), "utf8");
const recipes = consolesOf(text);
const others = ["docs/cli.md", "README.md"].flatMap((path) => [
  ...consolesOf(readFileSync(projectFile(path), "utf8")),
]);

/** What the README takes for granted: a terminal for each program, and a file. */
function alone(console: string): string {
  const isServer = /^\$ framewire listen (tcp:.*)$/m;
  if (!isServer.test(console)) return console;
  return "$ printf '\\5\\0\\0\\0hello' > bad.bin\n" +
    console.replace(
      isServer,
      "$ framewire listen $1 > log 2>&1 &\n$ until [ -S sock ]; do sleep 0.1; done",
    ).replaceAll("tcp://:2000", "unix:sock");
}

for (const [title, shown] of [...recipes, ...others]) {
  const console = alone(shown);
  const skip = programs.filter((program) => console.includes(`${program} `))
    .map(noProgram).find((why) => why !== false) ?? false;
  test(`the recipe “${title}” shows what is printed`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "framewire-recipe-"));
    try {
      const steps = stepsOf(console);
      const outputs = await runSteps(steps, {
        folder,
        framewire: [...thisRuntime, projectFile("src/cli/mod.ts")],
        path: [projectFile("node_modules/.bin")],
      });
      for (const [index, { command, output }] of steps.entries()) {
        // What differs is shown, and nothing else.
        if (isExpected(outputs[index]!, output)) continue;
        assertEquals(
          `$ ${command}\n${outputs[index]}`,
          `$ ${command}\n${output}`,
        );
      }
    } finally {
      await until(() => removed(folder));
    }
  });
}

/** Removes a folder, unless a program that is ending still writes there. */
function removed(folder: string): boolean {
  try {
    rmSync(folder, { recursive: true });
    return true;
  } catch (error) {
    if (error instanceof Error && /ENOTEMPTY/.test(error.message)) return false;
    throw error;
  }
}

test("the list at the top names all recipes", () => {
  const listed = [...text.matchAll(/^- \[(.+)\]\(#/gm)];
  assertEquals(listed.map(([, title]) => title), [...recipes.keys()]);
});
