/** A client of MNetSocket: `client.ts [ADDRESS]`. */

import process from "node:process";
import { createClient } from "../../mod.ts";
import { unframed } from "../support/unframed.ts";
import { codec, frame, valueOf } from "./protocol.ts";

const [address = "tcp://127.0.0.1:5006"] = process.argv.slice(2);
await using connection = await createClient({ address, codec });

const parameters = { logPath: "大家伙", brainNames: "大家伙" };
await connection.send(frame("parameters", parameters, true));
await connection.send(frame("inform", { hello: "世界" }));
await connection.send(frame("request", { hello: "世界" }, true));
for (const what of ["parameters", "request"]) {
  const reply = await connection.receive();
  if (reply === undefined) throw new Error(`No reply to ${what}`);
  console.log(what, valueOf(reply));
}

await connection.send(frame("exit", null));
// The goodbye has no header: another format from here on.
const rest = await Array.fromAsync(connection.switchCodec(unframed));
console.log(
  "goodbye",
  await new Blob(rest.map((part) => new Uint8Array(part))).text(),
);
