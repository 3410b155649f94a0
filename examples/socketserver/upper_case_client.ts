/**
 * A client of the upper-case server: `upper_case_client.ts [ADDRESS]`. Sends each
 * line of the standard input; `quit` ends. An answer has as many bytes as what
 * was sent, so it can be read whole, however it was cut.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { createClient } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { unframed } from "../support/unframed.ts";

const [address = "tcp://127.0.0.1:8080"] = programArguments(
  "upper_case_client.ts [ADDRESS]: sends each line of the standard input; quit ends",
);
const connection = await createClient({ address, codec: unframed });

console.log("Type a message; quit ends");
for await (const line of createInterface({ input: process.stdin })) {
  const text = line.trim();
  if (text === "") continue;
  if (text === "quit") break;
  const bytes = new TextEncoder().encode(text);
  await connection.send(bytes);
  const answer = await new Response(connection.receiveBytes(bytes.length))
    .text();
  console.log(`收到服务端发来的消息: ${answer}`);
}
await connection.close();
// On Deno a standard input that is still open would keep the program alive.
process.exit();
