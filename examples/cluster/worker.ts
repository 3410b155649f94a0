/**
 * One process of a cluster: `worker.ts ADDRESS JOURNAL`. It listens at an address that
 * others listen at, and writes each number that it is sent to the end of a file. When it
 * gets SIGTERM, or its standard input ends, it answers what is under way and ends.
 */

import { openSync, writeSync } from "node:fs";
import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveMessages } from "../../src/message/mod.ts";
import { programArguments } from "../support/arguments.ts";

const [address = "tcp://127.0.0.1:6700", file = "/dev/null"] = programArguments(
  "worker.ts [ADDRESS] [JOURNAL]: a process of the cluster",
);
const journal = openSync(file, "a");
const server = await serveMessages({
  address,
  reusePort: true,
  handlers: {
    hello: () => process.pid,
    // It has an effect, so it must not be done twice.
    async write(number) {
      await new Promise((resolve) => setTimeout(resolve, 2)); // its work
      writeSync(journal, `${number}\n`);
      return process.pid;
    },
  },
});
const close = () => void server.close();
process.on("SIGTERM", close);
process.stdin.on("end", close).resume();
console.log(formatAddress(server.address));
await server.drained;
process.exit();
