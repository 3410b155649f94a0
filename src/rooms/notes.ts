/**
 * What the servers of rooms tell one another of a room, as JSON. A server is one end of
 * a service of rooms on a node: a node can have several.
 *
 * - `ask`: another server is to tell who is there. By default, every server that has
 *   members in the room.
 * - `here`: all members that a server has in the room.
 * - `changed`: who has come and gone. The number is that of the change before, and 1.
 * - `closed`: a server has no members in the room any more.
 */
export type RoomNote =
  | { readonly type: "ask"; readonly room: string; readonly from: string }
  | { readonly type: "closed"; readonly room: string; readonly from: string }
  | {
    readonly type: "here";
    readonly room: string;
    readonly from: string;
    readonly number: number;
    /** How the room is written there. */
    readonly name: string;
    readonly members: readonly string[];
  }
  | {
    readonly type: "changed";
    readonly room: string;
    readonly from: string;
    readonly number: number;
    readonly joined: readonly string[];
    readonly left: readonly string[];
  };

/** Writes a note. */
export function writeNote(note: RoomNote): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(note));
}

/** Reads a note. Other nodes are trusted. */
export function readNote(bytes: Uint8Array): RoomNote {
  return JSON.parse(new TextDecoder().decode(bytes)) as RoomNote;
}

/** The channel on which a server listens for others. */
export function inboxOf(server: string): string {
  return `rooms:${server}`;
}

/** The channel on which the servers that have a room hear of it. */
export function notesOf(room: string): string {
  return `room:${room}`;
}
