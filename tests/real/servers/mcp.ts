/** The server and the client of the Model Context Protocol that its makers publish. */

import { childProcess } from "../../../src/net/adapters/process.ts";
import type { JsonValue } from "../../../src/codec/views/json.ts";
import type { Transport } from "../../../src/net/mod.ts";
import { noProgram, npmNode, projectFile } from "../../support/programs.ts";
import { runClient } from "./run_client.ts";

/** Why tests with these are skipped; `false` where they are not. */
export const noMcp: false | string = noProgram(npmNode);

/** The program of `@modelcontextprotocol/server-everything`, and its arguments. */
export const mcpEverything: readonly [string, ...string[]] = [
  npmNode,
  projectFile(
    "node_modules/@modelcontextprotocol/server-everything/dist/index.js",
  ),
  "stdio",
];

/** Starts that server over its standard streams. */
export function startMcpEverything(): Promise<Transport> {
  const [program, ...args] = mcpEverything;
  return childProcess(program, args, { onStderr: () => undefined });
}

/**
 * Has the client of `@modelcontextprotocol/sdk` connect, and call methods, such as
 * `["callTool", { name: "echo", arguments: {} }]`.
 *
 * @param server A port of 127.0.0.1, or the program of a server and its arguments.
 * @returns The result of each; `{ error: code, message }` where it fails.
 */
export function callWithMcpSdk(
  server: number | readonly string[],
  calls: readonly (readonly [method: string, ...args: JsonValue[]])[],
): Promise<JsonValue> {
  return runClient([
    npmNode,
    projectFile("tests/real/servers/mcp_client.mjs"),
    JSON.stringify(calls),
    ...typeof server === "number" ? [`${server}`] : server,
  ]);
}
