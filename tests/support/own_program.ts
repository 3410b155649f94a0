/** This runtime, as a program that `childProcess` starts. */

import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { thisRuntime } from "./programs.ts";

/** The program and its first arguments. */
export const ownProgram: readonly [string, ...string[]] = [
  "Deno" in globalThis ? linkTo(thisRuntime[0]!) : thisRuntime[0]!,
  ...thisRuntime.slice(1),
];

/** Another path of a program: Deno does not start its own with exact arguments. */
function linkTo(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), "framewire-"));
  after(() => rmSync(folder, { recursive: true }));
  const link = join(folder, "deno");
  symlinkSync(path, link);
  return link;
}
