/** Sends one message and waits for the end: `one_read_client.ts [ADDRESS] [MESSAGE]`. */

import { createClient } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:9999", message = "hello"] = programArguments(
  "one_read_client.ts [ADDRESS] [MESSAGE]: sends one message",
);
await using connection = await createClient({ address, codec: unframed });
await connection.send(message);
await connection.forEach(() => {});
console.log("The server has closed the connection");
