/** Servers on every runtime, with clients of every runtime, each in its own process. */

import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import { projectFile } from "../support/programs.ts";
import { Child } from "./child.ts";

const runtimes: Readonly<Record<string, readonly string[]>> = {
  // The programs read the file of the certificates.
  Deno: [Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-read"],
  Bun: [projectFile("node_modules/.bin/bun")],
  Node: [projectFile("node_modules/.bin/node")],
};

/** What becomes of a case: one of these, with a server of that runtime. */
export type Outcomes = (server: string) => readonly string[];

/**
 * Tests a protocol between every two runtimes: `<program>_server.ts CERTIFICATES`
 * prints the addresses of its servers, and `<program>_client.ts CERTIFICATES
 * ADDRESSES` what became of each case, both as JSON.
 *
 * @param title What is tested.
 * @param program The beginning of the names of the two programs.
 * @param expected What becomes of each case.
 */
export function testPairs(
  title: string,
  program: string,
  expected: Readonly<Record<string, readonly string[] | Outcomes>>,
): void {
  const file = (role: string) =>
    projectFile(`tests/interop/${program}_${role}.ts`);
  for (const [serverName, serverCommand] of Object.entries(runtimes)) {
    test(`${title} of ${serverName} with clients of every runtime`, {
      skip: noOpenSsl,
    }, async () => {
      using certificates = certificatesFile();
      const { path } = certificates;
      await using server = new Child(
        [...serverCommand, file("server"), path],
        60_000,
      );
      const addresses = await server.firstLine;
      const wrong: string[] = [];
      for (const [clientName, clientCommand] of Object.entries(runtimes)) {
        await using client = new Child(
          [...clientCommand, file("client"), path, addresses],
        );
        const outcomes: Record<string, string> = JSON.parse(
          await client.firstLine,
        );
        for (const [name, possible] of Object.entries(expected)) {
          const outcome = outcomes[name] ?? "nothing";
          const allowed = typeof possible === "function"
            ? possible(serverName)
            : possible;
          if (allowed.includes(outcome)) continue;
          wrong.push(`${name}, client of ${clientName}: ${outcome}`);
        }
      }
      assertEquals(wrong, []);
    });
  }
}

/** A file with certificates in JSON, for programs. */
function certificatesFile(): Disposable & { readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), "framewire-pairs-"));
  const path = join(folder, "certificates.json");
  writeFileSync(path, JSON.stringify(makeCertificates()));
  return {
    path,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
