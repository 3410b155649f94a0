/** This runtime, as a program that `childProcess` starts. */

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { thisRuntime } from "./programs.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-"));
// Not when a file is done: Bun runs the next in the same process.
process.on("exit", () => rmSync(folder, { recursive: true }));
const [path = "", ...args] = thisRuntime;
// Deno does not start its own path with exact arguments.
const program = join(folder, "runtime");
symlinkSync(path, program);

/** The program and its first arguments. */
export const ownProgram: readonly [string, ...string[]] = [program, ...args];
