/**
 * An echo server for any runtime: `echo_server.ts ADDRESS`. Prints the address
 * it really has. Closes in good order on SIGTERM, and when its standard input
 * ends: then the process ends by itself, if nothing was left open.
 */

import process from "node:process";
import { formatAddress, lengthPrefixed, serve } from "../../mod.ts";

const [address = "tcp://127.0.0.1:0"] = process.argv.slice(2);
const server = await serve(
  { address, codec: lengthPrefixed() },
  (connection) => connection.forEach((frame) => connection.send(frame)),
);
process.stdin.once("end", () => void server.close()).resume();
process.once("SIGTERM", () => {
  // What waits for the standard input would keep the process alive.
  void server.close().then(() => process.exit());
});
console.log(formatAddress(server.address));
