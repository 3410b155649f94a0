/**
 * The client of the C# and Python tutorial: `client.ts [ADDRESS] [HOW MANY]`. It
 * goes on working while replies are on their way, and connects again when the
 * server was gone.
 */

import { setTimeout } from "node:timers/promises";
import { reconnecting } from "../../mod.ts";
import { csharpDemo } from "../../src/presets/mod.ts";
import { misused, programArguments } from "../support/arguments.ts";

const usage =
  "client.ts [ADDRESS] [HOW MANY]: sends so many messages, and prints the replies";
const [address = "tcp://127.0.0.1:2000", count = "5"] = programArguments(usage);
const hello = new TextEncoder().encode("Hello world!");
let left = Number(count);
if (!Number.isSafeInteger(left) || left < 1) {
  misused(
    `Cannot send ${count} messages: expected a whole number from 1`,
    usage,
  );
}

for await (
  const connection of reconnecting({
    address,
    codec: csharpDemo(),
    onRetry: (error) =>
      console.error(`${error ?? "The server has gone"}; trying again`),
  })
) {
  // The callback: called for every reply, whenever it comes.
  const receiving = connection.forEach((reply) => {
    left--;
    console.log(new TextDecoder().decode(reply));
  });
  try {
    // Other work goes here. It does not wait for replies.
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
