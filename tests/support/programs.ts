/** The programs that tests start. */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The path of a file of the project. */
export function projectFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** What runs a program of the project on the runtime that runs the tests. */
export const thisRuntime: readonly string[] = "Deno" in globalThis
  ? [process.execPath, "run", "--no-prompt", "-A", "--no-check"]
  : [process.execPath];

/** Python 3, where this machine has it; otherwise an empty string. */
export const python: string =
  ["python3", "python"].find((program) =>
    spawnSync(program, [
      "-c",
      "import sys; sys.exit(sys.version_info < (3, 8))",
    ]).status === 0
  ) ?? "";

/** The same, for programs that listen with `reusePort`. */
export const sharingRuntime: readonly string[] = "Deno" in globalThis
  ? [...thisRuntime, "--unstable-net"]
  : thisRuntime;
