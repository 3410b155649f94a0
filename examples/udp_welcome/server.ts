/**
 * Any datagram, empty ones too, is answered by `Welcome to hear` in GBK:
 * `server.ts [ADDRESS]`.
 */

import { bindDatagram, formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";

const [address = "udp://127.0.0.1:8080"] = programArguments(
  "server.ts [ADDRESS]: welcomes the sender of any datagram",
);
const socket = await bindDatagram(address, { signal: stopSignal() });
console.log(`Listening on ${formatAddress(socket.address)}`);

// These letters have the same bytes in GBK as in UTF-8.
const welcome = new TextEncoder().encode("Welcome to hear");
for await (const { from } of socket) {
  try {
    await socket.send(welcome, from);
  } catch (error) {
    // Senders can give any address for theirs.
    console.error(`Not sent to ${formatAddress(from)}: ${error}`);
  }
}
