// TLS with OpenSSL's own programs, and with Python's ssl.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test as anyTest } from "node:test";
import {
  createClient,
  lines,
  NetError,
  serve,
  type Server,
  type ServerTls,
} from "../../../mod.ts";
import { Child } from "../../interop/child.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { projectFile, python } from "../../support/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "framewire-tls-"));
after(() => rmSync(folder, { recursive: true }));
const certificates = noOpenSsl === false ? makeCertificates() : undefined;
if (certificates !== undefined) {
  for (const name of ["server", "client", "otherName"] as const) {
    writeFileSync(join(folder, `${name}.pem`), certificates[name].cert);
    writeFileSync(join(folder, `${name}.key`), certificates[name].key);
  }
  writeFileSync(join(folder, "ca.pem"), certificates.ca);
}

function test(
  name: string,
  run: () => Promise<void>,
  skip: string | false = noOpenSsl,
): void {
  anyTest(name, { skip }, run);
}

function file(name: string): string {
  return join(folder, name);
}

function shouting(tls: Partial<ServerTls> = {}): Promise<Server<string>> {
  return serve({
    address: { port: 0 },
    codec: lines(),
    tls: { ...certificates!.server, ...tls },
    onError: () => undefined,
  }, (connection) =>
    connection.forEach((line) => {
      const who = connection.tls?.peer?.commonName ?? "nobody";
      return connection.send(`${who}: ${line.toUpperCase()}`);
    }));
}

/** What `openssl s_client` prints when it has sent a line. */
async function sClient(
  { address }: Server<string>,
  ...options: readonly string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  assert(address.transport === "tls");
  await using child = new Child([
    ...["openssl", "s_client", "-connect", `127.0.0.1:${address.port}`],
    ...["-CAfile", file("ca.pem"), "-verify_return_error", "-ign_eof"],
    ...options,
  ]);
  child.write("hello\n");
  // It goes on until the server refuses it.
  return await child.printed("HELLO")
    .then(() => child.stop("SIGTERM"), () => child.ended);
}

const mutual = {
  clientCertificate: "required",
  clientCa: certificates?.ca ?? "",
} as const;
const alice = ["-cert", "client.pem", "-key", "client.key"]
  .map((word) => word.startsWith("-") ? word : file(word));

for (const version of ["-tls1_2", "-tls1_3"]) {
  test(`serve() answers openssl s_client ${version}`, async () => {
    await using server = await shouting();
    const { output } = await sClient(server, version);
    assertStringIncludes(output, "nobody: HELLO");
    assertStringIncludes(output, "Verify return code: 0 (ok)");
  });

  test(`serve() asks openssl s_client ${version} for its certificate`, async () => {
    await using server = await shouting(mutual);
    const known = await sClient(server, version, ...alice);
    assertStringIncludes(known.output, "alice: HELLO");
    const unknown = await sClient(server, version);
    assert(!unknown.output.includes("HELLO"), unknown.output);
  });
}

test("serve() with minVersion refuses openssl s_client -tls1_2", async () => {
  await using server = await shouting({ minVersion: "TLSv1.3" });
  const { code, output } = await sClient(server, "-tls1_2");
  assert(!output.includes("HELLO"), output);
  assert(code !== 0, output);
});

test("serve() shows openssl s_client the certificate of the name it asks for", async () => {
  await using server = await shouting({
    alpn: ["lines"],
    names: { "other.test": certificates!.otherName },
  });
  const options = ["-servername", "other.test", "-alpn", "none,lines"];
  const { output } = await sClient(server, ...options);
  assertStringIncludes(output, "other.test");
  assertStringIncludes(output, "ALPN protocol: lines");
  assertStringIncludes(output, "nobody: HELLO");
});

for (const version of ["-tls1_2", "-tls1_3"]) {
  test(`createClient() speaks to openssl s_server ${version}`, async () => {
    await using child = new Child([
      ...["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", version],
      ...["-cert", file("server.pem"), "-key", file("server.key")],
      ...["-CAfile", file("ca.pem"), "-Verify", "1", "-verify_return_error"],
    ]);
    await child.printed("ACCEPT 127.0.0.1:");
    const port = Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(child.output)?.[1]);
    const options = {
      address: `tls://127.0.0.1:${port}`,
      codec: lines(),
    };
    const { ca, client: identity } = certificates!;
    const tls = { ca, serverName: "localhost", ...identity };
    await using client = await createClient({ ...options, tls });
    assertEquals(
      client.tls?.version,
      version === "-tls1_2" ? "TLSv1.2" : "TLSv1.3",
    );
    await client.send("hello");
    assertEquals(await client.receive(), "olleh");
    client.abort();
  });
}

test("createClient() with minVersion refuses openssl s_server -tls1_2", async () => {
  await using child = new Child([
    ...["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-tls1_2"],
    ...["-cert", file("server.pem"), "-key", file("server.key")],
  ]);
  await child.printed("ACCEPT 127.0.0.1:");
  const port = Number(/ACCEPT 127\.0\.0\.1:(\d+)/.exec(child.output)?.[1]);
  const { ca } = certificates!;
  try {
    const client = await createClient({
      address: { transport: "tls", port },
      codec: lines(),
      tls: { ca, serverName: "localhost", minVersion: "TLSv1.3" },
    });
    client.abort();
  } catch (error) {
    assert(error instanceof NetError, String(error));
    assertStringIncludes("TLS_PROTOCOL TLS_REFUSED", error.code);
    return;
  }
  throw new Error("It was not refused");
});

const noPython = noOpenSsl || (python === "" && "Python 3 is not installed");

test("createClient() speaks to Python's ssl", async () => {
  await using child = new Child([
    python,
    projectFile("tests/net/tls/peer.py"),
    "server",
    folder,
  ]);
  const port = Number(await child.firstLine);
  const { ca, client: identity } = certificates!;
  await using client = await createClient({
    address: `tls://127.0.0.1:${port}`,
    codec: lines(),
    tls: { ca, serverName: "localhost", alpn: ["lines"], ...identity },
  });
  assertEquals(client.tls?.alpn, "lines");
  await client.send("hello");
  assertEquals(await client.receive(), "alice: HELLO");
  await client.closeWrite();
  assertEquals(await client.receive(), undefined);
  assertEquals(await client.closed, { by: "local" });
  assertEquals((await child.ended).code, 0);
}, noPython);

test("serve() speaks to Python's ssl", async () => {
  await using server = await shouting({ ...mutual, alpn: ["lines"] });
  const { address } = server;
  assert(address.transport === "tls");
  await using child = new Child([
    python,
    projectFile("tests/net/tls/peer.py"),
    "client",
    folder,
    `${address.port}`,
  ]);
  const { code, output } = await child.ended;
  assertEquals(code, 0, output);
  assertStringIncludes(output, "alice: HELLO TLSv1.3 lines");
}, noPython);
