/**
 * A language server over standard input and output, which an editor starts. It says
 * what it can do, and how long each document is that is opened.
 */

import process from "node:process";
import { jsonRpc, Peer, speak, typed } from "../../src/message/mod.ts";
import { stdio } from "../../src/net/adapters/process.ts";
import { lsp } from "../../src/presets/mod.ts";
import { programArguments } from "../support/arguments.ts";

programArguments(
  "language_server.ts: a language server over standard input and output",
);

const editor = new Peer(
  speak(stdio(), jsonRpc(lsp(), { conventions: "lsp" })),
  {
    commands: {
      initialize: {},
      shutdown: {},
      "textDocument/didOpen": {
        input: typed<{ textDocument: { text: string } }>(),
      },
    },
    handlers: {
      initialize: () => ({ capabilities: { textDocumentSync: 1 } }),
      shutdown: () => null,
    },
  },
);
editor.onEvent("textDocument/didOpen", ({ textDocument }) =>
  // Only standard error is free for other output.
  console.error(`${textDocument.text.length} characters`));
let status = 1; // the editor has gone without a word
editor.onEvent("exit", () => {
  status = 0;
  void editor.close(); // what was sent is written
});
await editor.closed;
process.exit(status);
