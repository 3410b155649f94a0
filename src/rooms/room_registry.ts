import { isUnavailable } from "../backplane/errors.ts";
import type { Backplane, Claim } from "../backplane/types.ts";
import { ROOM_WATCH_MS } from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { concat } from "../net/bytes.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import type { Server } from "../server/types.ts";
import { linesOf, type Past } from "./history.ts";
import { isHarmless, nameKey, readName, withoutUnseen } from "./names.ts";
import { inboxOf, readNote } from "./notes.ts";
import {
  askServer,
  countServer,
  hasOneServer,
  readQuestion,
} from "./other_servers.ts";
import { Pace } from "./pace.ts";
import { tellClosed } from "./presence.ts";
import { encodeEvent, type RoomEvent, type RoomRequest } from "./protocol.ts";
import {
  NAME_RULE,
  NOBODY,
  orUnavailable,
  refused,
  unavailableOr,
} from "./refusals.ts";
import { Room } from "./room.ts";
import type { RoomDelivery, RoomHost, RoomMember } from "./room_host.ts";

/** The limits of rooms and members. */
export interface RoomLimits {
  readonly historyBytes: number;
  readonly maxTextLength: number;
  readonly maxMembers: number;
  readonly maxRoomsPerMember: number;
  readonly maxSendBuffer: number;
}

/** The part of a server that rooms need. */
export type RoomServer = Pick<
  Server<RoomEvent | Uint8Array, RoomRequest>,
  "broadcast" | "connections"
>;

/** The longest id of what is said. */
const MAX_ID_LENGTH = 64;

/** A client that has connected. */
interface Member extends RoomMember {
  /** Empty until the client has taken one. */
  name: string;
  claim: Claim | undefined;
  readonly rooms: Set<Room>;
  readonly pace: Pace;
}

/** The answer to a request, or a promise of it. */
type Answer = RoomEvent | undefined | Promise<RoomEvent | undefined>;

/** The rooms with their members, and the names that are taken. */
export class RoomRegistry implements RoomHost {
  readonly backplane: Backplane;
  readonly delivery: RoomDelivery;
  readonly historyBytes: number;
  readonly id: string;
  changes = 0;

  readonly #server: RoomServer;
  readonly #limits: RoomLimits;
  /** By the keys of their names, like the rooms. */
  readonly #members = new Map<string, Member>();
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
    limits: RoomLimits,
    backplane: Backplane,
    delivery: RoomDelivery,
  ) {
    this.#server = server;
    this.#limits = limits;
    this.backplane = backplane;
    this.delivery = delivery;
    this.historyBytes = limits.historyBytes;
    this.id = `${backplane.nodeId}/${crypto.randomUUID()}`;
  }

  /** Begins to hear the other servers. */
  async start(): Promise<void> {
    const { backplane } = this;
    this.#ends.push(countServer(backplane));
    const inbox = inboxOf(this.id);
    const notes = await backplane.listen(inbox, (bytes) => {
      const note = readNote(bytes);
      const room = this.#rooms.get(note.room);
      if (room !== undefined) room.take(note);
      else if (note.type === "ask") tellClosed(this, note.room);
    });
    const questions = backplane.serve(inbox, (bytes) => this.#reply(bytes));
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

  get names(): string[] {
    return [...this.#rooms.values()]
      .filter(({ members }) => members.size > 0)
      .map(({ name }) => name);
  }

  who(room: string): string[] {
    return find(this.#rooms, room)?.names ?? [];
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

  /** Handles the requests of a connection until it ends. */
  async handle(
    connection: FramedConnection<RoomEvent | Uint8Array, RoomRequest>,
  ): Promise<void> {
    const member: Member = {
      id: connection.id,
      name: "",
      claim: undefined,
      rooms: new Set(),
      pace: new Pace(this.#server.connections, this.#limits.maxSendBuffer),
    };
    const respond = (answer: RoomEvent | undefined) => {
      // A client that sends requests without reading the answers is paused.
      const sent = answer && connection.send(answer);
      return member.pace.mustWait ? member.pace.wait(sent) : sent;
    };
    try {
      await connection.forEach((request) => {
        member.pace.begin();
        const answer = this.#take(member, request);
        return answer instanceof Promise
          ? answer.then(respond)
          : respond(answer);
      });
    } finally {
      // No request is under way any more: what it began would stay behind.
      for (const room of member.rooms) this.#leave(member, room);
      this.#releaseName(member);
    }
  }

  /** Handles a request; returns the answer to the member who made it. */
  #take(member: Member, request: RoomRequest): Answer {
    if (request.type === "ping") return undefined;
    if (request.type === "name") {
      return orUnavailable(this.#name(member, request.name));
    }
    if (member.name === "") {
      return refused("NAME_MISSING", "Take a name first");
    }
    switch (request.type) {
      case "join":
        return this.#join(member, request.room, request.since);
      case "who":
        return this.#who(request.room);
      case "tell":
        return this.#tell(member, request.to, request.text);
      case "leave":
      case "say": {
        const room = find(this.#rooms, request.room);
        if (room === undefined || !member.rooms.has(room)) {
          const id = request.type === "say" ? request.id : undefined;
          return refused("NOT_MEMBER", "You are not in that room", id);
        }
        if (request.type === "say") {
          return this.#say(member, room, request.text, request.id);
        }
        this.#leave(member, room);
        return { type: "left", room: room.name, name: member.name };
      }
    }
  }

  async #name(member: Member, given: string): Promise<RoomEvent | undefined> {
    if (member.name !== "") {
      return refused("NAMED_ALREADY", `You are ${member.name} already`);
    }
    const name = readName(given);
    if (name === undefined) return refused("NAME_INVALID", NAME_RULE);
    const key = nameKey(name);
    const claim = await this.backplane.claim(`name:${key}`, this.id);
    if (claim === undefined) {
      return refused("NAME_TAKEN", `Somebody else is ${name}`);
    }
    member.name = name;
    member.claim = claim;
    this.#members.set(key, member);
    claim.lost.addEventListener("abort", () => this.#endWithoutName(member));
    return { type: "named", name };
  }

  /** Ends the connection of a member whose name another one has. */
  #endWithoutName({ id, name }: Member): void {
    this.#server.connections.get(id)?.abort(
      new NetError(
        "CONNECTION_CLOSED",
        `Somebody else has taken the name ${name} while this node was cut off`,
      ),
    );
  }

  #releaseName(member: Member): void {
    const { name, claim } = member;
    if (claim === undefined) return;
    const key = nameKey(name);
    if (this.#members.get(key) === member) this.#members.delete(key);
    member.claim = undefined;
    // While the engine is away, it rejects, and the name is given back afterwards.
    claim.release().catch(ignoreUnavailable);
  }

  #join(member: Member, given: string, since: string | undefined): Answer {
    const name = readName(given);
    if (name === undefined) return refused("ROOM_INVALID", NAME_RULE);
    const { maxRoomsPerMember } = this.#limits;
    const room = this.#roomOf(name);
    if (member.rooms.has(room)) {
      return refused("MEMBER_ALREADY", `You are in ${room.name} already`);
    }
    if (member.rooms.size >= maxRoomsPerMember) {
      this.#closeUnused(room);
      return refused("TOO_MANY_ROOMS", `You are in ${maxRoomsPerMember} rooms`);
    }
    if (room.isOpen && since === undefined) return this.#enter(member, room);
    return orUnavailable(
      this.#using(room, async () => {
        await room.open();
        if (since === undefined) return this.#enter(member, room);
        return this.#enter(member, room, await room.pastSince(since));
      }),
    );
  }

  /** Without a break after `past` was read: else what is said meanwhile is lost. */
  #enter(member: Member, room: Room, past?: Past): RoomEvent {
    const { maxMembers } = this.#limits;
    if (room.size >= maxMembers) {
      return refused("ROOM_FULL", `${room.name} has ${maxMembers} members`);
    }
    member.pace.spend(room.members.keys(), 0);
    member.rooms.add(room);
    return room.enter(member, past);
  }

  #leave(member: Member, room: Room): void {
    member.rooms.delete(room);
    room.leave(member);
    member.pace.spend(room.members.keys(), 0);
    this.#closeUnused(room);
  }

  #who(given: string): Answer {
    const name = readName(given);
    if (name === undefined || this.isAlone || find(this.#rooms, name)?.isOpen) {
      return { type: "members", room: given, names: this.who(given) };
    }
    const room = this.#roomOf(name);
    return orUnavailable(
      this.#using(room, async () => {
        await room.open();
        this.#keepForOthers(room);
        return { type: "members", room: given, names: room.names };
      }),
    );
  }

  #say(
    member: Member,
    room: Room,
    text: string,
    id: string | undefined,
  ): Answer {
    const complaint = this.#complaint(text);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint, id);
    if (id === "" || id !== undefined && id.length > MAX_ID_LENGTH) {
      const rule = `An id is 1 to ${MAX_ID_LENGTH} characters`;
      return refused("ID_INVALID", rule, id.slice(0, MAX_ID_LENGTH));
    }
    const line = encodeEvent({
      type: "said",
      room: room.name,
      from: member.name,
      text,
      time: Date.now(),
    });
    member.pace.spend(room.members.keys(), byteLength(text));
    const sent = id === undefined
      ? undefined
      : { type: "sent", room: room.name, id } as const;
    try {
      const kept = room.say(line, id && `${nameKey(member.name)} ${id}`);
      if (kept === undefined) return sent;
      return orUnavailable(kept.then(() => sent), id);
    } catch (error) {
      return unavailableOr(error, id);
    }
  }

  #tell(member: Member, name: string, text: string): Answer {
    const complaint = this.#complaint(text);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint);
    const event = {
      type: "told",
      from: member.name,
      to: name,
      text,
      time: Date.now(),
    } as const;
    const other = find(this.#members, name);
    const bytes = byteLength(text);
    if (other === undefined) {
      if (this.isAlone) return NOBODY;
      member.pace.spend([member.id], bytes);
      return orUnavailable(this.#tellElsewhere(name, event));
    }
    const both = new Set([member.id, other.id]);
    member.pace.spend(both, bytes);
    this.tell({ ...event, to: other.name }, both);
    return undefined;
  }

  /** Tells a member of another server; that one knows how the name is written. */
  async #tellElsewhere(
    name: string,
    event: Extract<RoomEvent, { type: "told" }>,
  ): Promise<RoomEvent> {
    const given = readName(name);
    if (given === undefined) return NOBODY;
    const to = nameKey(given);
    const holder = await this.backplane.holder(`name:${to}`);
    if (holder === undefined) return NOBODY;
    const reply = await askServer(this.backplane, holder.note, {
      type: "tell",
      to,
      event,
    });
    if (reply.length === 0) return NOBODY;
    return { ...event, to: new TextDecoder().decode(reply) };
  }

  /** Answers what another server asks. */
  #reply(bytes: Uint8Array): Uint8Array {
    const question = readQuestion(bytes);
    if (question.type === "history") {
      return concat(this.#rooms.get(question.room)?.lines ?? []);
    }
    const member = this.#members.get(question.to);
    if (member === undefined) return new Uint8Array(0);
    this.tell({ ...question.event, to: member.name }, [member.id]);
    return new TextEncoder().encode(member.name);
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

  #roomOf(name: string): Room {
    const key = nameKey(name);
    const room = this.#rooms.get(key) ?? new Room(name, key, this);
    this.#rooms.set(key, room);
    return room;
  }

  /** Keeps a room while a request uses it. */
  async #using<T>(room: Room, use: () => Promise<T>): Promise<T> {
    room.uses++;
    try {
      return await use();
    } finally {
      this.#endUse(room);
    }
  }

  /** Keeps a room for a while: others may ask about it, too. */
  #keepForOthers(room: Room): void {
    room.uses++;
    const callOff = after(ROOM_WATCH_MS, () => {
      this.#watches.delete(callOff);
      this.#endUse(room);
    });
    this.#watches.add(callOff);
  }

  #endUse(room: Room): void {
    room.uses--;
    this.#closeUnused(room);
  }

  /** Closes a room which nobody of this server is in. */
  #closeUnused(room: Room): void {
    if (room.members.size > 0 || room.uses > 0) return;
    if (this.#rooms.get(room.key) !== room) return;
    this.#rooms.delete(room.key);
    if (!room.close()) this.#untold.add(room.key);
  }

  #complaint(text: string): string | undefined {
    const { maxTextLength } = this.#limits;
    if (withoutUnseen(text).trim() === "") return "There is no text";
    // A UTF-16 unit becomes one to three bytes of UTF-8: most texts need not be encoded.
    const { length } = text;
    const tooLong = length > maxTextLength ||
      3 * length > maxTextLength && byteLength(text) > maxTextLength;
    if (tooLong) return `The text has more than ${maxTextLength} bytes`;
    return isHarmless(text) ? undefined : "The text has control characters";
  }
}

/**
 * Looks up by a name that a client gave. A text that is no valid name, which may
 * be long and slow to normalize, finds nothing.
 */
function find<T>(all: ReadonlyMap<string, T>, given: string): T | undefined {
  const name = readName(given);
  return name === undefined ? undefined : all.get(nameKey(name));
}

const encoder = new TextEncoder();

/** How many bytes a text has in UTF-8. */
function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function ignoreUnavailable(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}
