/** A chat server, alone or one of several nodes: `server.ts [OPTIONS] [ADDRESS]`. */

import { formatAddress } from "../../mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";
import { programOptions } from "../support/arguments.ts";
import { stopSignal } from "../support/stop_signal.ts";
import { connectNode } from "./node.ts";

const usage =
  "server.ts [--nats URL] [--redis URL] [ADDRESS]: a chat server; all that have the same engine, such as nats://127.0.0.1:4222 or redis://127.0.0.1:6379, have the same rooms";
const { given, options: { nats, redis } } = programOptions(usage, [
  "nats",
  "redis",
]);
const [address = "tcp://127.0.0.1:6666"] = given;
const node = await connectNode({ nats, redis });
const rooms = await serveRooms({
  address,
  signal: stopSignal(),
  ...(node.backplane && { backplane: node.backplane }),
});
console.log(`Listening on ${formatAddress(rooms.address)}`);
await rooms.closed;
await node.close();
