/**
 * `node.ts SETTINGS`: a node of a service of rooms, on any runtime. It prints its port
 * and its id as a line of JSON when it is open, and answers calls: see `Peer`.
 */
import {
  answer,
  collectGarbage,
  givenSettings,
} from "../reliability/peers/control.ts";
import { createBackplane } from "../src/backplane/mod.ts";
import { serveRooms } from "../src/rooms/mod.ts";
import { connectEngine } from "./connect_engine.ts";
import { counted } from "./counted_engine.ts";
import type { NodeSettings, Traffic } from "./row.ts";

const settings = givenSettings<NodeSettings>();
const { engine: own, received } = await connectEngine(settings);
const { engine, use } = counted(own);
const backplane = await createBackplane(engine);
const rooms = await serveRooms({
  address: { port: 0 },
  backplane,
  ...settings.rooms,
});

await answer(
  { port: (rooms.address as { port: number }).port, id: backplane.nodeId },
  {
    traffic: (): Traffic => ({
      received: received() - use.beats,
      calls: use.calls,
    }),
    who: (room: string) => rooms.who(room),
    nodes: () => [...backplane.nodes],
    collectGarbage: () => collectGarbage(),
  },
);
