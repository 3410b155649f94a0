/** An editor's part in a conversation with a language server. */

import type * as protocol from "vscode-languageserver-protocol";
import {
  type CommandsOf,
  jsonRpc,
  type MethodDescription,
  Peer,
  speak,
} from "../../src/message/mod.ts";
import type { Connection, Transport } from "../../src/net/mod.ts";
import { lsp } from "../../src/presets/mod.ts";

/** A language server. Requests and events have the types of the protocol. */
export type LanguageServer = Peer<
  CommandsOf<
    Extract<(typeof protocol)[keyof typeof protocol], MethodDescription>
  >
>;

/**
 * Begins the conversation.
 *
 * @param streams Those of the server, for example of `childProcess`.
 * @param rootUri The URL of the folder that is edited.
 * @param onEdit Makes an edit that the server asks for; returns whether it could.
 */
export async function openEditor(
  streams: Transport | Connection,
  rootUri: string,
  onEdit: (edit: protocol.WorkspaceEdit) => boolean = () => false,
): Promise<LanguageServer> {
  const server: LanguageServer = new Peer(
    speak(streams, jsonRpc(lsp(), { conventions: "lsp" })),
  );
  server.on("workspace/configuration", ({ items }) => items.map(() => null));
  server.on("client/registerCapability", () => undefined);
  server.on("window/workDoneProgress/create", () => undefined);
  server.on("workspace/applyEdit", ({ edit }) => ({ applied: onEdit(edit) }));
  await server.request("initialize", {
    processId: null,
    rootUri,
    capabilities: {
      workspace: { applyEdit: true, configuration: true },
      textDocument: { publishDiagnostics: {} },
      window: { workDoneProgress: true },
    },
  });
  await server.emit("initialized", {});
  return server;
}

/** Ends the server, which exits with 0 then. */
export async function closeEditor(server: LanguageServer): Promise<void> {
  await server.request("shutdown", null);
  await server.emit("exit", null);
  await server.close();
}
