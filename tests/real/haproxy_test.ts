/** A real HAProxy in front of a server, with both versions of the PROXY protocol. */

import { assert, assertEquals } from "@std/assert";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  connect,
  createClient,
  formatAddress,
  lines,
  listen,
  type NetError,
  serve,
} from "../../mod.ts";
import { until } from "../support/until.ts";

const skip = spawnSync("haproxy", ["-v"]).status !== 0 &&
  "HAProxy is not installed";

/** A port that is free now. */
async function freePort(): Promise<number> {
  await using listener = await listen({ port: 0 });
  assert(listener.address.transport === "tcp");
  return listener.address.port;
}

for (const send of ["send-proxy", "send-proxy-v2"]) {
  test(
    `serve() has the client's address behind HAProxy with ${send}`,
    { skip },
    async () => {
      const errors: unknown[] = [];
      await using server = await serve({
        address: { port: 0 },
        codec: lines(),
        proxyProtocol: { trusted: ["127.0.0.1"] },
        onError: (error) => errors.push(error),
      }, async (connection) => {
        await connection.send(formatAddress(connection.remoteAddress));
        await connection.forEach((line) => connection.send(`> ${line}`));
      });
      assert(server.address.transport === "tcp");
      const port = await freePort();
      const folder = mkdtempSync(join(tmpdir(), "framewire-haproxy-"));
      const config = join(folder, "haproxy.cfg");
      writeFileSync(
        config,
        `defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen frames
  bind 127.0.0.1:${port}
  server one 127.0.0.1:${server.address.port} ${send} check inter 50ms
`,
      );
      const proxy = spawn("haproxy", ["-db", "-f", config], {
        stdio: "ignore",
      });
      const ended = once(proxy, "exit");
      try {
        const to = { port };
        await until(() =>
          connect(to).then((probe) => (probe.abort(), true), () => false)
        );
        await using client = await createClient({
          address: to,
          codec: lines(),
        });
        assertEquals(
          await client.receive(),
          formatAddress(client.localAddress),
        );
        await client.send("hello");
        assertEquals(await client.receive(), "> hello");
        // Its checks have headers, too; some are reset before the header is read.
        const { accepted } = server.stats().connections;
        await until(() => server.stats().connections.accepted > accepted + 1);
        const codes = new Set(errors.map((error) => (error as NetError).code));
        codes.delete("CONNECTION_RESET");
        assertEquals([...codes], []);
      } finally {
        proxy.kill("SIGKILL");
        await ended;
        rmSync(folder, { recursive: true });
      }
    },
  );
}
