// The logger of util-linux, which every Debian has.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { test } from "node:test";
import { serve } from "../../mod.ts";
import { syslogOctetCounting } from "../../src/presets/mod.ts";
import { Child } from "../interop/child.ts";
import { needs } from "./peer.ts";

const options = needs("no logger of util-linux here", "logger", "--version");

test(
  "syslogOctetCounting() reads what logger --octet-count sends",
  options,
  async () => {
    const texts = ["HI", "你好 10 x"];
    const received: string[] = [];
    const all = Promise.withResolvers<void>();
    await using server = await serve({
      address: { port: 0 },
      codec: syslogOctetCounting(),
    }, async (connection) => {
      for await (const message of connection) {
        received.push(new TextDecoder().decode(message));
        if (received.length === texts.length) all.resolve();
      }
    });
    assert(server.address.transport === "tcp");
    for (const text of texts) {
      await using child = new Child([
        "logger",
        "--octet-count",
        "--tcp",
        "--server=127.0.0.1",
        `--port=${server.address.port}`,
        "--rfc3164",
        "--tag=app",
        text,
      ]);
      const { code, output } = await child.ended;
      assertEquals(code, 0, output);
    }
    await all.promise;
    for (const message of received) assert(message.startsWith("<13>"), message);
    assertStringIncludes(received.join("\n"), "app: HI");
    assertStringIncludes(received.join("\n"), "app: 你好 10 x");
  },
);
