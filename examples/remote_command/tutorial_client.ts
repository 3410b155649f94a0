/**
 * A client for the tutorials' own servers of remote commands:
 * `tutorial_client.ts json|gbk [ADDRESS]`. Sends each line of the standard input;
 * `exit` ends. A command goes up bare, so one is sent only when the answer to the
 * one before is there.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { type Codec, createClient, mapCodec } from "../../mod.ts";
import { md5 } from "../../src/algorithms/mod.ts";
import { gbkOutput, remoteCommand } from "../../src/presets/mod.ts";
import "../support/explain_errors.ts";
import { unframed } from "../support/unframed.ts";

const [kind = "json", address = "tcp://127.0.0.1:9999"] = process.argv.slice(2);
const answers: Codec<never, string> = kind === "gbk"
  ? gbkOutput()
  : mapCodec(remoteCommand({ digest: md5 }), {
    name: "remoteCommand",
    // The MD5 in the header has been compared already.
    decode: ({ body }) => new TextDecoder().decode(body),
    encode: (frame: never) => frame,
  });
const codec: Codec<string, string> = {
  ...answers,
  encoder: unframed.encoder,
  encode: unframed.encode,
};
const connection = await createClient({ address, codec });

for await (const line of createInterface({ input: process.stdin })) {
  const command = line.trim();
  if (command === "") continue;
  if (command === "exit") break;
  await connection.send(command);
  const answer = await connection.receive();
  if (answer === undefined) {
    throw new Error("The server has closed the connection");
  }
  console.log(answer.trimEnd());
}
await connection.close();
// On Deno a standard input that is still open would keep the program alive.
process.exit();
