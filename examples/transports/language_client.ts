/** An editor's part: `language_client.ts -- PROGRAM [ARGUMENT ...]`. */

import { NetError } from "../../mod.ts";
import { jsonRpc, Peer, speak } from "../../src/message/mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";
import { lsp } from "../../src/presets/mod.ts";
import { misused, programArguments } from "../support/arguments.ts";

const usage =
  "language_client.ts -- PROGRAM [ARGUMENT ...]: starts a language server, and asks it for what it can do";
const [program, ...args] = programArguments(usage);
if (program === undefined) misused("Which program?", usage);

const streams = await childProcess(program, args, {
  onStderr: (chunk) =>
    console.log(`server: ${new TextDecoder().decode(chunk).trim()}`),
});
const server = new Peer(speak(streams, jsonRpc(lsp(), { conventions: "lsp" })));

console.log(JSON.stringify(await server.request("initialize", {})));
await server.emit("textDocument/didOpen", { textDocument: { text: "hello" } });
console.log(JSON.stringify(await server.request("shutdown", null)));
await server.emit("exit", null);
await server.close();
const { error } = await server.closed;
console.log(
  error instanceof NetError ? error.message : "The server has exited with 0",
);
