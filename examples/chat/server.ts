/** A chat server: `server.ts [ADDRESS]`. */

import { formatAddress } from "../../mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";

const [address = "tcp://127.0.0.1:6666"] = programArguments(
  "server.ts [ADDRESS]: a chat server",
);
const rooms = await serveRooms({ address, signal: stopSignal() });
console.log(`Listening on ${formatAddress(rooms.address)}`);
