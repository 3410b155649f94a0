// TLS between every two runtimes, each in a process of its own, and with OpenSSL and
// Python. Deno only starts them: once is enough.

import { assertEquals } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  type Certificates,
  makeCertificates,
  noOpenSsl,
} from "../support/certificates.ts";
import { projectFile } from "../support/programs.ts";
import { Child } from "./child.ts";

const runtimes: Readonly<Record<string, readonly string[]>> = {
  // `node:tls` reads the environment and files.
  Deno: [Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-read"],
  Bun: [projectFile("node_modules/.bin/bun")],
  Node: [projectFile("node_modules/.bin/node")],
};

const folder = mkdtempSync(join(tmpdir(), "framewire-tls-"));
after(() => rmSync(folder, { recursive: true }));
const certificatesFile = join(folder, "certificates.json");
let certificates: Certificates | undefined;
if (noOpenSsl === false) {
  certificates = makeCertificates();
  writeFileSync(certificatesFile, JSON.stringify(certificates));
  for (const name of ["server", "client"] as const) {
    writeFileSync(join(folder, `${name}.pem`), certificates[name].cert);
    writeFileSync(join(folder, `${name}.key`), certificates[name].key);
  }
  writeFileSync(join(folder, "ca.pem"), certificates.ca);
}

/** With TLS 1.3, a client is connected before it is refused. */
const REFUSED = ["TLS_REFUSED", "TLS_TRUNCATED", "CONNECTION_RESET"];

/** What becomes of each case. */
const expected: Readonly<Record<string, readonly string[]>> = {
  "usual": ["HELLO"],
  "an address for a name": ["HELLO"],
  "unknown authority": ["TLS_UNTRUSTED"],
  "other name": ["TLS_NAME"],
  "expired": ["TLS_EXPIRED"],
  "client certificate": ["HELLO"],
  "no client certificate": REFUSED,
  "strange client certificate": REFUSED,
  "name of several": ["HELLO"],
  "protocol": ["HELLO a"],
  "no common protocol": ["TLS_REFUSED"],
  "newest version": ["HELLO"],
  "no TLS there": ["TLS_PROTOCOL"],
  "STARTTLS": ["HELLO"],
  "half-close": ["late answer"],
  "truncation": ["TLS_TRUNCATED"],
  "plain text": ["ended"],
  "silence": ["ended"],
  "rotation": ["OLD,NEW"],
  "100 MB": ["50"],
};

for (const [serverName, serverCommand] of Object.entries(runtimes)) {
  test(`TLS of ${serverName} with clients of every runtime`, {
    skip: noOpenSsl,
  }, async () => {
    await using server = new Child([
      ...serverCommand,
      projectFile("tests/interop/tls_server.ts"),
      certificatesFile,
    ], 60_000);
    const addresses = await server.firstLine;
    const wrong: string[] = [];
    for (const [clientName, clientCommand] of Object.entries(runtimes)) {
      await using client = new Child([
        ...clientCommand,
        projectFile("tests/interop/tls_client.ts"),
        certificatesFile,
        addresses,
      ]);
      const outcomes: Record<string, string> = JSON.parse(
        await client.firstLine,
      );
      for (const [name, possible] of Object.entries(expected)) {
        const outcome = outcomes[name] ?? "nothing";
        // TLS of Bun closes both sides when the peer closes its own.
        const isBun = name === "half-close" && serverName === "Bun";
        if (isBun ? outcome === "the end" : possible.includes(outcome)) {
          continue;
        }
        wrong.push(`${name}, client of ${clientName}: ${outcome}`);
      }
    }
    assertEquals(wrong, []);
  });
}
