/**
 * Answers “who” with the id of its process, at a port that others may listen at, until
 * it gets SIGTERM.
 */

import process from "node:process";
import { serveMessages } from "../../src/message/mod.ts";

const server = await serveMessages({
  address: { port: Number(process.argv[2]) },
  reusePort: true,
  handlers: { who: () => process.pid },
});
process.on("SIGTERM", async () => {
  await server.close();
  await server.drained;
  process.exit();
});
const { address } = server;
console.log(JSON.stringify({ pid: process.pid, address }));
