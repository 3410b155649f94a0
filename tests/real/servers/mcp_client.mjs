/**
 * The client of the MCP SDK: `mcp_client.mjs CALLS (PORT | PROGRAM [ARGUMENT ...])`. CALLS
 * is JSON, a list of [name of the method, arguments ...]. Prints a list of the results.
 *
 * Not TypeScript: Deno does not find the types of the SDK's modules.
 */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { connect } from "node:net";
import process from "node:process";

const [calls = "[]", where = "", ...args] = process.argv.slice(2);
const client = new Client({ name: "mcp_client", version: "1.0.0" });
const socket = /^\d+$/.test(where)
  ? connect(Number(where), "127.0.0.1")
  : undefined;
// The SDK has no transport of its own for TCP; that of a server takes any streams.
await client.connect(
  socket === undefined
    ? new StdioClientTransport({ command: where, args })
    : new StdioServerTransport(socket, socket),
);
const results = [];
for (const [name, ...given] of JSON.parse(calls)) {
  try {
    results.push(await Reflect.apply(Reflect.get(client, name), client, given));
  } catch (error) {
    if (!(error instanceof McpError)) throw error;
    results.push({ error: error.code, message: error.message });
  }
}
console.log(JSON.stringify(results));
await client.close();
socket?.end();
