import type { Position, TopicMessage } from "../backplane/engine.ts";
import type { Subscription } from "../backplane/types.ts";
import { ROOM_RECOVERY_BYTES } from "../defaults.ts";
import { History, type Past, readLine, withPosition } from "./history.ts";
import { notesOf, readNote, type RoomNote } from "./notes.ts";
import { readPosition, writePosition } from "./position.ts";
import { Presence, tellClosed } from "./presence.ts";
import type { RoomEvent } from "./protocol.ts";
import type { RoomHost, RoomMember } from "./room_host.ts";

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
  readonly #history: History;
  readonly #presence: Presence;
  /** After the last message, in a room that keeps what is said. */
  #position: Position | undefined;
  readonly #subscriptions: Subscription[] = [];
  #opening: Promise<void> | undefined;
  #isOpen = false;
  #isClosed = false;
  /** Members that have heard messages which have not come here yet: up to which. */
  readonly #ahead = new Map<number, bigint>();

  constructor(name: string, key: string, host: RoomHost) {
    this.name = name;
    this.key = key;
    this.#host = host;
    this.#history = new History(host.historyBytes);
    this.#presence = new Presence(
      this,
      host,
      ({ joined, left }) => this.#tellOfChange(joined, left),
    );
  }

  /** Whether the members elsewhere are known. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many members there are, on all nodes. */
  get size(): number {
    return this.members.size + this.#presence.size;
  }

  /** The names of all members. */
  get names(): string[] {
    const here = [...this.members.values()].map(({ name }) => name);
    return [...new Set([...here, ...this.#presence.names()])];
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
    this.#presence.joined(name);
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
    this.#presence.left(name);
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
    if (!this.#isClosed) this.#presence.take(note);
  }

  /** Removes the servers of a node that is gone. */
  removeNode(nodeId: string): void {
    this.#presence.removeNode(nodeId);
  }

  /** Finds out what it may have missed, and tells what others may have. */
  refresh(): void {
    if (this.#opening === undefined) return;
    this.#presence.askAgain();
    if (!this.#isOpen) return;
    this.#presence.tellAll();
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
    this.#presence.stop();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    return !this.#isOpen || tellClosed(this.#host, this.key);
  }

  async #open(): Promise<void> {
    const { backplane, delivery } = this.#host;
    this.#add(
      await backplane.listen(
        notesOf(this.key),
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
    await this.#presence.askAll();
    const [server] = this.#presence.servers;
    if (this.#host.delivery === "kept" || server === undefined) return;
    const heard = this.#history.all;
    const lines = await this.#host.historyOf(server, this.key);
    if (heard.length > 0) return;
    for (const line of lines) this.#history.add({ line, offset: 0n });
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

function topicOf(key: string): string {
  return `room:${key}`;
}

function saidIn(key: string): string {
  return `said:${key}`;
}
