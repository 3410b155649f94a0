import type { Position, TopicMessage } from "../backplane/engine.ts";
import type {
  Backplane,
  Subscription,
  TopicSubscription,
} from "../backplane/types.ts";
import { ROOM_RECOVERY_BYTES } from "../defaults.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import { after } from "../net/timer.ts";
import { Elsewhere } from "./elsewhere.ts";
import { History, type Past, readLine, withPosition } from "./history.ts";
import { readNote, type RoomNote, writeNote } from "./notes.ts";
import { readPosition, writePosition } from "./position.ts";
import type { RoomEvent } from "./protocol.ts";

/**
 * How long a room that is opened waits for other nodes to tell who is there. One that
 * answers later adds its members then.
 */
const ANSWERS_MS = 100;

/** For how long joins and leaves are gathered before other nodes are told. */
const GATHER_MS = 20;

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

/** The answer to who joins. */
export type Entered = Extract<RoomEvent, { type: "entered" }>;

/** A room on this server: its members here, and what is known of those elsewhere. */
export class Room {
  readonly key: string;
  /** The members of this server, by their connections. */
  readonly members: Map<number, RoomMember> = new Map();
  /** How it is written. */
  name: string;
  /** By how many requests it is in use besides its members. */
  uses = 0;

  readonly #host: RoomHost;
  readonly #elsewhere = new Elsewhere();
  readonly #history: History;
  /** After the last message, in a room that keeps what is said. */
  #position: Position | undefined;
  #subscriptions: (Subscription | TopicSubscription)[] = [];
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isClosed = false;
  /** How many nodes have not answered yet. */
  #unanswered = 0;
  #answered: Deferred<void> | undefined;
  /** Members that have heard messages which have not come here yet: up to which. */
  readonly #ahead = new Map<number, bigint>();
  /** The number of the last change that others were told. */
  #number: number;
  /** Whether others have been told anything. */
  #isKnown = false;
  readonly #joined = new Set<string>();
  readonly #left = new Set<string>();
  #callOffTelling: (() => void) | undefined;

  constructor(name: string, key: string, host: RoomHost) {
    this.name = name;
    this.key = key;
    this.#host = host;
    // Others may still have what a room of the same name has told before.
    this.#number = host.changes;
    this.#history = new History(host.historyBytes);
  }

  /** Whether the members elsewhere are known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many members there are, on all nodes. */
  get size(): number {
    return this.members.size + this.#elsewhere.size;
  }

  /** The names of all members. */
  get names(): string[] {
    const here = [...this.members.values()].map(({ name }) => name);
    return [...new Set([...here, ...this.#elsewhere.names()])];
  }

  /** Finds out who is there, and begins to hear what is said. */
  open(): Promise<void> {
    return this.#opening ??= this.#open();
  }

  /** Finds out what was said after a position that a client gave. */
  async pastSince(text: string): Promise<Past> {
    const since = readPosition(text);
    const now = this.#position;
    if (now === undefined || since?.epoch !== now.epoch) {
      return { since: undefined, kept: undefined };
    }
    const isHere = since.offset <= now.offset &&
      this.#history.hasAllAfter(since.offset);
    const kept = isHere
      ? undefined
      : await this.#host.backplane.history(topicOf(this.key), {
        since,
        maxBytes: ROOM_RECOVERY_BYTES,
      });
    return { since, kept };
  }

  /**
   * Adds a member of this server.
   *
   * @param past What it has missed, where it comes back.
   */
  enter(member: RoomMember, past?: Past): Entered {
    const { name } = member;
    const now = this.#position;
    const missed = past && now && this.#history.since(past, now);
    const isAhead = missed !== undefined && past!.since!.offset > now!.offset;
    if (isAhead) this.#ahead.set(member.id, past!.since!.offset);
    const position = isAhead ? past!.since : now;
    const joined = { type: "joined", room: this.name, name } as const;
    this.#host.tell(joined, this.members.keys());
    this.members.set(member.id, member);
    if (!this.#left.delete(name)) this.#joined.add(name);
    this.#tellLater();
    return {
      type: "entered",
      room: this.name,
      names: this.names,
      history: (missed ?? this.#history.all).map(({ line }) => readLine(line)),
      ...(position && { position: writePosition(position) }),
      ...(past && { recovered: missed !== undefined }),
    };
  }

  /** Removes a member of this server. */
  leave({ id, name }: RoomMember): void {
    this.members.delete(id);
    this.#ahead.delete(id);
    const left = { type: "left", room: this.name, name } as const;
    this.#host.tell(left, this.members.keys());
    if (!this.#joined.delete(name)) this.#left.add(name);
    this.#tellLater();
  }

  /**
   * Says something to all members.
   *
   * @returns A promise that settles when the engine has it, in a room that keeps it.
   */
  say(line: Uint8Array, id: string | undefined): Promise<unknown> | undefined {
    const { backplane, delivery } = this.#host;
    if (delivery === "kept") {
      const options = id === undefined ? {} : { id };
      return backplane.publish(topicOf(this.key), line, options);
    }
    backplane.send(saidIn(this.key), line);
    return undefined;
  }

  /** The lines of the history, for another server. */
  get lines(): readonly Uint8Array[] {
    return this.#history.all.map(({ line }) => line);
  }

  /** Takes what another server tells. */
  take(note: RoomNote): void {
    if (note.from === this.#host.id || this.#isClosed) return;
    if (note.type === "ask") return this.#answer(note.from);
    const change = this.#elsewhere.take(note);
    if (change === undefined) return this.#askAgain(note.from);
    if (note.type === "here") this.#welcome(note.name);
    this.#tellOfChange(change.joined, change.left);
  }

  /** Removes the servers of a node that is gone. */
  removeNode(nodeId: string): void {
    for (const server of [...this.#elsewhere.servers]) {
      if (!isOfNode(server, nodeId)) continue;
      this.#tellOfChange([], this.#elsewhere.remove(server).left);
    }
  }

  /** Finds out what it may have missed, and tells what others may have. */
  refresh(): void {
    if (this.#opening === undefined) return;
    this.#send({ type: "ask", room: this.key, from: this.#host.id });
    // They may have closed the room, and hear nothing of it.
    for (const server of this.#elsewhere.servers) this.#askAgain(server);
    if (!this.#isOpen) return;
    if (this.members.size > 0) this.#send(this.#here());
    // Nobody knows whether something was said meanwhile.
    if (this.#host.delivery === "fast") this.#tellOfLoss();
  }

  /**
   * Ends. Other servers are told that nobody is here.
   *
   * @returns Whether they were; not while the engine is away.
   */
  close(): boolean {
    this.#isClosed = true;
    this.#callOffTelling?.();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    return !this.#isOpen || tellClosed(this.#host, this.key);
  }

  async #open(): Promise<void> {
    const { backplane, delivery } = this.#host;
    this.#add(
      await backplane.listen(
        `room:${this.key}`,
        (bytes) => this.take(readNote(bytes)),
      ),
    );
    if (delivery === "kept") await this.#follow();
    else {
      this.#add(
        await backplane.listen(saidIn(this.key), (line) => this.#hear(line)),
      );
    }
    if (!this.#host.isAlone) await this.#askAll();
    this.#isOpen = true;
  }

  /** Keeps a subscription until the room is closed, which may be already. */
  #add(subscription: Subscription): void {
    if (this.#isClosed) subscription.unsubscribe();
    else this.#subscriptions.push(subscription);
  }

  async #follow(): Promise<void> {
    const { backplane, historyBytes } = this.#host;
    const topic = topicOf(this.key);
    const { messages, end } = await backplane.history(topic, {
      maxBytes: historyBytes,
    });
    const first = messages[0]?.offset;
    this.#history.restart(first === undefined ? end.offset : first - 1n);
    for (const message of messages) {
      this.#remember(message, { epoch: end.epoch, offset: message.offset });
    }
    this.#position = end;
    this.#add(
      await backplane.subscribe(
        topic,
        (message, position) => this.#hearKept(message, position),
        { from: end, onGap: () => this.#onGap() },
      ),
    );
  }

  /** Asks the other servers who is there, and one of them what was said. */
  async #askAll(): Promise<void> {
    const { backplane, id, delivery } = this.#host;
    this.#unanswered = backplane.nodes.size - 1;
    this.#answered = deferred();
    const callOff = after(ANSWERS_MS, this.#answered.resolve);
    this.#send({ type: "ask", room: this.key, from: id });
    await this.#answered.promise;
    callOff();
    this.#answered = undefined;
    const [server] = this.#elsewhere.servers;
    if (delivery === "kept" || server === undefined) return;
    const heard = this.#history.all;
    const lines = await this.#host.historyOf(server, this.key);
    if (heard.length > 0) return;
    for (const line of lines) this.#history.add({ line, offset: 0n });
  }

  #welcome(name: string): void {
    if (this.members.size === 0) this.name = name;
    if (--this.#unanswered <= 0) this.#answered?.resolve();
  }

  #answer(server: string): void {
    const { backplane, id } = this.#host;
    const note = this.members.size > 0
      ? this.#here()
      : { type: "closed", room: this.key, from: id } as const;
    attempt(() => backplane.send(inboxOf(server), writeNote(note)));
  }

  #askAgain(server: string): void {
    const { id, backplane } = this.#host;
    const note = { type: "ask", room: this.key, from: id } as const;
    attempt(() => backplane.send(inboxOf(server), writeNote(note)));
  }

  #here(): RoomNote {
    this.#tellNow();
    return {
      type: "here",
      room: this.key,
      from: this.#host.id,
      number: this.#number,
      name: this.name,
      members: [...this.members.values()].map(({ name }) => name),
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
      room: this.key,
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
    attempt(() => backplane.send(`room:${this.key}`, writeNote(note)));
  }

  #hear(line: Uint8Array): void {
    this.#history.add({ line, offset: 0n });
    this.#host.tell(line, this.members.keys());
  }

  #hearKept(message: TopicMessage, position: Position): void {
    this.#position = position;
    const line = this.#remember(message, position);
    const to = this.#ahead.size === 0
      ? this.members.keys()
      : this.#withoutIt(message.offset);
    this.#host.tell(line, to);
  }

  /** The members that have not heard a message on another server. */
  #withoutIt(offset: bigint): number[] {
    return [...this.members.keys()].filter((id) => {
      if (offset <= (this.#ahead.get(id) ?? 0n)) return false;
      this.#ahead.delete(id);
      return true;
    });
  }

  #remember({ bytes, offset }: TopicMessage, position: Position): Uint8Array {
    const line = withPosition(bytes, position);
    this.#history.add({ line, offset });
    return line;
  }

  #onGap(): void {
    this.#history.breakOff();
    this.#ahead.clear();
    this.#tellOfLoss();
  }

  #tellOfLoss(): void {
    const lost = { type: "lost", room: this.name } as const;
    this.#host.tell(lost, this.members.keys());
  }

  #tellOfChange(joined: readonly string[], left: readonly string[]): void {
    const room = this.name;
    for (const name of left) {
      this.#host.tell({ type: "left", room, name }, this.members.keys());
    }
    for (const name of joined) {
      this.#host.tell({ type: "joined", room, name }, this.members.keys());
    }
  }
}

/** The channel on which a server listens for others. */
export function inboxOf(server: string): string {
  return `rooms:${server}`;
}

function topicOf(key: string): string {
  return `room:${key}`;
}

function saidIn(key: string): string {
  return `said:${key}`;
}

/** Whether a server of rooms is on a node. */
export function isOfNode(server: string, nodeId: string): boolean {
  return server.startsWith(`${nodeId}/`);
}

/** Tells other servers that nobody is in a room here; returns whether it could. */
export function tellClosed({ backplane, id }: RoomHost, room: string): boolean {
  const note = writeNote({ type: "closed", room, from: id });
  return attempt(() => backplane.send(`room:${room}`, note));
}

/** Sends, unless the engine is away. Returns whether it was not. */
function attempt(send: () => void): boolean {
  try {
    send();
    return true;
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return false;
  }
}

/** Whether an error is that of an engine that is away. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof NetError && error.code === "UNAVAILABLE";
}
