import { ROOM_FLOOD_BYTES_PER_SECOND } from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { TokenBucket } from "../net/token_bucket.ts";
import type { Server } from "../server/types.ts";
import { History } from "./history.ts";
import { isHarmless, nameKey, readName, withoutUnseen } from "./names.ts";
import type { RoomEvent, RoomRefusal, RoomRequest } from "./protocol.ts";

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
  Server<RoomEvent, RoomRequest>,
  "broadcast" | "connections"
>;

/** The bytes that a request costs besides its text. */
const OVERHEAD = 128;

/** How often to look whether slower members have caught up. */
const POLL_MS = 10;

/** A client that has connected. */
interface Member {
  readonly id: number;
  /** Empty until the client has taken one. */
  name: string;
  readonly rooms: Set<Room>;
  /** How many bytes it has said lately. */
  readonly pace: TokenBucket;
  /** The connections that the last request told something. */
  audience: readonly number[];
}

interface Room {
  readonly name: string;
  readonly members: Map<number, Member>;
  readonly history: History;
}

/** The rooms with their members, and the names that are taken. */
export class RoomRegistry {
  readonly #server: RoomServer;
  readonly #limits: RoomLimits;
  /** By the keys of their names, like the rooms. */
  readonly #members = new Map<string, Member>();
  readonly #rooms = new Map<string, Room>();

  constructor(
    server: RoomServer,
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

  /** Handles the requests of a connection until it ends. */
  async handle(
    connection: FramedConnection<RoomEvent, RoomRequest>,
  ): Promise<void> {
    const member: Member = {
      id: connection.id,
      name: "",
      rooms: new Set(),
      pace: new TokenBucket(
        ROOM_FLOOD_BYTES_PER_SECOND,
        this.#limits.maxSendBuffer / 4,
      ),
      audience: [],
    };
    try {
      await connection.forEach((request) => {
        member.audience = [];
        const answer = this.#take(member, request);
        if (member.audience.length === 0) {
          // A client that sends requests without reading the answers is paused.
          return answer && connection.send(answer);
        }
        const sent = answer && connection.send(answer);
        return this.#mustWait(member) ? this.#wait(member, sent) : sent;
      });
    } finally {
      for (const room of member.rooms) this.#leave(member, room);
      if (member.name !== "") this.#members.delete(nameKey(member.name));
    }
  }

  /**
   * Whether a member is held back: it has said more than its allowance, and some
   * of its audience are behind. A member within its allowance is never held back.
   */
  #mustWait({ pace, audience }: Member): boolean {
    if (pace.owedMs === 0) return false;
    const { connections } = this.#server;
    const mark = this.#limits.maxSendBuffer / 2;
    return audience.some((id) =>
      (connections.get(id)?.bufferedBytes ?? 0) > mark
    );
  }

  /** Takes no further request of a member while it is held back. */
  async #wait(member: Member, sent: Promise<void> | undefined): Promise<void> {
    await sent;
    while (this.#mustWait(member)) {
      const ms = Math.min(member.pace.owedMs, POLL_MS);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }

  /** Handles a request; returns the answer to the member who made it. */
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
    this.#broadcast(member, room, {
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
    this.#broadcast(member, room, {
      type: "left",
      room: room.name,
      name: member.name,
    });
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
    this.#broadcast(member, room, message, byteLength(text));
    return undefined;
  }

  #tell(member: Member, name: string, text: string): RoomEvent | undefined {
    const complaint = this.#complaint(text);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint);
    const other = find(this.#members, name);
    if (other === undefined) {
      return refused("NOBODY", "There is nobody of that name");
    }
    this.#tellAll(
      member,
      [...new Set([member.id, other.id])],
      {
        type: "told",
        from: member.name,
        to: other.name,
        text,
        time: Date.now(),
      },
      byteLength(text),
    );
    return undefined;
  }

  /** Sends an event to all members of a room. */
  #broadcast(
    member: Member,
    room: Room,
    event: RoomEvent,
    bytes: number = 0,
  ): void {
    this.#tellAll(member, [...room.members.keys()], event, bytes);
  }

  /** @param bytes The length of the text in the event, for the pace. */
  #tellAll(
    member: Member,
    audience: readonly number[],
    event: RoomEvent,
    bytes: number,
  ): void {
    // An earlier debt is dropped: the member was not held back for it, since no other
    // member was behind.
    member.pace.forgive();
    member.pace.spend(OVERHEAD + bytes);
    member.audience = audience;
    this.#server.broadcast(event, audience);
  }

  #complaint(text: string): string | undefined {
    const { maxTextLength } = this.#limits;
    if (withoutUnseen(text).trim() === "") return "There is no text";
    // A text that is too long in UTF-16 units already need not be encoded.
    const tooLong = text.length > maxTextLength ||
      byteLength(text) > maxTextLength;
    if (tooLong) return `The text has more than ${maxTextLength} bytes`;
    return isHarmless(text) ? undefined : "The text has control characters";
  }
}

const NAME_RULE = "A name is 1 to 32 letters, digits, _, - and .";

/**
 * Looks up by a name that a client gave. A text that is no valid name, which may
 * be long and slow to normalize, finds nothing.
 */
function find<T>(all: ReadonlyMap<string, T>, given: string): T | undefined {
  const name = readName(given);
  return name === undefined ? undefined : all.get(nameKey(name));
}

/** How many bytes a text has in UTF-8. */
function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function namesOf({ members }: Room): string[] {
  return [...members.values()].map(({ name }) => name);
}

function refused(code: RoomRefusal, reason: string): RoomEvent {
  return { type: "refused", code, reason };
}
