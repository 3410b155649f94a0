import type { Backplane } from "../backplane/types.ts";
import { ROOM_WATCH_MS } from "../defaults.ts";
import { concat } from "../net/bytes.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { Server } from "../server/types.ts";
import { linesOf } from "./history.ts";
import { findByName, nameKey } from "./names.ts";
import { inboxOf, readNote } from "./notes.ts";
import {
  askServer,
  countServer,
  hasOneServer,
  readQuestion,
  type Told,
} from "./other_servers.ts";
import { tellClosed } from "./presence.ts";
import type { RoomEvent, RoomRequest } from "./protocol.ts";
import { Room } from "./room.ts";
import type { RoomDelivery, RoomHost } from "./room_host.ts";

/** The part of a server that rooms need. */
export type RoomServer = Pick<
  Server<RoomEvent | Uint8Array, RoomRequest>,
  "broadcast" | "connections"
>;

/** The rooms that a server has open, and what it hears of them from others. */
export class RoomTable implements RoomHost {
  readonly backplane: Backplane;
  readonly delivery: RoomDelivery;
  readonly historyBytes: number;
  readonly id: string;
  changes = 0;

  readonly #server: RoomServer;
  /** By the keys of their names. */
  readonly #rooms = new Map<string, Room>();
  /** The rooms that were closed here while nobody could be told. */
  readonly #untold = new Set<string>();
  /** The nodes that were here and are gone. */
  readonly #gone = new Set<string>();
  /** Call off the ends of watches. */
  readonly #watches = new Set<() => void>();
  readonly #ends: (() => void)[] = [];

  constructor(
    server: RoomServer,
    backplane: Backplane,
    delivery: RoomDelivery,
    historyBytes: number,
  ) {
    this.#server = server;
    this.backplane = backplane;
    this.delivery = delivery;
    this.historyBytes = historyBytes;
    this.id = `${backplane.nodeId}/${crypto.randomUUID()}`;
  }

  /**
   * Begins to hear the other servers.
   *
   * @param onTell Tells a member of this server something that a member of another one
   * says; returns the name of the member, if there is one of the key.
   */
  async start(
    onTell: (to: string, event: Told) => string | undefined,
  ): Promise<void> {
    const { backplane } = this;
    this.#ends.push(countServer(backplane));
    const inbox = inboxOf(this.id);
    const notes = await backplane.listen(inbox, (bytes) => {
      const note = readNote(bytes);
      const room = this.#rooms.get(note.room);
      if (room !== undefined) room.take(note);
      else if (note.type === "ask") tellClosed(this, note.room);
    });
    const questions = backplane.serve(
      inbox,
      (bytes) => this.#reply(bytes, onTell),
    );
    this.#ends.push(
      () => notes.unsubscribe(),
      () => questions.unsubscribe(),
      backplane.onNode((nodeId, isAlive) => this.#onNode(nodeId, isAlive)),
      backplane.onState((state) => {
        if (state === "up") this.#return();
      }),
    );
  }

  /** Whether there is no other server of rooms, on this node or another. */
  get isAlone(): boolean {
    return hasOneServer(this.backplane);
  }

  /** Ends what `start` has begun. */
  end(): void {
    for (const end of [...this.#ends, ...this.#watches]) end();
    for (const room of this.#rooms.values()) room.close();
  }

  /** The names of those that somebody on this server is in. */
  get names(): string[] {
    return [...this.#rooms.values()]
      .filter(({ members }) => members.size > 0)
      .map(({ name }) => name);
  }

  /** The room of a name that a client gave, if somebody uses it. */
  find(name: string): Room | undefined {
    return findByName(this.#rooms, name);
  }

  tell(event: RoomEvent | Uint8Array, to: Iterable<number>): void {
    this.#server.broadcast(event, to);
  }

  async historyOf(server: string, room: string): Promise<Uint8Array[]> {
    try {
      const reply = await askServer(this.backplane, server, {
        type: "history",
        room,
      });
      return linesOf(reply);
    } catch (error) {
      // The server has just gone: its history is not what anybody waits for.
      if (error instanceof NetError) return [];
      throw error;
    }
  }

  /** The room of a name, which is not open where nobody is in it. */
  of(name: string): Room {
    const key = nameKey(name);
    const room = this.#rooms.get(key) ?? new Room(name, key, this);
    this.#rooms.set(key, room);
    return room;
  }

  /** Keeps a room while a request uses it. */
  async using<T>(room: Room, use: () => Promise<T>): Promise<T> {
    room.uses++;
    try {
      return await use();
    } finally {
      this.#endUse(room);
    }
  }

  /** Keeps a room for a while: others may ask about it, too. */
  keepForOthers(room: Room): void {
    room.uses++;
    const callOff = after(ROOM_WATCH_MS, () => {
      this.#watches.delete(callOff);
      this.#endUse(room);
    });
    this.#watches.add(callOff);
  }

  /** Closes a room which nobody of this server is in. */
  closeUnused(room: Room): void {
    if (room.members.size > 0 || room.uses > 0) return;
    if (this.#rooms.get(room.key) !== room) return;
    this.#rooms.delete(room.key);
    if (!room.close()) this.#untold.add(room.key);
  }

  #endUse(room: Room): void {
    room.uses--;
    this.closeUnused(room);
  }

  /** Answers what another server asks. */
  #reply(
    bytes: Uint8Array,
    onTell: (to: string, event: Told) => string | undefined,
  ): Uint8Array {
    const question = readQuestion(bytes);
    if (question.type === "history") {
      return concat(this.#rooms.get(question.room)?.lines ?? []);
    }
    return new TextEncoder().encode(onTell(question.to, question.event));
  }

  #onNode(nodeId: string, isAlive: boolean): void {
    if (!isAlive) {
      this.#gone.add(nodeId);
      for (const room of this.#rooms.values()) room.removeNode(nodeId);
    } else if (this.#gone.delete(nodeId)) {
      // It was taken for dead, so its members are to be known again.
      this.#refresh();
    }
  }

  /** The engine is up again. */
  #return(): void {
    for (const key of this.#untold) {
      if (tellClosed(this, key)) this.#untold.delete(key);
    }
    this.#refresh();
  }

  #refresh(): void {
    for (const room of this.#rooms.values()) room.refresh();
  }
}
