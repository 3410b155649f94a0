/** A server of the Model Context Protocol: two tools, a resource and a prompt. */

import type { AddressLike } from "../../mod.ts";
import {
  type Handlers,
  MessageError,
  type MessageServer,
  Peer,
  serveMessages,
  speak,
} from "../../src/message/mod.ts";
import { stdio } from "../../src/net/adapters/process.ts";
import { type Mcp, mcp, version } from "./mcp.ts";
import { tools } from "./mcp_tools.ts";

const inputSchema = { type: "object" };

const handlers: Handlers<Mcp> = {
  initialize: () => ({
    protocolVersion: version,
    capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} },
    serverInfo: { name: "mcp_server", version: "1.0.0" },
  }),
  ping: () => ({}),
  "logging/setLevel": () => ({}),
  "tools/list": () => ({
    tools: Object.keys(tools).map((name) => ({ name, inputSchema })),
  }),
  "tools/call": ({ name, arguments: args = {} }, context) => {
    const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
    if (tool !== undefined) return tool(args, context);
    throw new MessageError("BODY_INVALID", `Unknown tool: ${name}`);
  },
  "resources/list": () => ({ resources: [{ uri: "memo:1", name: "A memo" }] }),
  "resources/read": ({ uri }) => {
    if (uri !== "memo:1") {
      throw new MessageError("-32002", `No resource ${uri}`);
    }
    return { contents: [{ uri, text: "Buy milk" }] };
  },
  "prompts/list": () => ({ prompts: [{ name: "greet" }] }),
  "prompts/get": ({ arguments: { name = "you" } = {} }) => ({
    messages: [{
      role: "user",
      content: { type: "text", text: `Greet ${name}` },
    }],
  }),
};

/** Serves over TCP. */
export function serveMcp(address: AddressLike): Promise<MessageServer<Mcp>> {
  return serveMessages<Mcp>({ address, dialect: mcp, handlers });
}

/** Serves the program that has started this one, over standard input and output. */
export function serveMcpOverStdio(): Peer<Mcp> {
  return new Peer<Mcp>(speak(stdio(), mcp), { handlers });
}
