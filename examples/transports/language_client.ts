/** An editor's part: `language_client.ts -- PROGRAM [ARGUMENT ...]`. */

import { framed, NetError } from "../../mod.ts";
import { childProcess } from "../../src/net/adapters/process.ts";
import { lsp } from "../../src/presets/mod.ts";
import { misused, programArguments } from "../support/arguments.ts";

const usage =
  "language_client.ts -- PROGRAM [ARGUMENT ...]: starts a language server, and asks it for what it can do";
const [program, ...args] = programArguments(usage);
if (program === undefined) misused("Which program?", usage);

const server = framed(
  await childProcess(program, args, {
    onStderr: (chunk) =>
      console.log(`server: ${new TextDecoder().decode(chunk).trim()}`),
  }),
  lsp(),
);
const request = async (id: number, method: string) => {
  await server.send({ jsonrpc: "2.0", id, method, params: {} });
  console.log(JSON.stringify(await server.receive({ timeoutMs: 10_000 })));
};
const notify = (method: string, params = {}) =>
  server.send({ jsonrpc: "2.0", method, params });

await request(1, "initialize");
await notify("textDocument/didOpen", { textDocument: { text: "hello" } });
await request(2, "shutdown");
await notify("exit");
await server.close();
const { error } = await server.closed;
console.log(
  error instanceof NetError ? error.message : "The server has exited with 0",
);
