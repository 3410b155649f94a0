import { createClient, type FramedConnection } from "../mod.ts";
import {
  type RoomEvent,
  type RoomMessage,
  type RoomRequest,
  roomsCodec,
} from "../src/rooms/mod.ts";

type EventOf<Type> = Extract<RoomEvent, { readonly type: Type }>;

/** A client of the rooms. It remembers the texts that it hears, for each room. */
export class Member {
  readonly name: string;
  readonly texts: Map<string, string[]> = new Map();
  readonly positions: Map<string, string> = new Map();
  /** Who has left a room, and when it was told so. */
  readonly left: Map<string, number> = new Map();
  /** How often it was told that something is lost. */
  lost = 0;
  onSaid: (message: RoomMessage) => void = () => undefined;
  readonly #client: FramedConnection<RoomRequest, RoomEvent>;
  /** Those who wait for answers, in the order of the requests. */
  readonly #waiting: ((event: RoomEvent | undefined) => void)[] = [];
  readonly #saying = new Map<string, (isSent: boolean) => void>();
  readonly #ended: Promise<void>;

  private constructor(
    client: FramedConnection<RoomRequest, RoomEvent>,
    name: string,
  ) {
    this.#client = client;
    this.name = name;
    this.#ended = this.#receive();
  }

  /** Connects, and takes a name as soon as it is free. */
  static async connect(port: number, name: string): Promise<Member> {
    const client = await createClient({
      address: { port },
      codec: roomsCodec(),
    });
    const member = new Member(client, name);
    while (!await member.takesName()) await sleep(50);
    return member;
  }

  /** Connects without a name. */
  static async unnamed(port: number, name: string): Promise<Member> {
    const codec = roomsCodec();
    const client = await createClient({ address: { port }, codec });
    return new Member(client, name);
  }

  /** Whether it gets its name. */
  async takesName(): Promise<boolean> {
    const event = await this.#ask({ type: "name", name: this.name });
    return event.type === "named";
  }

  /** Enters a room; with `since`, what was said meanwhile counts as heard. */
  async join(room: string, since?: string): Promise<EventOf<"entered">> {
    const event = await this.#ask({
      type: "join",
      room,
      ...since !== undefined && { since },
    });
    if (event.type !== "entered") throw new Error(JSON.stringify(event));
    return event;
  }

  async who(room: string): Promise<readonly string[]> {
    const event = await this.#ask({ type: "who", room });
    if (event.type !== "members") throw new Error(JSON.stringify(event));
    return event.names;
  }

  /** Says something; returns whether it was kept. */
  say(room: string, text: string, id: string): Promise<boolean> {
    return new Promise((resolve) => {
      this.#saying.set(id, resolve);
      void this.#client.send({ type: "say", room, text, id });
    });
  }

  /** The texts that it has heard in a room. */
  heard(room: string): string[] {
    const texts = this.texts.get(room) ?? [];
    this.texts.set(room, texts);
    return texts;
  }

  async close(): Promise<void> {
    await this.#client.close();
    await this.#ended;
  }

  async #ask(request: RoomRequest): Promise<RoomEvent> {
    const answer = new Promise<RoomEvent | undefined>((resolve) => {
      this.#waiting.push(resolve);
    });
    await this.#client.send(request);
    const event = await answer;
    if (event === undefined) throw new Error("The connection has ended");
    return event;
  }

  async #receive(): Promise<void> {
    try {
      await this.#client.forEach((event) => this.#take(event));
    } catch {
      // The node has gone: those who wait are told.
    }
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    for (const resolve of this.#saying.values()) resolve(false);
  }

  #take(event: RoomEvent): void {
    switch (event.type) {
      case "said":
        return this.#hear(event);
      case "lost":
        this.lost++;
        return;
      case "left":
        this.left.set(event.name, performance.now());
        return;
      case "sent":
        return this.#settle(event.id, true);
      case "refused":
        if (event.id !== undefined) return this.#settle(event.id, false);
        break;
      case "entered":
        this.#enter(event);
        break;
      case "joined":
      case "told":
        return;
    }
    this.#waiting.shift()?.(event);
  }

  #enter({ room, recovered, history, position }: EventOf<"entered">): void {
    if (position !== undefined) this.positions.set(room, position);
    if (recovered === undefined) return;
    this.heard(room).push(...history.map(({ text }) => text));
  }

  #hear(message: RoomMessage): void {
    const { room, text, position } = message;
    this.heard(room).push(text);
    if (position !== undefined) this.positions.set(room, position);
    this.onSaid(message);
  }

  #settle(id: string, isSent: boolean): void {
    this.#saying.get(id)?.(isSent);
    this.#saying.delete(id);
  }
}

/** Waits, in milliseconds; not at all where that is less than 0. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** The numbers from 0 on. */
export function range(count: number): number[] {
  return [...Array(count).keys()];
}
