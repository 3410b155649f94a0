/** Nodes with rooms. */

import {
  type Backplane,
  createBackplane,
  type Engine,
} from "../../src/backplane/mod.ts";
import {
  type Rooms,
  serveRooms,
  type ServeRoomsOptions,
} from "../../src/rooms/mod.ts";
import type { Person } from "../support/person.ts";

/** A node of a system, with a server of rooms. */
export interface RoomsNode<E extends Engine = Engine> extends AsyncDisposable {
  readonly engine: E;
  readonly backplane: Backplane;
  readonly rooms: Rooms;
}

/** Starts a node; all is closed with it. */
export async function startNode<E extends Engine>(
  system: { engine(): Promise<E> | E },
  options: Partial<ServeRoomsOptions> = {},
): Promise<RoomsNode<E>> {
  const engine = await system.engine();
  const backplane = await createBackplane(engine);
  const rooms = await serveRooms({
    address: { port: 0 },
    backplane,
    ...options,
  });
  return {
    engine,
    backplane,
    rooms,
    async [Symbol.asyncDispose]() {
      await rooms.close();
      await backplane.close();
    },
  };
}

/** Why requests of somebody were refused. */
export function codesOf({ events }: Person): string[] {
  return events.flatMap((event) =>
    event.type === "refused" ? [event.code] : []
  );
}
