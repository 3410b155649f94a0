import { setTimeout } from "node:timers/promises";
import { type FramedConnection, NetError, reconnecting } from "../../mod.ts";
import {
  type RoomEvent,
  type RoomMessage,
  type RoomRequest,
  roomsCodec,
} from "../../src/rooms/mod.ts";

type Connection = FramedConnection<RoomRequest, RoomEvent>;
type Say = RoomRequest & { readonly type: "say"; readonly id: string };

/** How often to ping, so that the server does not cut a client that only listens. */
const PING_MS = 60_000;

/** After which time something that was refused for the moment is tried again. */
const RETRY_MS = 500;

/** How long the end waits for the answers to what was said. */
const LEAVE_MS = 5_000;

/** Options of {@linkcode Member}. */
export interface MemberOptions {
  readonly name: string;
  /** The nodes of the service. With one only, the end of its connection is the end. */
  readonly addresses: readonly string[];
  /** Takes what is said, who comes and goes, and the answers to requests. */
  readonly onEvent: (event: RoomEvent) => void;
  /** Called when the connection has ended, or another one could not be had. */
  readonly onLoss: (error: unknown) => void;
  /**
   * Called when it is in a room again.
   *
   * @param missed What was said meanwhile.
   * @param isAll Whether that is certainly all of it.
   */
  readonly onReturn: (
    room: string,
    missed: readonly RoomMessage[],
    isAll: boolean,
  ) => void;
}

/** A room that a member is in. */
interface Place {
  readonly room: string;
  /** After the last message that was heard, where the room keeps what is said. */
  position: string | undefined;
  /** When the last message was said that was heard; `undefined` before it is entered. */
  time: number | undefined;
}

/**
 * Somebody in chat rooms, who stays there when a node of the service dies: connects to
 * the next node, takes the name again, goes back to the rooms and gets what was said
 * meanwhile. What it says has an id, and is said again with the same id until a node has
 * answered: so nobody misses it, and nobody hears it twice.
 */
export class Member {
  /** Settles when it is in its first room. Rejects if the name cannot be had. */
  readonly ready: Promise<void>;
  /** Settles when it has left. Rejects when it has lost its connection for good. */
  readonly ended: Promise<void>;

  readonly #options: MemberOptions;
  readonly #stop = new AbortController();
  /** By their names in lower case, the room to talk in last. */
  readonly #places = new Map<string, Place>();
  /** What is to be said. The first one has been sent, and waits for the answer. */
  readonly #unsaid: Say[] = [];
  /** While the member is in its rooms. */
  #connection: Connection | undefined;
  #wasNamed = false;
  #isLeaving = false;
  #settleJoin = (): void => {};
  #allSaid = (): void => {};

  /** Connects, and enters a room. */
  constructor(room: string, options: MemberOptions) {
    this.#options = options;
    const first = { room, position: undefined, time: undefined };
    this.#places.set(room.toLowerCase(), first);
    const ready = Promise.withResolvers<void>();
    this.ended = this.#run(ready.resolve);
    this.ended.catch(ready.reject);
    this.ready = ready.promise;
    this.ready.catch(() => {}); // `ended` rejects as well
  }

  /** The rooms that it is in, the one that it talks in last. */
  get rooms(): string[] {
    return [...this.#places.values()].map(({ room }) => room);
  }

  /** Talks in a room from now on that it is in. */
  talkIn(room: string): void {
    const key = room.toLowerCase();
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#places.set(key, place);
  }

  /** Says something, now or when there is a connection again. */
  say(room: string, text: string): void {
    this.#unsaid.push({ type: "say", room, text, id: crypto.randomUUID() });
    if (this.#unsaid.length === 1) this.#sayFirst();
  }

  /** Enters a room. Settles when there is an answer, or the connection has ended. */
  async join(room: string): Promise<boolean> {
    const answered = new Promise<void>((resolve) => this.#settleJoin = resolve);
    if (!this.send({ type: "join", room })) return false;
    await answered;
    return true;
  }

  /** Sends a request; returns `false` where there is no connection. */
  send(request: RoomRequest): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    const send = async () => await connection.send(request);
    // The end of the connection, which `#run` sees as well.
    send().catch(() => {});
    return true;
  }

  /** Waits for the answers to what was said, and leaves. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    if (this.#connection !== undefined && this.#unsaid.length > 0) {
      const allSaid = new Promise<void>((resolve) => this.#allSaid = resolve);
      await Promise.race([allSaid, this.ended, setTimeout(LEAVE_MS)]);
    }
    // Half-close: the server still answers the last requests.
    if (this.#connection === undefined) this.#stop.abort();
    else await this.#connection.closeWrite().catch(() => {});
    await this.ended;
  }

  async #run(onReady: () => void): Promise<void> {
    const { addresses, onLoss } = this.#options;
    const isAlone = addresses.length === 1;
    const connections = reconnecting({
      address: [...addresses],
      codec: roomsCodec(),
      signal: this.#stop.signal,
      initialDelayMs: 200,
      maxDelayMs: 2_000,
      maxAttempts: isAlone ? 1 : Infinity,
      login: (connection) => this.#login(connection),
      onRetry: onLoss,
    });
    try {
      for await (const connection of connections) {
        this.#connection = connection;
        onReady();
        this.#sayFirst();
        const error = await this.#receive(connection);
        this.#connection = undefined;
        this.#settleJoin();
        if (this.#isLeaving) return;
        if (isAlone) throw error;
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  /** Takes events until the connection ends; returns why it has. */
  async #receive(connection: Connection): Promise<unknown> {
    const pinging = setInterval(() => this.send({ type: "ping" }), PING_MS);
    try {
      await connection.forEach((event) => this.#take(event));
      return new Error("The server has closed the connection");
    } catch (error) {
      return error;
    } finally {
      clearInterval(pinging);
    }
  }

  /** Takes the name, and enters the rooms. */
  async #login(connection: Connection): Promise<void> {
    const { name, onEvent } = this.#options;
    const named = await this.#ask(connection, { type: "name", name });
    if (named.type === "refused") throw new Error(named.reason);
    if (!this.#wasNamed) onEvent(named);
    this.#wasNamed = true;
    for (const place of [...this.#places.values()]) {
      await this.#enter(connection, place);
    }
  }

  async #enter(connection: Connection, place: Place): Promise<void> {
    const { room, position, time } = place;
    const event = await this.#ask(connection, {
      type: "join",
      room,
      ...(position !== undefined && { since: position }),
    });
    if (event.type !== "entered") {
      this.#places.delete(room.toLowerCase());
      return this.#options.onEvent(event);
    }
    if (time === undefined) return this.#take(event);
    const isAll = event.recovered === true;
    // Otherwise the history is the last of what was said, which it may have heard.
    const missed = event.history.filter((said) => isAll || said.time > time);
    this.#remember(event);
    this.#options.onReturn(room, missed, isAll);
  }

  /**
   * Makes a request until there is another answer than that it is not possible for the
   * moment: the engine is away, or the name still belongs to the node that has died. If
   * that takes too long, the login fails, and the next node is tried.
   */
  async #ask(connection: Connection, request: RoomRequest): Promise<RoomEvent> {
    while (true) {
      await connection.send(request);
      const answer = await this.#answer(connection);
      const isPassing = answer.type === "refused" && (
        answer.code === "UNAVAILABLE" ||
        answer.code === "NAME_TAKEN" && this.#wasNamed
      );
      if (!isPassing) return answer;
      await setTimeout(RETRY_MS);
    }
  }

  /** The answer to `name` or `join`; takes what comes before it. */
  async #answer(connection: Connection): Promise<RoomEvent> {
    while (true) {
      const event = await connection.receive();
      if (event === undefined) {
        const why = "The server has closed the connection";
        throw new NetError("CONNECTION_CLOSED", why);
      }
      if (["named", "entered", "refused"].includes(event.type)) return event;
      this.#take(event);
    }
  }

  #take(event: RoomEvent): void {
    const { name, onEvent } = this.#options;
    const [first] = this.#unsaid;
    switch (event.type) {
      case "sent":
        if (event.id === first?.id) this.#sayNext();
        return;
      case "refused":
        if (first !== undefined && event.id === first.id) {
          if (event.code === "UNAVAILABLE") return void this.#sayAgain();
          this.#sayNext();
        }
        break;
      case "said":
      case "entered":
        this.#remember(event);
        break;
      case "left":
        if (event.name === name) this.#places.delete(event.room.toLowerCase());
    }
    onEvent(event);
    if (event.type === "entered" || event.type === "refused") {
      this.#settleJoin();
    }
  }

  /** Remembers up to where it has heard a room. */
  #remember(event: RoomMessage | RoomEvent & { type: "entered" }): void {
    const { room, position } = event;
    const key = room.toLowerCase();
    const place = this.#places.get(key) ?? { room, position, time: 0 };
    this.#places.set(key, place);
    place.position = position;
    const last = event.type === "said" ? event : event.history.at(-1);
    place.time = Math.max(place.time ?? 0, last?.time ?? 0);
  }

  #sayFirst(): void {
    const [first] = this.#unsaid;
    if (first !== undefined) this.send(first);
    else this.#allSaid();
  }

  #sayNext(): void {
    this.#unsaid.shift();
    this.#sayFirst();
  }

  async #sayAgain(): Promise<void> {
    await setTimeout(RETRY_MS);
    this.#sayFirst();
  }
}
