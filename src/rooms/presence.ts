import { sendIfUp } from "../backplane/send_if_up.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { after } from "../net/timer.ts";
import { type Change, Elsewhere } from "./elsewhere.ts";
import { inboxOf, notesOf, type RoomNote, writeNote } from "./notes.ts";
import type { RoomHost, RoomMember } from "./room_host.ts";

/**
 * How long a room that is opened waits for other nodes to tell who is there. One that
 * answers later adds its members then.
 */
const ANSWERS_MS = 100;

/** For how long joins and leaves are gathered before other nodes are told. */
const GATHER_MS = 20;

/** The part of a room on this server that others are told of. */
interface OwnRoom {
  readonly key: string;
  name: string;
  readonly members: ReadonlyMap<number, RoomMember>;
}

/**
 * Who is in a room, as the servers tell one another: which members others have, and what
 * they are told of those here.
 */
export class Presence {
  readonly #room: OwnRoom;
  readonly #host: RoomHost;
  readonly #onChange: (change: Change) => void;
  readonly #elsewhere = new Elsewhere();
  /** How many nodes have not answered yet. */
  #unanswered = 0;
  #answered: Deferred<void> | undefined;
  /** The number of the last change that others were told. */
  #number: number;
  /** Whether others have been told anything. */
  #isKnown = false;
  readonly #joined = new Set<string>();
  readonly #left = new Set<string>();
  #callOffTelling: (() => void) | undefined;

  constructor(
    room: OwnRoom,
    host: RoomHost,
    onChange: (change: Change) => void,
  ) {
    this.#room = room;
    this.#host = host;
    this.#onChange = onChange;
    // Others may still have what a room of the same name has told before.
    this.#number = host.changes;
  }

  /** How many members other servers have. */
  get size(): number {
    return this.#elsewhere.size;
  }

  /** The servers that have told of members. */
  get servers(): Iterable<string> {
    return this.#elsewhere.servers;
  }

  /** The names of the members of other servers. */
  names(): Iterable<string> {
    return this.#elsewhere.names();
  }

  /** Somebody has come here. */
  joined(name: string): void {
    if (!this.#left.delete(name)) this.#joined.add(name);
    this.#tellLater();
  }

  /** Somebody has gone from here. */
  left(name: string): void {
    if (!this.#joined.delete(name)) this.#left.add(name);
    this.#tellLater();
  }

  /** Takes what another server tells. */
  take(note: RoomNote): void {
    if (note.from === this.#host.id) return;
    if (note.type === "ask") return this.#answer(note.from);
    const change = this.#elsewhere.take(note);
    if (change === undefined) return this.#ask(note.from);
    if (note.type === "here") this.#welcome(note.name);
    this.#onChange(change);
  }

  /** Removes the servers of a node that is gone. */
  removeNode(nodeId: string): void {
    for (const server of [...this.#elsewhere.servers]) {
      if (!isOfNode(server, nodeId)) continue;
      this.#onChange(this.#elsewhere.remove(server));
    }
  }

  /** Asks all other servers who is there, and waits for their answers for a while. */
  async askAll(): Promise<void> {
    this.#unanswered = this.#host.backplane.nodes.size - 1;
    this.#answered = deferred();
    const callOff = after(ANSWERS_MS, this.#answered.resolve);
    this.#askEach();
    await this.#answered.promise;
    callOff();
    this.#answered = undefined;
  }

  /** Asks again, after a time in which notes may have been lost. */
  askAgain(): void {
    this.#askEach();
    // They may have closed the room, and hear nothing of it.
    for (const server of this.#elsewhere.servers) this.#ask(server);
  }

  /** Tells all others who is here. */
  tellAll(): void {
    if (this.#room.members.size > 0) this.#send(this.#here());
  }

  /** Tells nothing more. */
  stop(): void {
    this.#callOffTelling?.();
  }

  #askEach(): void {
    this.#send({ type: "ask", room: this.#room.key, from: this.#host.id });
  }

  #welcome(name: string): void {
    if (this.#room.members.size === 0) this.#room.name = name;
    if (--this.#unanswered <= 0) this.#answered?.resolve();
  }

  #answer(server: string): void {
    const { backplane, id } = this.#host;
    const note = this.#room.members.size > 0
      ? this.#here()
      : { type: "closed", room: this.#room.key, from: id } as const;
    sendIfUp(backplane, inboxOf(server), writeNote(note));
  }

  #ask(server: string): void {
    const { id, backplane } = this.#host;
    const note = { type: "ask", room: this.#room.key, from: id } as const;
    sendIfUp(backplane, inboxOf(server), writeNote(note));
  }

  #here(): RoomNote {
    this.#tellNow();
    return {
      type: "here",
      room: this.#room.key,
      from: this.#host.id,
      number: this.#number,
      name: this.#room.name,
      members: [...this.#room.members.values()].map(({ name }) => name),
    };
  }

  #tellLater(): void {
    // Where nobody else is there, who comes later asks.
    if (this.#host.isAlone) return this.#forgetChanges();
    this.#callOffTelling ??= after(GATHER_MS, () => this.#tellNow());
  }

  #tellNow(): void {
    this.#callOffTelling?.();
    this.#callOffTelling = undefined;
    const [joined, left] = [[...this.#joined], [...this.#left]];
    if (joined.length + left.length === 0) return;
    this.#forgetChanges();
    this.#number++;
    this.#host.changes++;
    if (!this.#isKnown) {
      this.#isKnown = true;
      // Others need not have seen the change before.
      return this.#send(this.#here());
    }
    this.#send({
      type: "changed",
      room: this.#room.key,
      from: this.#host.id,
      number: this.#number,
      joined,
      left,
    });
  }

  #forgetChanges(): void {
    this.#joined.clear();
    this.#left.clear();
  }

  #send(note: RoomNote): void {
    const { backplane } = this.#host;
    // While the engine is away, nobody hears; afterwards all is told anew.
    sendIfUp(backplane, notesOf(this.#room.key), writeNote(note));
  }
}

/** Whether a server of rooms is on a node. */
function isOfNode(server: string, nodeId: string): boolean {
  return server.startsWith(`${nodeId}/`);
}

/** Tells other servers that nobody is in a room here; returns whether it could. */
export function tellClosed({ backplane, id }: RoomHost, room: string): boolean {
  const note = writeNote({ type: "closed", room, from: id });
  return sendIfUp(backplane, notesOf(room), note);
}
