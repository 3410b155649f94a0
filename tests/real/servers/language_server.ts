/** The language server of TypeScript. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { childProcess } from "../../../src/net/adapters/process.ts";
import type { Transport } from "../../../src/net/mod.ts";
import { noProgram, npmNode, projectFile } from "../../support/programs.ts";

/** Why tests with the language server are skipped; `false` where they are not. */
export const noLanguageServer: false | string = noProgram(npmNode);

/** Starts `typescript-language-server` over its standard streams. */
export function startLanguageServer(): Promise<Transport> {
  return childProcess(npmNode, [
    projectFile("node_modules/typescript-language-server/lib/cli.mjs"),
    "--stdio",
  ], { onStderr: () => undefined });
}

/** A project of TypeScript for a language server. */
export interface Workspace extends Disposable {
  /** The URL of its folder. */
  readonly rootUri: string;
  /** The URL of a file in it. */
  uriOf(name: string): string;
}

/** Writes files into a folder of their own, which is removed at the end. */
export function workspace(files: Readonly<Record<string, string>>): Workspace {
  const folder = mkdtempSync(join(tmpdir(), "framewire-workspace-"));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  return {
    rootUri: pathToFileURL(folder).href,
    uriOf: (name) => pathToFileURL(join(folder, name)).href,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
