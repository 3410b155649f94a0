import type { FramedConnection } from "../framed/framed.ts";
import type { Server } from "../server/types.ts";
import { History } from "./history.ts";
import { isHarmless, nameKey, readName, withoutUnseen } from "./names.ts";
import type { RoomEvent, RoomRefusal, RoomRequest } from "./protocol.ts";

/** How much there may be of everything. */
export interface RoomLimits {
  readonly historyBytes: number;
  readonly maxTextLength: number;
  readonly maxMembers: number;
  readonly maxRoomsPerMember: number;
}

/** Somebody who has connected. */
interface Member {
  readonly id: number;
  /** Empty before one was taken. */
  name: string;
  readonly rooms: Set<Room>;
}

interface Room {
  readonly name: string;
  readonly members: Map<number, Member>;
  readonly history: History;
}

/** Who is where, and who has which name. */
export class RoomRegistry {
  readonly #server: Pick<Server<RoomEvent, RoomRequest>, "broadcast">;
  readonly #limits: RoomLimits;
  /** By their keys, like the rooms. */
  readonly #members = new Map<string, Member>();
  readonly #rooms = new Map<string, Room>();

  constructor(
    server: Pick<Server<RoomEvent, RoomRequest>, "broadcast">,
    limits: RoomLimits,
  ) {
    this.#server = server;
    this.#limits = limits;
  }

  get names(): string[] {
    return [...this.#rooms.values()].map(({ name }) => name);
  }

  who(room: string): string[] {
    const found = find(this.#rooms, room);
    return found === undefined ? [] : namesOf(found);
  }

  /** Does what a connection asks for, until it ends. */
  async handle(
    connection: FramedConnection<RoomEvent, RoomRequest>,
  ): Promise<void> {
    const member: Member = { id: connection.id, name: "", rooms: new Set() };
    try {
      await connection.forEach((request) => {
        const answer = this.#take(member, request);
        // Who asks and does not read is not read from either.
        return answer && connection.send(answer);
      });
    } finally {
      for (const room of member.rooms) this.#leave(member, room);
      if (member.name !== "") this.#members.delete(nameKey(member.name));
    }
  }

  /** Does what is asked; returns what only the one who asked is told. */
  #take(member: Member, request: RoomRequest): RoomEvent | undefined {
    if (request.type === "ping") return undefined;
    if (request.type === "name") return this.#name(member, request.name);
    if (member.name === "") {
      return refused("NAME_MISSING", "Take a name first");
    }
    switch (request.type) {
      case "join":
        return this.#join(member, request.room);
      case "who": {
        const names = this.who(request.room);
        return { type: "members", room: request.room, names };
      }
      case "tell":
        return this.#tell(member, request.to, request.text);
      case "leave":
      case "say": {
        const room = find(this.#rooms, request.room);
        if (room === undefined || !member.rooms.has(room)) {
          return refused("NOT_MEMBER", "You are not in that room");
        }
        if (request.type === "say") {
          return this.#say(member, room, request.text);
        }
        this.#leave(member, room);
        return { type: "left", room: room.name, name: member.name };
      }
    }
  }

  #name(member: Member, given: string): RoomEvent {
    if (member.name !== "") {
      return refused("NAMED_ALREADY", `You are ${member.name} already`);
    }
    const name = readName(given);
    if (name === undefined) return refused("NAME_INVALID", NAME_RULE);
    const key = nameKey(name);
    if (this.#members.has(key)) {
      return refused("NAME_TAKEN", `Somebody else is ${name}`);
    }
    member.name = name;
    this.#members.set(key, member);
    return { type: "named", name };
  }

  #join(member: Member, given: string): RoomEvent {
    const name = readName(given);
    if (name === undefined) return refused("ROOM_INVALID", NAME_RULE);
    const key = nameKey(name);
    const room = this.#rooms.get(key) ?? {
      name,
      members: new Map(),
      history: new History(this.#limits.historyBytes),
    };
    const { maxMembers, maxRoomsPerMember } = this.#limits;
    if (member.rooms.has(room)) {
      return refused("MEMBER_ALREADY", `You are in ${room.name} already`);
    }
    if (room.members.size >= maxMembers) {
      return refused("ROOM_FULL", `${room.name} has ${maxMembers} members`);
    }
    if (member.rooms.size >= maxRoomsPerMember) {
      return refused("TOO_MANY_ROOMS", `You are in ${maxRoomsPerMember} rooms`);
    }
    this.#broadcast(room, {
      type: "joined",
      room: room.name,
      name: member.name,
    });
    this.#rooms.set(key, room);
    room.members.set(member.id, member);
    member.rooms.add(room);
    const history = room.history.messages;
    return { type: "entered", room: room.name, names: namesOf(room), history };
  }

  #leave(member: Member, room: Room): void {
    member.rooms.delete(room);
    room.members.delete(member.id);
    if (room.members.size === 0) this.#rooms.delete(nameKey(room.name));
    this.#broadcast(room, { type: "left", room: room.name, name: member.name });
  }

  #say(member: Member, room: Room, text: string): RoomEvent | undefined {
    const complaint = this.#complaint(text);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint);
    const message = {
      type: "said",
      room: room.name,
      from: member.name,
      text,
      time: Date.now(),
    } as const;
    room.history.add(message);
    this.#broadcast(room, message);
    return undefined;
  }

  #tell(member: Member, name: string, text: string): RoomEvent | undefined {
    const complaint = this.#complaint(text);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint);
    const other = find(this.#members, name);
    if (other === undefined) {
      return refused("NOBODY", "There is nobody of that name");
    }
    this.#server.broadcast({
      type: "told",
      from: member.name,
      to: other.name,
      text,
      time: Date.now(),
    }, new Set([member.id, other.id]));
    return undefined;
  }

  /** Tells all in the room, and waits for none of them. */
  #broadcast(room: Room, event: RoomEvent): void {
    this.#server.broadcast(event, room.members.keys());
  }

  #complaint(text: string): string | undefined {
    const { maxTextLength } = this.#limits;
    if (withoutUnseen(text).trim() === "") return "There is no text";
    // The units are a lower bound: what is far too long is not encoded.
    const tooLong = text.length > maxTextLength ||
      new TextEncoder().encode(text).length > maxTextLength;
    if (tooLong) return `The text has more than ${maxTextLength} bytes`;
    return isHarmless(text) ? undefined : "The text has control characters";
  }
}

const NAME_RULE = "A name is 1 to 32 letters, digits, _, - and .";

/**
 * Looks up by a name that anybody gave: what is none, which may be long and slow
 * to normalize, finds nothing.
 */
function find<T>(all: ReadonlyMap<string, T>, given: string): T | undefined {
  const name = readName(given);
  return name === undefined ? undefined : all.get(nameKey(name));
}

function namesOf({ members }: Room): string[] {
  return [...members.values()].map(({ name }) => name);
}

function refused(code: RoomRefusal, reason: string): RoomEvent {
  return { type: "refused", code, reason };
}
