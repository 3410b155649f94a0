/**
 * Registered commands for the unchanged client of the tutorial whose answers have a JSON header: `json_header_server.ts [ADDRESS]`.
 */

import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveJsonHeaderCommands } from "../../src/exec/mod.ts";
import "../support/explain_errors.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { commands } from "./commands.ts";

const [address = "tcp://127.0.0.1:9999"] = process.argv.slice(2);
const server = await serveJsonHeaderCommands({
  address,
  commands,
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);
