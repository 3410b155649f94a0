/** What clients and servers of the Model Context Protocol share. */

import type { JsonValue, StandardSchema } from "../../mod.ts";
import { type Dialect, jsonRpc } from "../../src/message/mod.ts";
import { ndjson } from "../../src/presets/mod.ts";

/** The version of the protocol. */
export const version = "2025-06-18";

/** The conversation goes on behind lines that are not JSON. */
export const mcp: Dialect<JsonValue> = jsonRpc(ndjson, { conventions: "mcp" });

/** How far a request is. */
export type Progress = { progress: number; total?: number; message?: string };
/** What a tool says. */
export type Content = { type: string; text?: string };
/** The result of a tool. `isError` is for the model to read. */
export type ToolResult = { content: Content[]; isError?: boolean };
/** What a tool and a prompt are called with. */
export type Arguments = Readonly<Record<string, JsonValue>>;
export type Call = { name: string; arguments?: Arguments };
type Hello = { protocolVersion: string; capabilities: Arguments };
type Program = { name: string; version: string };
type Message = { role: string; content: Content };
type Nothing = Readonly<Record<string, never>>;

/** The parameters and the result of each method; notifications have no result. */
interface Methods {
  initialize: [
    Hello & { clientInfo: Program },
    Hello & { serverInfo: Program },
  ];
  "notifications/initialized": [null, null];
  ping: [null, Nothing];
  "logging/setLevel": [{ level: string }, Nothing];
  "notifications/message": [{ level: string; data: JsonValue }, null];
  "tools/list": [null, { tools: { name: string; inputSchema: JsonValue }[] }];
  "tools/call": [Call, ToolResult | Progress]; // progress in streams only
  "resources/list": [null, { resources: { uri: string; name: string }[] }];
  "resources/read": [
    { uri: string },
    { contents: { uri: string; text?: string }[] },
  ];
  "prompts/list": [null, { prompts: { name: string }[] }];
  "prompts/get": [Call, { messages: Message[] }];
  "roots/list": [null, { roots: { uri: string; name?: string }[] }];
  "sampling/createMessage": [
    { messages: Message[]; maxTokens: number },
    Message & { model: string },
  ];
}

/** The commands of both sides. */
export type Mcp = {
  readonly [Name in keyof Methods]: {
    readonly input: StandardSchema<Methods[Name][0]>;
    readonly output: StandardSchema<Methods[Name][1]>;
  };
};
