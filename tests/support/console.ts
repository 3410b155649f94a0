/** Runs what documents show of a console. */

import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** A command, and what it prints: standard output and standard error. */
export interface ConsoleStep {
  readonly command: string;
  readonly output: string;
}

/** The steps of a text in which commands begin with `$ ` and go on with `> `. */
export function stepsOf(text: string): ConsoleStep[] {
  const steps: { command: string; output: string }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    const last = steps.at(-1);
    if (line.startsWith("$ ")) {
      steps.push({ command: line.slice(2), output: "" });
    } else if (last === undefined) {
      throw new Error(`There is output before a command: ${line}`);
    } else if (/^>( |$)/.test(line) && last.output === "") {
      last.command += `\n${line.slice(2)}`;
    } else last.output += `${line}\n`;
  }
  return steps;
}

/** The blocks of a document in the language `console`, below each of its headings. */
export function consolesOf(document: string): ReadonlyMap<string, string> {
  const consoles = new Map<string, string>();
  let heading = "";
  for (
    const [, title, block = ""] of document.matchAll(
      /^#+ (.+)$|^```console\n([^]*?)^```$/gm,
    )
  ) {
    if (title !== undefined) heading = title;
    else consoles.set(heading, (consoles.get(heading) ?? "") + block);
  }
  return consoles;
}

/** Runs the commands one after another in one shell, and returns what each printed. */
export function runSteps(
  steps: readonly ConsoleStep[],
  { folder, framewire, path = [] }: {
    /** Where they run. */
    readonly folder: string;
    /** The program `framewire` and its first arguments. */
    readonly framewire: readonly string[];
    /** Where else programs are found, before those of the machine. */
    readonly path?: readonly string[];
  },
): Promise<string[]> {
  const program = join(folder, "framewire");
  const words = framewire.map((word) => `'${word}'`).join(" ");
  writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(program, 0o755);
  // Standard error goes where standard output goes, in its order.
  const script = [
    "exec 2>&1",
    "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT",
    ...steps.flatMap(({ command }) => [command, "printf '\\0'"]),
  ].join("\n");
  return new Promise((resolve, reject) => {
    execFile(
      "bash",
      ["-c", script],
      {
        cwd: folder,
        env: {
          // Types are stripped once, not by every program.
          NODE_COMPILE_CACHE: join(folder, "cache"),
          ...process.env,
          PATH: [folder, ...path, process.env.PATH].join(":"),
        },
        timeout: 120_000,
        maxBuffer: 2 ** 26,
      },
      (error, stdout) => {
        const outputs = stdout.split("\0").slice(0, -1);
        if (outputs.length === steps.length) resolve(outputs);
        else reject(error ?? new Error(stdout));
      },
    );
  });
}

/**
 * Whether output is what was expected. `…` stands for anything within a line, and in a
 * line of its own for any lines.
 */
export function isExpected(output: string, expected: string): boolean {
  const pattern = expected.split("…").map((part) =>
    part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  ).join("[^\\n]*?").replace(/^\[\^\\n\]\*\?\n/gm, "(?:.*\\n)*?");
  return new RegExp(`^${pattern}$`).test(output);
}
