/** The configuration of NATS that docs/scale-out.md recommends, on a real server. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { backplaneTests } from "../../src/testing/mod.ts";
import { makeCertificates, noOpenSsl } from "../support/certificates.ts";
import { NatsServer, needsNats } from "../support/nats_server.ts";
import { projectFile } from "../support/programs.ts";

const text = readFileSync(projectFile("examples/chat/nats.conf"), "utf8");
const node = { user: "node", pass: "secret" };

/** Replaces a part that must be there. */
function replaced(from: string, to: string, all = text): string {
  assertStringIncludes(all, from);
  return all.replace(from, () => to);
}

/** The file as it is, but for the folder; the password is in the environment. */
function configure(store: string): string {
  return replaced("/var/lib/nats", store);
}

/** Starts a server with the file. */
async function start(
  configuration: (store: string) => string = configure,
): Promise<NatsServer> {
  process.env.NODE_PASSWORD = node.pass;
  return await NatsServer.start({ configure: configuration });
}

// Those that use all subjects between them.
const needed =
  /^(send.. reaches|listen|append|watch|read|swap|registers|subscribe|request.. brings)/;
const tests = backplaneTests(async () => {
  const server = await start();
  return {
    engine: () => server.engine({}, node),
    cut: () => server.kill(),
    restore: () => server.start(),
    dispose: () => server[Symbol.asyncDispose](),
  };
}, { cuts: true }).filter(({ name }) => needed.test(name));
for (const { name, run } of tests) {
  test(`nats.conf lets a node do its work: ${name}`, needsNats, run);
}

test(
  "nats.conf lets a node read a long topic, with flow control",
  needsNats,
  async () => {
    await using server = await start();
    const engine = await server.engine({}, node);
    const bytes = new Uint8Array(65_536);
    for (let i = 0; i < 200; i++) await engine.append("long", bytes, undefined);
    const { messages } = await engine.read("long", undefined, Infinity);
    assertEquals(messages.length, 200);
  },
);

test(
  "nats.conf refuses strangers, and nodes what they do not need",
  needsNats,
  async () => {
    await using server = await start();
    for (const stranger of [{}, { ...node, pass: "wrong" }]) {
      const error = await assertRejects(() => server.connect(stranger), Error);
      assertStringIncludes(error.message, "uthorization");
    }
    await server.engine({}, node);
    const connection = await server.connect(node);
    for (
      const subject of [
        "other.c.x",
        "$JS.API.STREAM.DELETE.framewire-topics",
        "$JS.API.STREAM.PURGE.framewire-topics",
        "$JS.API.STREAM.CREATE.other",
      ]
    ) {
      const error = await assertRejects(
        () => connection.request(subject, "{}", { timeout: 2_000 }),
        Error,
      );
      assertStringIncludes(error.message, "ermissions", subject);
    }
  },
);

test("nats.conf has TLS when its lines are no comments", {
  skip: needsNats.skip ?? noOpenSsl,
}, async () => {
  const { server: { cert, key }, ca } = makeCertificates();
  await using server = await start((store) => {
    writeFileSync(join(store, "cert.pem"), String(cert));
    writeFileSync(join(store, "key.pem"), String(key));
    return [
      ["#tls", "tls"],
      ["/etc/nats/server.pem", join(store, "cert.pem")],
      ["/etc/nats/server.key", join(store, "key.pem")],
    ].reduce(
      (all, [from = "", to = ""]) => replaced(from, to, all),
      configure(store),
    );
  });
  const servers = `localhost:${server.port}`;
  const engine = await server.engine({}, { ...node, servers, tls: { ca } });
  await engine.append("news", new Uint8Array([1]), undefined);
  // The authority of the certificate is not known to the system.
  await assertRejects(
    () => server.connect({ ...node, servers, tls: {} }),
    Error,
  );
});
