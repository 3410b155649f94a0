/** The programs that tests start. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
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

/** Finds a program, also where Debian has those for administrators. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return (isAbsolute(name) ? [name] : folders.map((at) => join(at, name)))
    .find((path) => existsSync(path));
}

/** Why tests are skipped that need a program; `false` where it is there. */
export function noProgram(name: string): false | string {
  return findProgram(name) === undefined && `no ${name} on this machine`;
}

/** Debian's Python, which has Debian's packages. */
export const debianPython = "/usr/bin/python3";

/** Why tests are skipped that need a package of it; `false` where it is there. */
export function noPythonPackage(name: string): false | string {
  const search = `import importlib.util as u; exit(not u.find_spec("${name}"))`;
  const { status } = spawnSync(debianPython, ["-c", search]);
  return status !== 0 && `no ${name} for ${debianPython} on this machine`;
}

/** The Node that npm has installed with the packages for development. */
export const npmNode: string = projectFile("node_modules/node/bin/node");
