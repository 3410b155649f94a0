/**
 * The client of the lesson on sockets and threads: `client.ts [ADDRESS]`. Sends
 * each line of the standard input; `q` ends.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { createClient } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { messagesByQuiet, unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:6666"] = programArguments(
  "client.ts [ADDRESS]: sends each line of the standard input; q ends",
);
const connection = await createClient({ address, codec: unframed });
const replies = messagesByQuiet(connection);

console.log("Type a message; q ends");
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "") {
    console.log("Not allowed to send an empty message!");
    continue;
  }
  await connection.send(line);
  if (line === "q") break;
  const { done, value } = await replies.next();
  if (done) throw new Error("The server has closed the connection");
  console.log(value);
}
await connection.close();
// On Deno a standard input that is still open would keep the program alive.
process.exit();
