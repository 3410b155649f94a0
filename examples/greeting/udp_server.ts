/**
 * The greeting server over UDP: `udp_server.ts [ADDRESS]`. A datagram is a
 * message, so nothing needs framing here.
 *
 * What was wrong: a datagram that was not UTF-8 raised an error that ended the
 * server for all.
 */

import { bindDatagram, formatAddress } from "../../mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";

const [address = "udp://127.0.0.1:9999"] = programArguments(
  "udp_server.ts [ADDRESS]: greets each name, over UDP",
);
const socket = await bindDatagram(address, { signal: stopSignal() });
console.log(`Listening on ${formatAddress(socket.address)}`);

for await (const { data, from } of socket) {
  const greeting = `你好,${new TextDecoder().decode(data)}`;
  try {
    await socket.send(new TextEncoder().encode(greeting), from);
  } catch (error) {
    // Senders can give any address for theirs, and too long a name.
    console.error(`Not sent to ${formatAddress(from)}: ${error}`);
  }
}
