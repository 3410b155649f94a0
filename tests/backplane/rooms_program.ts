/** A node with rooms as a program: it prints its port, and ends with its input. */

import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import process from "node:process";
import { createBackplane } from "../../src/backplane/mod.ts";
import { natsEngine } from "../../src/backplane/nats/mod.ts";
import { serveRooms } from "../../src/rooms/mod.ts";

const connection = await connect({
  servers: process.argv[2]!,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 50,
});
const backplane = await createBackplane(
  await natsEngine({ connection, jetstream: jetstream(connection) }),
);
const rooms = await serveRooms({ address: { port: 0 }, backplane });
const { address } = rooms;
console.log(JSON.stringify({
  port: "port" in address ? address.port : 0,
  nodeId: backplane.nodeId,
}));
process.stdin.resume();
process.stdin.once("end", async () => {
  await rooms.close({ graceMs: 0 });
  await backplane.close();
  await connection.close();
});
