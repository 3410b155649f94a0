import type { Backplane } from "../backplane/types.ts";
import type { RoomEvent } from "./protocol.ts";

/**
 * What becomes of what is said: `"fast"`, it is sent once to the nodes that are there;
 * `"kept"`, the engine keeps it and puts it into one order.
 */
export type RoomDelivery = "fast" | "kept";

/** What a room needs of its server. */
export interface RoomHost {
  readonly backplane: Backplane;
  readonly delivery: RoomDelivery;
  readonly historyBytes: number;
  /** The id of this server among the servers of rooms. */
  readonly id: string;
  /** Whether there is no other server of rooms, on this node or another. */
  readonly isAlone: boolean;
  /** How many changes its rooms have told others of, all together. */
  changes: number;
  /** Sends an event to members of this server. */
  tell(event: RoomEvent | Uint8Array, to: Iterable<number>): void;
  /** Asks another server for the history of a room. */
  historyOf(server: string, room: string): Promise<readonly Uint8Array[]>;
}

/** A member of this server. */
export interface RoomMember {
  /** The number of its connection. */
  readonly id: number;
  readonly name: string;
}
