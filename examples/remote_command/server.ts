/**
 * Remote commands as they should be: `server.ts [ADDRESS] [SECRET]`. Output goes
 * out as it appears, and every run and every refusal is written down.
 */

import { formatAddress } from "../../mod.ts";
import { serveCommands } from "../../src/exec/mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { commands } from "./commands.ts";

const [address = "tcp://127.0.0.1:9999", secret] = programArguments(
  "server.ts [ADDRESS] [SECRET]: runs registered commands, and writes down every run",
);
const server = await serveCommands({
  address,
  commands,
  ...(secret !== undefined && { secret }),
  audit: (record) => console.log(JSON.stringify(record)),
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);
