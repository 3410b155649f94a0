import {
  type AddressLike,
  createClient,
  type FramedConnection,
} from "../../mod.ts";
import {
  type RoomEvent,
  type RoomRequest,
  roomsCodec,
} from "../../src/rooms/mod.ts";

type EventOf<Type> = RoomEvent & { readonly type: Type };

/** Somebody in rooms, who remembers all events in their order. */
export class Person implements AsyncDisposable {
  readonly events: RoomEvent[] = [];
  readonly #client: FramedConnection<RoomRequest, RoomEvent>;
  /** How many events `next` has passed. */
  #passed = 0;
  #wake: () => void = () => undefined;
  #ended = false;
  readonly ended: Promise<void>;

  private constructor(client: FramedConnection<RoomRequest, RoomEvent>) {
    this.#client = client;
    this.ended = this.#receive();
  }

  static async connect(address: AddressLike): Promise<Person> {
    return new Person(await createClient({ address, codec: roomsCodec() }));
  }

  /** Connects, takes a name and enters a room. */
  static async enter(
    address: AddressLike,
    name: string,
    room: string,
    since?: string,
  ): Promise<Person & { readonly entered: EventOf<"entered"> }> {
    const person = await Person.connect(address);
    person.send({ type: "name", name });
    person.send({ type: "join", room, ...(since !== undefined && { since }) });
    return Object.assign(person, { entered: await person.next("entered") });
  }

  send(request: RoomRequest): void {
    void this.#client.send(request);
  }

  say(room: string, text: string, id?: string): void {
    this.send({ type: "say", room, text, ...(id !== undefined && { id }) });
  }

  /** What was said so far, and this one has heard. */
  get heard(): string[] {
    return this.events.flatMap((event) =>
      event.type === "said" ? [event.text] : []
    );
  }

  /** The next event of a type; those before it are passed. */
  async next<Type extends RoomEvent["type"]>(
    type: Type,
  ): Promise<EventOf<Type>> {
    for (;;) {
      const event = this.events[this.#passed];
      if (event !== undefined) {
        this.#passed++;
        if (event.type === type) return event as EventOf<Type>;
        if (event.type === "refused") {
          throw new Error(`Refused: ${event.code}, ${event.reason}`);
        }
      } else if (this.#ended) {
        throw new Error(`The connection ended before ${type}`);
      } else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Waits until it has heard so many texts. */
  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) {
      if (this.#ended) throw new Error(`Ended after ${this.heard.length}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.heard;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
    await this.ended;
  }

  async #receive(): Promise<void> {
    try {
      await this.#client.forEach((event) => {
        this.events.push(event);
        this.#wake();
      });
    } catch {
      // The server has cut the connection: `next` tells.
    }
    this.#ended = true;
    this.#wake();
  }
}
