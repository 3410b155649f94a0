/** The example of an MCP server, as a program that a client starts. */

import { serveMcpOverStdio } from "../../examples/conversations/mcp_server.ts";

serveMcpOverStdio();
