// Which pages may connect to `listen` over a WebSocket.

import { assertEquals } from "@std/assert";
import { request } from "node:http";
import { test } from "node:test";
import { runCommand, RunningCommand } from "../support/command.ts";

/** The status that a page of an origin gets. */
function statusFor(origin: string, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(address.replace("ws:", "http:"), {
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        origin,
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    asked.on("error", reject);
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.end();
  });
}

for (
  const [args, statuses] of [
    [[], [403, 403]],
    [["--origin", "null"], [101, 403]],
    [["--origin", "null", "--origin", "https://example.org"], [101, 101]],
  ] satisfies [string[], number[]][]
) {
  test(`listen ${args.join(" ")} lets pages connect when their origin is listed`, async () => {
    const listener = new RunningCommand([
      "listen",
      "ws://127.0.0.1:0",
      ...args,
    ]);
    try {
      const address = await listener.address();
      assertEquals([
        await statusFor("null", address),
        await statusFor("https://example.org", address),
      ], statuses);
    } finally {
      listener.interrupt();
    }
    await listener.result();
  });
}

test("listen refuses --origin when the address is none of WebSockets", async () => {
  const { code, stderr } = await runCommand(
    ["listen", "tcp://127.0.0.1:0", "--origin", "null"],
  );
  assertEquals(code, 2);
  assertEquals(
    stderr.split("\n")[0]?.replace("framewire: ", ""),
    "Cannot use --origin: expected an address of WebSockets, ws:// or wss://",
  );
});
