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
import { History, readLine, type Said, withPosition } from "./history.ts";
import { readNote, type RoomNote, writeNote } from "./notes.ts";
import { readPosition, writePosition } from "./position.ts";
import type { RoomEvent, RoomMessage } from "./protocol.ts";

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
  /** The number of the last change that others were told. */
  #number = 0;
  readonly #joined = new Set<string>();
  readonly #left = new Set<string>();
  #callOffTelling: (() => void) | undefined;

  constructor(name: string, key: string, host: RoomHost) {
    this.name = name;
    this.key = key;
    this.#host = host;
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

  /** Adds a member of this server, who wants what was said after a position. */
  async enterSince(member: RoomMember, since: string): Promise<Entered> {
    const { messages, recovered } = await this.#messagesSince(since);
    return { ...this.enter(member), history: messages, recovered };
  }

  /** Adds a member of this server. */
  enter(member: RoomMember): Entered {
    const { name } = member;
    const joined = { type: "joined", room: this.name, name } as const;
    this.#host.tell(joined, this.members.keys());
    this.members.set(member.id, member);
    if (!this.#left.delete(name)) this.#joined.add(name);
    this.#tellLater();
    return {
      type: "entered",
      room: this.name,
      names: this.names,
      history: this.#history.all.map(({ line }) => readLine(line)),
      ...(this.#position && { position: writePosition(this.#position) }),
    };
  }

  /** Removes a member of this server. */
  leave({ id, name }: RoomMember): void {
    this.members.delete(id);
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
    if (!this.#isOpen) return;
    this.#send({ type: "ask", room: this.key, from: this.#host.id });
    this.#send(this.#here());
    // Nobody knows whether something was said meanwhile.
    if (this.#host.delivery === "fast") this.#tellOfLoss();
  }

  /** Ends. Other servers are told that nobody is here. */
  close(): void {
    this.#isClosed = true;
    this.#callOffTelling?.();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    if (!this.#isOpen) return;
    this.#send({ type: "closed", room: this.key, from: this.#host.id });
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
    if (backplane.nodes.size > 1) await this.#askAll();
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
    if (this.members.size === 0) return;
    const note = writeNote(this.#here());
    attempt(() => this.#host.backplane.send(inboxOf(server), note));
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
    if (this.#host.backplane.nodes.size === 1) return this.#forgetChanges();
    this.#callOffTelling ??= after(GATHER_MS, () => this.#tellNow());
  }

  #tellNow(): void {
    this.#callOffTelling?.();
    this.#callOffTelling = undefined;
    if (this.#joined.size + this.#left.size === 0) return;
    this.#send({
      type: "changed",
      room: this.key,
      from: this.#host.id,
      number: ++this.#number,
      joined: [...this.#joined],
      left: [...this.#left],
    });
    this.#joined.clear();
    this.#left.clear();
  }

  /** Nobody else is there: who comes later asks. */
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
    this.#host.tell(this.#remember(message, position), this.members.keys());
  }

  #remember({ bytes, offset }: TopicMessage, position: Position): Uint8Array {
    const line = withPosition(bytes, position);
    this.#history.add({ line, offset });
    return line;
  }

  #onGap(): void {
    // What comes next is the first that there is.
    this.#history.restart(this.#position?.offset ?? 0n);
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

  async #messagesSince(
    text: string,
  ): Promise<{ messages: readonly RoomMessage[]; recovered: boolean }> {
    const since = readPosition(text);
    const now = this.#position;
    if (now === undefined || since?.epoch !== now.epoch) {
      return { messages: this.#recent(), recovered: false };
    }
    const isHere = since.offset >= this.#history.completeAfter;
    const older = isHere ? [] : await this.#olderThanHere(since);
    if (older === undefined) {
      return { messages: this.#recent(), recovered: false };
    }
    const newest = older.at(-1)?.offset ?? since.offset;
    const messages = [...older, ...this.#history.all]
      .filter(({ offset }, i) => i < older.length || offset > newest);
    return {
      messages: messages.map(({ line }) => readLine(line)),
      recovered: true,
    };
  }

  /** What was said after a position, up to what is here; `undefined` if it is not all. */
  async #olderThanHere(since: Position): Promise<readonly Said[] | undefined> {
    const { messages, recovered, end } = await this.#host.backplane.history(
      topicOf(this.key),
      { since, maxBytes: ROOM_RECOVERY_BYTES },
    );
    const position = this.#position;
    if (!recovered || position?.epoch !== end.epoch) return undefined;
    if (end.offset < this.#history.completeAfter) return undefined;
    // What has come to the engine and not here yet comes as any other message.
    return messages.filter(({ offset }) => offset <= position.offset)
      .map(({ bytes, offset }) => ({
        line: withPosition(bytes, { epoch: end.epoch, offset }),
        offset,
      }));
  }

  #recent(): RoomMessage[] {
    return this.#history.all.map(({ line }) => readLine(line));
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

/** Does what is done anew when the engine is up again, should it be away. */
function attempt(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
  }
}

/** Whether an error is that of an engine that is away. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof NetError && error.code === "UNAVAILABLE";
}
