// Loads modules in Chromium as `chromium.ts PROGRAM FOLDER MODULE ...`, on Node, and
// prints what each exports as `result`, one a line, as JSON.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import { lengthPrefixed, serve } from "../../mod.ts";
import { attachWebSocket } from "../../src/net/adapters/http.ts";

const [executablePath = "", folder = "", ...modules] = process.argv.slice(2);

// Browsers load modules from servers only.
const server = createServer(async ({ url = "/" }, response) => {
  const isModule = url.endsWith(".js");
  response.setHeader(
    "content-type",
    isModule ? "text/javascript" : "text/html",
  );
  response.end(isModule ? await readFile(folder + url) : "<!doctype html>");
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
const listener = attachWebSocket(server, { path: "/echo" });
const echo = await serve({
  address: listener.address,
  codec: lengthPrefixed(),
  network: { listen: () => Promise.resolve(listener) },
}, (connection) => connection.forEach((frame) => connection.send(frame)));

// Debian's runs as root in test machines, where its sandbox does not.
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${port}/`);
for (const module of modules) {
  const result = await page.evaluate(
    async (url) => (await import(url)).result,
    `/${module}`,
  );
  console.log(JSON.stringify(result));
}
await browser.close();
await echo.close();
server.close();
