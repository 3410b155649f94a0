/**
 * An echo server whose port other processes share: `sharing.ts PORT ROUNDS`, port 0 for a
 * free one. Each frame is hashed ROUNDS times, for a handler that has work to do. Prints
 * its port.
 */
import { createHash } from "node:crypto";
import process from "node:process";
import { lengthPrefixed, serve } from "../../mod.ts";

const [port, rounds] = process.argv.slice(2).map(Number);
const { address } = await serve({
  address: { port: port ?? 0 },
  codec: lengthPrefixed(),
  reusePort: true,
}, (connection) =>
  connection.forEach((frame) => {
    for (let i = 0; i < (rounds ?? 0); i++) {
      createHash("sha256").update(frame).digest();
    }
    return connection.send(frame);
  }));
console.log("port" in address ? address.port : address.transport);
