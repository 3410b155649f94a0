/**
 * The client of the C# and Python tutorial: `client.ts [ADDRESS] [HOW MANY]`. It
 * goes on working while replies are on their way, and connects again when the
 * server was gone.
 */

import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { reconnecting } from "../../mod.ts";
import { csharpDemo } from "../../src/presets/mod.ts";
import "../support/explain_errors.ts";

const [address = "tcp://127.0.0.1:2000", count = "5"] = process.argv.slice(2);
const hello = new TextEncoder().encode("Hello world!");
let left = Number(count);

for await (
  const connection of reconnecting({
    address,
    codec: csharpDemo(),
    onRetry: () => console.error("No server there; trying again"),
  })
) {
  // The callback: called for every reply, whenever it comes.
  const receiving = connection.forEach((reply) => {
    left--;
    console.log(new TextDecoder().decode(reply));
  });
  try {
    // What else there is to do goes here; nothing in it waits for a reply.
    for (let unsent = left; unsent > 0; unsent--) {
      await connection.send(hello);
      await setTimeout(10);
    }
    await connection.closeWrite();
    await receiving;
  } catch (error) {
    await Promise.allSettled([receiving]);
    console.error(`The connection broke: ${error}`);
  }
  if (left <= 0) break;
}
