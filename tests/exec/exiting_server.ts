/** Runs a tree of processes, prints their ids, and ends while they run. */

import process from "node:process";
import { connectCommands, serveCommands } from "../../src/exec/mod.ts";
import { firstOutput, script } from "./support.ts";

const server = await serveCommands({
  address: { port: 0 },
  commands: { tree: script("sleep 1000 & echo $$ $!; wait") },
});
const client = await connectCommands({ address: server.address });
const pids = await firstOutput(client.run("tree"));
process.stdout.write(pids, () => {
  // A task of its own: what is thrown here is caught by nobody.
  setTimeout(() => end(process.argv[2] ?? ""), 0);
});

function end(how: string): void {
  if (how === "error") throw new Error("on purpose");
  if (how === "rejection") void Promise.reject(new Error("on purpose"));
  else if (how === "Deno.exit()") Deno.exit(5);
  else process.exit(5);
}
