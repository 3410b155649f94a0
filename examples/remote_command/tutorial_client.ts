/**
 * A client for the tutorials' own servers of remote commands:
 * `tutorial_client.ts [json|gbk] [ADDRESS]`. Sends each line of the standard input;
 * `exit` ends. A command goes up bare, so one is sent only when the answer to the
 * one before is there.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { type Codec, createClient, mapCodec } from "../../mod.ts";
import { md5 } from "../../src/algorithms/mod.ts";
import { gbkOutput, remoteCommand } from "../../src/presets/mod.ts";
import { misused, programArguments } from "../support/arguments.ts";
import { unframed } from "../support/unframed.ts";

const usage =
  "tutorial_client.ts [json|gbk] [ADDRESS]: sends each line of the standard input as a command; exit ends";
const given = programArguments(usage);
// The kind can be left out, and so can the address.
const isKind = /^\w*$/.test(given[0] ?? "");
const kind = isKind ? given.shift() ?? "json" : "json";
if (kind !== "json" && kind !== "gbk") {
  misused(`Cannot talk to a server of the kind ${kind}`, usage);
}
const [
  address = kind === "gbk" ? "tcp://127.0.0.1:8080" : "tcp://127.0.0.1:9999",
] = given;
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
