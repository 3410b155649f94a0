import { isUnavailable } from "../backplane/errors.ts";
import type { Claim } from "../backplane/types.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { NetError } from "../net/errors.ts";
import type { Past } from "./history.ts";
import { findByName, nameKey, readName } from "./names.ts";
import { askServer, type Told } from "./other_servers.ts";
import { Pace } from "./pace.ts";
import { encodeEvent, type RoomEvent, type RoomRequest } from "./protocol.ts";
import {
  NAME_RULE,
  NOBODY,
  orUnavailable,
  refused,
  unavailableOr,
} from "./refusals.ts";
import type { Room } from "./room.ts";
import type { RoomMember } from "./room_host.ts";
import type { RoomServer, RoomTable } from "./room_table.ts";
import { byteLength, complaintOf } from "./texts.ts";

/** The limits of rooms and members. */
export interface RoomLimits {
  readonly maxTextLength: number;
  readonly maxMembers: number;
  readonly maxRoomsPerMember: number;
  readonly maxSendBuffer: number;
}

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

/** The members of a server, with the names that they have taken. */
export class RoomRegistry {
  readonly #server: RoomServer;
  readonly #rooms: RoomTable;
  readonly #limits: RoomLimits;
  /** By the keys of their names. */
  readonly #members = new Map<string, Member>();

  constructor(server: RoomServer, rooms: RoomTable, limits: RoomLimits) {
    this.#server = server;
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** Tells a member something; returns the name, if there is a member of the key. */
  tell(key: string, event: Told): string | undefined {
    const member = this.#members.get(key);
    if (member === undefined) return undefined;
    this.#rooms.tell({ ...event, to: member.name }, [member.id]);
    return member.name;
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
        const room = this.#rooms.find(request.room);
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
    const claim = await this.#rooms.backplane.claim(
      `name:${key}`,
      this.#rooms.id,
    );
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
    const room = this.#rooms.of(name);
    if (member.rooms.has(room)) {
      return refused("MEMBER_ALREADY", `You are in ${room.name} already`);
    }
    if (member.rooms.size >= maxRoomsPerMember) {
      this.#rooms.closeUnused(room);
      return refused("TOO_MANY_ROOMS", `You are in ${maxRoomsPerMember} rooms`);
    }
    if (room.isOpen && since === undefined) return this.#enter(member, room);
    return orUnavailable(
      this.#rooms.using(room, async () => {
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
    this.#rooms.closeUnused(room);
  }

  #who(given: string): Answer {
    const name = readName(given);
    const known = this.#rooms.find(given);
    if (name === undefined || this.#rooms.isAlone || known?.isOpen) {
      return { type: "members", room: given, names: known?.names ?? [] };
    }
    const room = this.#rooms.of(name);
    return orUnavailable(
      this.#rooms.using(room, async () => {
        await room.open();
        this.#rooms.keepForOthers(room);
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
    const complaint = complaintOf(text, this.#limits.maxTextLength);
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
    const complaint = complaintOf(text, this.#limits.maxTextLength);
    if (complaint !== undefined) return refused("TEXT_INVALID", complaint);
    const event = {
      type: "told",
      from: member.name,
      to: name,
      text,
      time: Date.now(),
    } as const;
    const other = findByName(this.#members, name);
    const bytes = byteLength(text);
    if (other === undefined) {
      if (this.#rooms.isAlone) return NOBODY;
      member.pace.spend([member.id], bytes);
      return orUnavailable(this.#tellElsewhere(name, event));
    }
    const both = new Set([member.id, other.id]);
    member.pace.spend(both, bytes);
    this.#rooms.tell({ ...event, to: other.name }, both);
    return undefined;
  }

  /** Tells a member of another server; that one knows how the name is written. */
  async #tellElsewhere(
    name: string,
    event: Told,
  ): Promise<RoomEvent> {
    const given = readName(name);
    if (given === undefined) return NOBODY;
    const to = nameKey(given);
    const holder = await this.#rooms.backplane.holder(`name:${to}`);
    if (holder === undefined) return NOBODY;
    const reply = await askServer(this.#rooms.backplane, holder.note, {
      type: "tell",
      to,
      event,
    });
    if (reply.length === 0) return NOBODY;
    return { ...event, to: new TextDecoder().decode(reply) };
  }
}

function ignoreUnavailable(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}
