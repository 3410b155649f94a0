/**
 * A language server over standard input and output, which an editor starts. It says
 * what it can do, and how long each document is that is opened.
 */

import process from "node:process";
import { framed } from "../../mod.ts";
import { stdio } from "../../src/net/adapters/process.ts";
import { lsp } from "../../src/presets/mod.ts";
import { programArguments } from "../support/arguments.ts";

programArguments(
  "language_server.ts: a language server over standard input and output",
);

interface Request {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly textDocument: { readonly text: string } };
}

const editor = framed(stdio(), lsp());
await editor.forEach(async (message) => {
  const { id, method, params } = message as unknown as Request;
  switch (method) {
    case "initialize":
      await editor.send({
        jsonrpc: "2.0",
        id: id ?? null,
        result: { capabilities: { textDocumentSync: 1 } },
      });
      break;
    case "textDocument/didOpen":
      // Only standard error is free for other output.
      console.error(`${params?.textDocument.text.length} characters`);
      break;
    case "shutdown":
      await editor.send({ jsonrpc: "2.0", id: id ?? null, result: null });
      break;
    case "exit":
      await editor.closeWrite(); // what was sent is written
      process.exit(0);
  }
});
process.exit(1); // the editor has gone without a word
