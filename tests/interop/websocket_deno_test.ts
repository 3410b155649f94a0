// WebSocket between every two runtimes, each in a process of its own. Deno only starts
// them: once is enough.

import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import { projectFile } from "../support/programs.ts";
import { Child } from "./child.ts";

const runtimes: Readonly<Record<string, readonly string[]>> = {
  Deno: [Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-read"],
  Bun: [projectFile("node_modules/.bin/bun")],
  Node: [projectFile("node_modules/.bin/node")],
};

const folder = mkdtempSync(join(tmpdir(), "framewire-ws-"));
after(() => rmSync(folder, { recursive: true }));
const certificatesFile = join(folder, "certificates.json");
if (noOpenSsl === false) {
  writeFileSync(certificatesFile, JSON.stringify(makeCertificates()));
}

/** What becomes of each case. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "a message": ["5 bytes"],
  "an empty message": ["0 bytes"],
  "2 MiB": [`${2 ** 21} bytes`],
  "a text": ["5 bytes"],
  "a text over the limit": ["WS_CLOSED"],
  "over TLS": ["5 bytes"],
  "bytes": ["hello"],
  "silence": ["5 bytes"],
  "another path": ["WS_REFUSED"],
  "half-close": ["undefined local undefined"],
  // Deno has no reset. The connection is not taken for one that was closed.
  "a reset": ["CONNECTION_RESET", "WS_TRUNCATED"],
  "100 MB": ["50"],
};

for (const [serverName, serverCommand] of Object.entries(runtimes)) {
  test(`WebSocket of ${serverName} with clients of every runtime`, {
    skip: noOpenSsl,
  }, async () => {
    await using server = new Child([
      ...serverCommand,
      projectFile("tests/interop/websocket_server.ts"),
      certificatesFile,
    ], 60_000);
    const addresses = await server.firstLine;
    const wrong: string[] = [];
    for (const [clientName, clientCommand] of Object.entries(runtimes)) {
      await using client = new Child([
        ...clientCommand,
        projectFile("tests/interop/websocket_client.ts"),
        certificatesFile,
        addresses,
      ]);
      const outcomes: Record<string, string> = JSON.parse(
        await client.firstLine,
      );
      for (const [name, possible] of Object.entries(expected)) {
        const outcome = outcomes[name] ?? "nothing";
        if (possible.includes(outcome)) continue;
        wrong.push(`${name}, client of ${clientName}: ${outcome}`);
      }
    }
    assertEquals(wrong, []);
  });
}
