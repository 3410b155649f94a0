/**
 * The event server of the C# and Python tutorial: `server.ts [ADDRESS]`. One loop
 * sees all that happens on all connections, and answers each message.
 */

import { formatAddress, serve } from "../../mod.ts";
import { csharpDemo } from "../../src/presets/mod.ts";
import { programArguments } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";

const [address = "tcp://127.0.0.1:2000"] = programArguments(
  "server.ts [ADDRESS]: replies to each message, in one loop over all connections",
);
const server = await serve({
  address,
  codec: csharpDemo(),
  signal: stopSignal(),
});
console.log(`Listening on ${formatAddress(server.address)}`);

for await (const event of server.events()) {
  if (event.type !== "message") {
    console.log(`${event.id} ${event.type}`);
    continue;
  }
  const text = new TextDecoder().decode(event.message);
  console.log(`${event.id} ${text}`);
  // It may have left while its last messages were still in the queue.
  const reply = new TextEncoder().encode(`REP: ${text}`);
  server.broadcast(reply, [event.id]);
}
