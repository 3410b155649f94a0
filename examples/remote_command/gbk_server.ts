/**
 * Registered commands for the unchanged client of the tutorial whose answers are in GBK: `gbk_server.ts [ADDRESS]`.
 */

import { formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { commands } from "./commands.ts";
import { serveGbkCommands } from "./serve_text_commands.ts";

const [address = "tcp://127.0.0.1:8080"] = programArguments(
  "gbk_server.ts [ADDRESS]: runs registered commands, and answers in GBK",
);
const server = await serveGbkCommands({
  address,
  commands,
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);
