/** A chat server: `server.ts [ADDRESS]`. */

import process from "node:process";
import { formatAddress } from "../../mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import "../support/explain_errors.ts";
import { stopSignal } from "../support/stop_signal.ts";

const [address = "tcp://127.0.0.1:6666"] = process.argv.slice(2);
const rooms = await serveRooms({ address, signal: stopSignal() });
console.log(`Listening on ${formatAddress(rooms.address)}`);
