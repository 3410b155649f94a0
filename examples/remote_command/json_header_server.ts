/**
 * Registered commands for the unchanged client of the tutorial whose answers have a JSON header: `json_header_server.ts [ADDRESS]`.
 */

import { formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { commands } from "./commands.ts";
import { serveJsonHeaderCommands } from "./serve_text_commands.ts";

const [address = "tcp://127.0.0.1:9999"] = programArguments(
  "json_header_server.ts [ADDRESS]: runs registered commands, and answers with a JSON header",
);
const server = await serveJsonHeaderCommands({
  address,
  commands,
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);
