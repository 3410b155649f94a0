/**
 * `rooms_server.ts SETTINGS`: serves the rooms of one process, without a backplane, as
 * they are in a checkout of the project.
 */
import { pathToFileURL } from "node:url";
import { answer, givenSettings } from "../reliability/peers/control.ts";
import type { serveRooms } from "../src/rooms/mod.ts";

const { checkout } = givenSettings<{ checkout: string }>();
const file = pathToFileURL(`${checkout}/src/rooms/mod.ts`).href;
const module = await import(file) as { serveRooms: typeof serveRooms };
const rooms = await module.serveRooms({ address: { port: 0 } });
await answer({ port: (rooms.address as { port: number }).port }, {});
