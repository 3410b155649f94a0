/** This runtime, as a program that `childProcess` starts. */

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { thisRuntime } from "./programs.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-"));
after(() => rmSync(folder, { recursive: true }));
const [path = "", ...args] = thisRuntime;
// Deno does not start its own path with exact arguments.
const program = join(folder, "runtime");
symlinkSync(path, program);

/** The program and its first arguments. */
export const ownProgram: readonly [string, ...string[]] = [program, ...args];
