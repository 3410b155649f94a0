/**
 * Registered commands for the unchanged client of the tutorial whose answers are in GBK: `gbk_server.ts [ADDRESS]`.
 */

import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveGbkCommands } from "../../src/exec/mod.ts";
import "../support/explain_errors.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { commands } from "./commands.ts";

const [address = "tcp://127.0.0.1:8080"] = process.argv.slice(2);
const server = await serveGbkCommands({
  address,
  commands,
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);
