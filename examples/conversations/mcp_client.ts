/** A client of the Model Context Protocol. */

import { type Handlers, Peer, speak } from "../../src/message/mod.ts";
import type { Connection, Transport } from "../../src/net/mod.ts";
import {
  type Call,
  type Mcp,
  mcp,
  type Progress,
  type ToolResult,
  version,
} from "./mcp.ts";

/**
 * Begins the conversation with a server.
 *
 * @param streams Those of `childProcess`, or of `connect`.
 * @param handlers What the server may ask for.
 * @throws {Error} If the server speaks another version.
 */
export async function openMcp(
  streams: Transport | Connection,
  handlers: Handlers<Mcp> = {},
): Promise<Peer<Mcp>> {
  const server = new Peer<Mcp>(speak(streams, mcp), {
    handlers: { ping: () => ({}), ...handlers },
  });
  const { protocolVersion } = await server.request("initialize", {
    protocolVersion: version,
    capabilities: {
      ...(handlers["roots/list"] && { roots: {} }),
      ...(handlers["sampling/createMessage"] && { sampling: {} }),
    },
    clientInfo: { name: "mcp_client", version: "1.0.0" },
  });
  if (protocolVersion !== version) {
    await server.close();
    throw new Error(`The server speaks MCP ${protocolVersion}`);
  }
  await server.emit("notifications/initialized", null);
  return server;
}

/** Calls a tool, and tells how far it is. */
export async function callTool(
  server: Peer<Mcp>,
  call: Call,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal = new AbortController().signal,
): Promise<ToolResult | undefined> {
  let result: ToolResult | undefined;
  for await (const part of server.stream("tools/call", call, { signal })) {
    if ("content" in part) result = part;
    else onProgress(part);
  }
  return result;
}
