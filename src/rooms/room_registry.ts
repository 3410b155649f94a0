import type { Backplane, Claim } from "../backplane/types.ts";
import {
  ROOM_FLOOD_BYTES_PER_SECOND,
  ROOM_QUESTION_TIMEOUT_MS,
  ROOM_WATCH_MS,
} from "../defaults.ts";
import type { FramedConnection } from "../framed/framed_connection.ts";
import { concat } from "../net/bytes.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import { TokenBucket } from "../net/token_bucket.ts";
import type { Server } from "../server/types.ts";
import { linesOf } from "./history.ts";
import { isHarmless, nameKey, readName, withoutUnseen } from "./names.ts";
import { readNote } from "./notes.ts";
import {
  encodeEvent,
  type RoomEvent,
  type RoomRefusal,
  type RoomRequest,
} from "./protocol.ts";
import {
  inboxOf,
  isUnavailable,
  Room,
  type RoomDelivery,
  type RoomHost,
  type RoomMember,
} from "./room.ts";

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

/** The bytes that a request costs besides its text. */
const OVERHEAD = 128;

/** How often to look whether slower members have caught up. */
const POLL_MS = 10;

/** The longest id of what is said. */
const MAX_ID_LENGTH = 64;

/** A client that has connected. */
interface Member extends RoomMember {
  /** Empty until the client has taken one. */
  name: string;
  claim: Claim | undefined;
  readonly rooms: Set<Room>;
  /** How many bytes it has said lately. */
  readonly pace: TokenBucket;
  /** The connections that the last request told something. */
  audience: readonly number[];
  /** Whether its connection has ended. */
  isGone: boolean;
}

/** The answer to a request, or a promise of it. */
type Answer = RoomEvent | undefined | Promise<RoomEvent | undefined>;

/** What one server of rooms asks another. */
type Question =
  | { readonly type: "history"; readonly room: string }
  | {
    readonly type: "tell";
    readonly to: string;
    readonly event: Extract<RoomEvent, { type: "told" }>;
  };

/** The rooms with their members, and the names that are taken. */
export class RoomRegistry implements RoomHost {
  readonly backplane: Backplane;
  readonly delivery: RoomDelivery;
  readonly historyBytes: number;
  readonly id: string;

  readonly #server: RoomServer;
  readonly #limits: RoomLimits;
  /** By the keys of their names, like the rooms. */
  readonly #members = new Map<string, Member>();
  readonly #rooms = new Map<string, Room>();
  /** The nodes that were here and are gone. */
  readonly #gone = new Set<string>();
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
    const inbox = inboxOf(this.id);
    const notes = await backplane.listen(inbox, (bytes) => {
      const note = readNote(bytes);
      this.#rooms.get(note.room)?.take(note);
    });
    const questions = backplane.serve(inbox, (bytes) => this.#reply(bytes));
    this.#ends.push(
      () => notes.unsubscribe(),
      () => questions.unsubscribe(),
      backplane.onNode((nodeId, isAlive) => this.#onNode(nodeId, isAlive)),
      backplane.onState((state) => {
        if (state === "up") this.#refresh();
      }),
    );
  }

  /** Ends what `start` has begun. */
  end(): void {
    for (const end of this.#ends) end();
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
      const reply = await this.#ask(server, { type: "history", room });
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
      pace: new TokenBucket(
        ROOM_FLOOD_BYTES_PER_SECOND,
        this.#limits.maxSendBuffer / 4,
      ),
      audience: [],
      isGone: false,
    };
    const respond = (answer: RoomEvent | undefined) => {
      // A client that sends requests without reading the answers is paused.
      const sent = answer && connection.send(answer);
      if (member.audience.length === 0) return sent;
      return this.#mustWait(member) ? this.#wait(member, sent) : sent;
    };
    try {
      await connection.forEach((request) => {
        member.audience = [];
        const answer = this.#take(member, request);
        return answer instanceof Promise
          ? answer.then(respond)
          : respond(answer);
      });
    } finally {
      member.isGone = true;
      for (const room of member.rooms) this.#leave(member, room);
      this.#releaseName(member);
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
    if (member.isGone) this.#releaseName(member);
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
        return await this.#enter(member, room, since);
      }),
    );
  }

  #enter(member: Member, room: Room, since?: string): Answer {
    const { maxMembers } = this.#limits;
    if (room.size >= maxMembers) {
      return refused("ROOM_FULL", `${room.name} has ${maxMembers} members`);
    }
    if (member.isGone) return undefined;
    this.#spend(member, room, 0);
    member.rooms.add(room);
    return since === undefined
      ? room.enter(member)
      : room.enterSince(member, since);
  }

  #leave(member: Member, room: Room): void {
    member.rooms.delete(room);
    room.leave(member);
    this.#spend(member, room, 0);
    this.#closeUnused(room);
  }

  #who(given: string): Answer {
    const name = readName(given);
    const isAlone = this.backplane.nodes.size === 1;
    if (name === undefined || isAlone || find(this.#rooms, name)?.isOpen) {
      return { type: "members", room: given, names: this.who(given) };
    }
    const room = this.#roomOf(name);
    return orUnavailable(
      this.#using(room, async () => {
        await room.open();
        // Others may ask about it, too.
        room.uses++;
        after(ROOM_WATCH_MS, () => this.#endUse(room));
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
      return refused("ID_INVALID", `An id is 1 to ${MAX_ID_LENGTH} characters`);
    }
    const line = encodeEvent({
      type: "said",
      room: room.name,
      from: member.name,
      text,
      time: Date.now(),
    });
    this.#spend(member, room, byteLength(text));
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
      if (this.backplane.nodes.size === 1) return NOBODY;
      return orUnavailable(this.#tellElsewhere(name, event));
    }
    this.#spendFor(member, [...new Set([member.id, other.id])], bytes);
    this.tell({ ...event, to: other.name }, member.audience);
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
    const reply = await this.#ask(holder.note, { type: "tell", to, event });
    if (reply.length === 0) return NOBODY;
    return { ...event, to: new TextDecoder().decode(reply) };
  }

  async #ask(server: string, question: Question): Promise<Uint8Array> {
    const bytes = new TextEncoder().encode(JSON.stringify(question));
    const [to = ""] = server.split("/");
    return await this.backplane.request(inboxOf(server), bytes, {
      to,
      timeoutMs: ROOM_QUESTION_TIMEOUT_MS,
    });
  }

  /** Answers what another server asks. */
  #reply(bytes: Uint8Array): Uint8Array {
    const question = JSON.parse(new TextDecoder().decode(bytes)) as Question;
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

  #endUse(room: Room): void {
    room.uses--;
    this.#closeUnused(room);
  }

  /** Closes a room which nobody of this server is in. */
  #closeUnused(room: Room): void {
    if (room.members.size > 0 || room.uses > 0) return;
    if (this.#rooms.get(room.key) !== room) return;
    this.#rooms.delete(room.key);
    room.close();
  }

  #spend(member: Member, room: Room, bytes: number): void {
    this.#spendFor(member, [...room.members.keys()], bytes);
  }

  /** @param bytes The length of the text that the audience gets, for the pace. */
  #spendFor(
    member: Member,
    audience: readonly number[],
    bytes: number,
  ): void {
    // An earlier debt is dropped: the member was not held back for it, since no other
    // member was behind.
    member.pace.forgive();
    member.pace.spend(OVERHEAD + bytes);
    member.audience = audience;
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

const NOBODY: RoomEvent = refused("NOBODY", "There is nobody of that name");

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

function refused(code: RoomRefusal, reason: string, id?: string): RoomEvent {
  const refusal = { type: "refused", code, reason } as const;
  return id === undefined ? refusal : { ...refusal, id };
}

/** An answer, or the refusal where the engine or another node is away. */
async function orUnavailable(
  answer: Promise<RoomEvent | undefined>,
  id?: string,
): Promise<RoomEvent | undefined> {
  try {
    return await answer;
  } catch (error) {
    return unavailableOr(error, id);
  }
}

function unavailableOr(error: unknown, id?: string): RoomEvent {
  if (!(error instanceof NetError)) throw error;
  const reason = "The rooms cannot be reached for the moment: try again";
  return refused("UNAVAILABLE", reason, id);
}

function ignoreUnavailable(error: unknown): void {
  if (!isUnavailable(error)) throw error;
}
