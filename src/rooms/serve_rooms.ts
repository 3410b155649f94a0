import type { Backplane } from "../backplane/types.ts";
import { memoryBackplane } from "../backplane/create_backplane.ts";
import {
  checkChoice,
  checkCount,
  checkOptions,
  type OptionKinds,
  pickOptions,
} from "../checks.ts";
import {
  ROOM_HISTORY,
  ROOM_MAX_MEMBERS,
  ROOM_MAX_SEND_BUFFER,
  ROOM_MAX_TEXT_LENGTH,
  ROOMS_PER_MEMBER,
} from "../defaults.ts";
import type { Address } from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import type { ServerCertificates } from "../net/tls_types.ts";
import { serve } from "../server/serve.ts";
import { serveKinds } from "../server/settings.ts";
import type { ServerStats } from "../server/stats.ts";
import type {
  ServeOptions,
  Server,
  ServerCloseOptions,
  ServerLifecycle,
  ServerState,
} from "../server/types.ts";
import type { RoomDelivery } from "./room_host.ts";
import { type RoomLimits, RoomRegistry } from "./room_registry.ts";
import { RoomTable } from "./room_table.ts";
import {
  type RoomEvent,
  type RoomRequest,
  roomsServerCodec,
} from "./protocol.ts";

/** Options of {@linkcode serveRooms}. */
export interface ServeRoomsOptions extends
  Omit<
    ServeOptions<RoomEvent, RoomRequest>,
    "codec" | "heartbeat" | "backplane" | "topics"
  > {
  /**
   * What connects the rooms of all nodes of a service: people on any of them meet in
   * the same rooms, and no two have the same name. It is not closed with the rooms. By
   * default, the rooms are those of this server alone.
   */
  backplane?: Backplane;
  /**
   * What becomes of what is said:
   *
   * - `"fast"`: each node is sent it once. What is said while a node is cut off does not
   *   reach the people there; they are told that something may be lost. Nodes may hear
   *   what two people say in different orders. A room has the history that a node
   *   remembers.
   * - `"kept"`: the engine of the backplane keeps it, and puts it into one order, which
   *   is the same for all. Everybody hears it once. A client that comes back, to any
   *   node, gets what it has missed (`since`).
   *
   * While the engine is away, what is said is refused with `UNAVAILABLE`, at once.
   *
   * @default {"kept" with a backplane, otherwise "fast"}
   */
  delivery?: RoomDelivery;
  /**
   * The most bytes of what was said in a room that a server remembers for those who
   * join; they are forgotten when the last has left. A message counts the bytes of its
   * line of JSON, and 128 more.
   *
   * @default {65_536}
   */
  historyBytes?: number;
  /**
   * The most bytes of UTF-8 that a text may have.
   *
   * @default {4_096}
   */
  maxTextLength?: number;
  /**
   * The most members of a room. Where people join on several nodes at once, there can
   * be a few more.
   *
   * @default {1_000}
   */
  maxMembers?: number;
  /**
   * The most rooms that one member can be in.
   *
   * @default {16}
   */
  maxRoomsPerMember?: number;
  /**
   * The most bytes that may wait to be sent to a member; a slow consumer for which
   * more would wait is cut. While more than half of it waits for a member, those
   * who flood its rooms are slowed down to 16 KiB a second each. A member floods
   * when it has said more than a quarter of it at once. Members that say less never
   * wait for others.
   *
   * @default {1_048_576}
   */
  maxSendBuffer?: number;
}

const {
  codec: _codec,
  heartbeat: _heartbeat,
  backplane: _backplane,
  topics: _topics,
  ...serverKinds
} = serveKinds;

const kinds: OptionKinds<ServeRoomsOptions> = {
  ...serverKinds,
  historyBytes: "checked",
  backplane: ["claim", "subscribe"],
  delivery: "checked",
  maxTextLength: "checked",
  maxMembers: "checked",
  maxRoomsPerMember: "checked",
};

type RoomsServer = Server<RoomEvent | Uint8Array, RoomRequest>;

/** Rooms that are open; made by {@linkcode serveRooms}. */
export interface Rooms extends ServerLifecycle, AsyncDisposable {
  /** Where they are: with the port that was really taken. */
  readonly address: Address;
  /** The rooms that somebody on this server is in. */
  readonly names: readonly string[];
  /**
   * The names of the members of a room, on all nodes. Of a room that nobody on this
   * server is in, a server with a backplane knows nothing.
   */
  who(room: string): readonly string[];
  /** What the server has done so far, like `Server.stats`. */
  stats(): ServerStats;
  /**
   * Takes other certificates for the connections to come; see
   * `Listener.setCertificate`.
   *
   * @throws {TypeError} If they cannot be used, or the server has no TLS.
   */
  setCertificate(certificates: ServerCertificates): void;
  /** Closes in good order, like `Server.close`. */
  close(options?: ServerCloseOptions): Promise<void>;
}

/**
 * Opens rooms: people take a name, join rooms, and talk in them or to one
 * another. What is said in a room is encoded once, however many there are.
 *
 * Names of people and rooms are 1 to 32 letters, digits, `_`, `-` and `.`; those
 * that differ in upper and lower case only are the same. There are no passwords:
 * a name belongs to the member who took it, until that member leaves.
 *
 * @example
 * ```ts
 * import { createClient } from "@framewire/framewire";
 * import { roomsCodec, serveRooms } from "@framewire/framewire/rooms";
 * import { assertEquals } from "@std/assert";
 *
 * await using rooms = await serveRooms({ address: { port: 0 } });
 * await using client = await createClient({
 *   address: rooms.address,
 *   codec: roomsCodec(),
 * });
 * await client.send({ type: "name", name: "Ann" });
 * await client.send({ type: "join", room: "lobby" });
 * await client.send({ type: "say", room: "lobby", text: "hello" });
 * for await (const event of client) {
 *   if (event.type !== "said") continue;
 *   assertEquals(`${event.from}: ${event.text}`, "Ann: hello");
 *   break;
 * }
 * ```
 *
 * @param options Where, and the limits.
 * @returns The rooms, open.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {TypeError} If the address is none, or there is no such option.
 * @throws {RangeError} If a limit is not a whole number.
 */
export async function serveRooms(
  options: ServeRoomsOptions,
): Promise<Rooms> {
  checkOptions("serveRooms", options, kinds);
  const {
    historyBytes = ROOM_HISTORY,
    maxTextLength = ROOM_MAX_TEXT_LENGTH,
    maxMembers = ROOM_MAX_MEMBERS,
    maxRoomsPerMember = ROOMS_PER_MEMBER,
    maxSendBuffer = ROOM_MAX_SEND_BUFFER,
  } = options;
  const limits: RoomLimits = {
    maxTextLength,
    maxMembers,
    maxRoomsPerMember,
    maxSendBuffer,
  };
  // A request and an event must be able to carry them.
  checkCount("historyBytes", historyBytes, 0, 1_048_576);
  checkCount("maxTextLength", maxTextLength, 1, 8_192);
  checkCount("maxMembers", maxMembers, 1, 10_000);
  checkCount("maxRoomsPerMember", maxRoomsPerMember, 1);
  const { delivery = options.backplane === undefined ? "fast" : "kept" } =
    options;
  checkChoice("delivery", delivery, ["fast", "kept"]);
  // A client may connect before `serve` has returned.
  const open = deferred<RoomRegistry>();
  const server = await serve<RoomEvent | Uint8Array, RoomRequest>(
    {
      ...pickOptions<Pick<ServeRoomsOptions, keyof typeof serverKinds>>(
        options,
        serverKinds,
      ),
      maxSendBuffer,
      codec: roomsServerCodec(),
    },
    async (connection) => await (await open.promise).handle(connection),
  );
  try {
    const backplane = options.backplane ?? await memoryBackplane();
    const table = new RoomTable(server, backplane, delivery, historyBytes);
    const registry = new RoomRegistry(server, table, limits);
    const ended = server.closed.then(async () => {
      table.end();
      if (options.backplane === undefined) await backplane.close();
    });
    await table.start((to, event) => registry.tell(to, event));
    open.resolve(registry);
    return new OpenRooms(server, table, ended);
  } catch (error) {
    open.reject(error);
    await server.close({ graceMs: 0 });
    throw error;
  }
}

class OpenRooms implements Rooms {
  readonly address: Address;
  readonly closed: Promise<void>;

  readonly #server: RoomsServer;
  readonly #table: RoomTable;

  constructor(
    server: RoomsServer,
    table: RoomTable,
    closed: Promise<void>,
  ) {
    this.address = server.address;
    this.closed = closed;
    this.#server = server;
    this.#table = table;
  }

  get state(): ServerState {
    return this.#server.state;
  }

  get drained(): Promise<void> {
    return this.#server.drained;
  }

  get names(): readonly string[] {
    return this.#table.names;
  }

  who(room: string): readonly string[] {
    return this.#table.find(room)?.names ?? [];
  }

  stats(): ServerStats {
    return this.#server.stats();
  }

  setCertificate(certificates: ServerCertificates): void {
    this.#server.setCertificate(certificates);
  }

  async close(options?: ServerCloseOptions): Promise<void> {
    await this.#server.close(options);
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
