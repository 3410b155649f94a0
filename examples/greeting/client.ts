/** A client of the greeting server: `client.ts [ADDRESS] [NAME ...]`. */

import { createClient } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { messagesByQuiet, unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:9999", ...given] = programArguments(
  "client.ts [ADDRESS] [NAME ...]: has each name greeted",
);
const names = given.length > 0 ? given : ["Michael", "Tracy", "Sarah"];

await using connection = await createClient({ address, codec: unframed });
const greetings = messagesByQuiet(connection);
console.log((await greetings.next()).value);
for (const name of names) {
  await connection.send(name);
  console.log((await greetings.next()).value);
}
await connection.send("exit");
