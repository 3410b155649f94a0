// TLS over a memory network must do all that a transport does.

import { test } from "node:test";
import { memoryAdapter } from "../../../src/net/adapters/memory_adapter.ts";
import { tlsClient, TlsServer } from "../../../src/net/adapters/tls/mod.ts";
import {
  type TransportPair,
  transportTests,
} from "../../../src/testing/mod.ts";
import { makeCertificates, noOpenSsl } from "../../support/certificates.ts";
import { connected } from "../../support/connected.ts";

const address = { transport: "memory", name: "tls" } as const;
const certificates = noOpenSsl === false ? makeCertificates() : undefined;

async function pair(): Promise<TransportPair> {
  const { ca, server } = certificates!;
  const { a: below, b: accepted, dispose } = await connected(
    memoryAdapter({}),
    address,
  );
  const client = tlsClient({ ca, serverName: "localhost" }, address);
  const [a, b] = await Promise.all([
    client.secure(below),
    new TlsServer(server, 5_000).secure(accepted),
  ]);
  return { a, b, dispose };
}

for (const { name, run } of transportTests(pair)) {
  // What is sent there is refused: see `TlsTransport.finishing`.
  const skip = "Bun" in globalThis && name.includes("lets a late reply through")
    ? "TLS of Bun closes both sides when the peer closes its own"
    : noOpenSsl;
  test(`${name} [tls]`, { skip }, run);
}
