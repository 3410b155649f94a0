/** Runs a tree of processes, prints their ids, and exits while they run. */

import process from "node:process";
import { connectCommands, serveCommands } from "../../src/exec/mod.ts";
import { firstOutput, script } from "./support.ts";

const server = await serveCommands({
  address: { port: 0 },
  commands: { tree: script("sleep 1000 & echo $$ $!; wait") },
});
const client = await connectCommands({ address: server.address });
process.stdout.write(
  await firstOutput(client.run("tree")),
  () => process.exit(5),
);
