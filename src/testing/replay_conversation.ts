import {
  checkChoice,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import type { Address, AddressLike } from "../net/address.ts";
import { deferred } from "../net/deferred.ts";
import { listen } from "../net/listen.ts";
import type { Connection, Listener } from "../net/types.ts";
import { codecsOf, type ConversationCodec } from "./conversation_codec.ts";
import type { FrameComparison } from "./recorded_peer.ts";
import {
  connectionsOf,
  type RecordedConnection,
} from "./recorded_connections.ts";
import type { RecordedFrame } from "./recorded_frame.ts";
import {
  ReplayedConnection,
  type ReplaySettings,
} from "./replayed_connection.ts";
import { ReplayError } from "./replay_error.ts";

/** Options of {@linkcode replayConversation}. */
export interface ReplayConversationOptions {
  /**
   * Where clients connect to.
   *
   * @default {{ port: 0 }}
   */
  address?: AddressLike;
  /**
   * The format with which the conversation was recorded, for `compare`: it cuts what
   * clients send into the frames that are compared.
   */
  codec?: ConversationCodec;
  /**
   * Compares each frame of a client with the recorded one in another way than byte by
   * byte, such as without a time stamp; needs `codec`. Behind bytes that are no frames
   * of the codec, bytes are compared.
   *
   * @default {all bytes must be equal}
   */
  compare?: FrameComparison;
  /**
   * When frames of the server are sent: as soon as all frames of the client that were
   * recorded before them have come (`"immediate"`), or no earlier behind the frame
   * before them than they were recorded (`"recorded"`).
   *
   * @default {"immediate"}
   */
  timing?: "immediate" | "recorded";
  /**
   * How long a client may send nothing while it is its turn, or read nothing, in
   * milliseconds. More than 0; `Infinity` for no limit.
   *
   * @default {5_000}
   */
  timeoutMs?: number;
}

/** A recorded server that is listening; made by {@linkcode replayConversation}. */
export interface Replay extends AsyncDisposable {
  /** Where clients connect to, with the actual port. */
  readonly address: Address;
  /**
   * Stops listening, waits until the conversations under way are over, and tells how
   * they went. Where a client has sent everything, and its end was not recorded, the
   * server's side is closed, and the client has `timeoutMs` for its own. Disposing of
   * the replay is the same, but does not reject where `close` was called before.
   *
   * @throws {ReplayError} If a client did something else than was recorded: the first
   * difference that was found. Or if a connection was recorded and never made.
   * @throws What `compare` throws.
   */
  close(): Promise<void>;
}

const kinds: OptionKinds<ReplayConversationOptions> = {
  address: "checked",
  codec: "checked",
  compare: "function",
  timing: "checked",
  timeoutMs: "checked",
};

/**
 * Listens, and plays the server's side of a recorded conversation to the clients that
 * connect: to the n-th connection, that of the n-th connection that was recorded. It
 * needs no server, and finds a client that sends something else than it did.
 *
 * A frame of the server is sent when all frames of its client that were recorded
 * before it have come. A client may send frames earlier than they were recorded, in
 * any pieces. It is a difference if it sends other bytes, more of them, or less before
 * its end; if it says nothing for `timeoutMs` while it is its turn; and if it connects
 * more often, or less. The connection is then reset, and `close` rejects. A reset by
 * the client counts as its end. Where no end of the server was recorded, the connection
 * is closed after that of the client.
 *
 * @example A client that does what was recorded, and one that does not
 * ```ts
 * import { createClient, lines } from "@framewire/framewire";
 * import { replayConversation } from "@framewire/framewire/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * // In a file, as recordConversation() has written it.
 * const recording = `
 * {"time":1,"direction":"toServer","connection":1,"offset":0,"length":6,"data":"aGVsbG8K"}
 * {"time":2,"direction":"toClient","connection":1,"offset":0,"length":8,"data":"PiBoZWxsbwo="}
 * `.trimStart();
 *
 * async function greet(word: string): Promise<string | undefined> {
 *   await using replay = await replayConversation(recording);
 *   const { address } = replay;
 *   await using client = await createClient({ address, codec: lines() });
 *   await client.send(word);
 *   return await client.receive().catch(() => undefined);
 * }
 *
 * assertEquals(await greet("hello"), "> hello");
 * const error = await assertRejects(() => greet("help!"));
 * assertEquals(
 *   (error as Error).message,
 *   "The client differs from the recording at line 1 (connection 1, byte offset 0):" +
 *     ' expected "hello\\n", got "help!\\n"',
 * );
 * ```
 *
 * @example Frames with a time stamp
 * ```ts
 * import { createClient, lines, serve } from "@framewire/framewire";
 * import {
 *   recordConversation,
 *   replayConversation,
 * } from "@framewire/framewire/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lines();
 * await using server = await serve(
 *   { address: { port: 0 }, codec },
 *   (connection) => connection.forEach(() => connection.send("done")),
 * );
 *
 * async function log(address: typeof server.address): Promise<void> {
 *   await using client = await createClient({ address, codec });
 *   await client.send(`started ${performance.now()}`);
 *   assertEquals(await client.receive(), "done");
 * }
 *
 * await using recording = await recordConversation({ to: server.address, codec });
 * await log(recording.address);
 *
 * const word = (frame: Uint8Array) => codec.decode(frame)[0]?.split(" ")[0];
 * await using replay = await replayConversation(recording.frames, {
 *   codec,
 *   compare: (got, expected) => word(got) === word(expected),
 * });
 * await log(replay.address);
 * ```
 *
 * @param recording The recording: its text, or its frames.
 * @param options Where to listen, and what counts as equal.
 * @returns The replay, which listens.
 * @throws {RecordingError} If a line of the text is not a frame.
 * @throws {NetError} If it cannot listen there.
 * @throws {TypeError} If an address or a codec is none, `compare` comes without a
 * codec, or there is no such option.
 * @throws {RangeError} If an option is out of its range; it is named.
 */
export async function replayConversation(
  recording: string | readonly RecordedFrame[],
  options: ReplayConversationOptions = {},
): Promise<Replay> {
  checkOptions("replayConversation", options, kinds);
  const { address = { port: 0 }, codec, compare } = options;
  const { timing = "immediate", timeoutMs = 5_000 } = options;
  const codecs = codecsOf(codec);
  if (compare !== undefined && codec === undefined) {
    throw wrongType("codec", "that of the frames for compare", codec);
  }
  checkChoice("timing", timing, ["immediate", "recorded"]);
  checkTimeLimit("timeoutMs", timeoutMs);
  const connections = connectionsOf(recording);
  return new ListeningReplay(await listen(address), connections, {
    peer: "client",
    codec: codecs.toServer,
    compare,
    pace: timing === "recorded" ? 1 : 0,
    timeoutMs,
    onDifference: undefined,
  });
}

/** A replay, for those who build on it. */
export class ListeningReplay implements Replay {
  readonly #listener: Listener;
  readonly #connections: readonly RecordedConnection[];
  readonly #settings: ReplaySettings;
  readonly #closing = deferred<void>();
  readonly #played = deferred<void>();
  readonly #clients = new Set<Connection>();
  readonly #running: Promise<void>;
  readonly #failures: unknown[] = [];
  #accepted = 0;
  #closed: Promise<void> | undefined;

  constructor(
    listener: Listener,
    connections: readonly RecordedConnection[],
    settings: ReplaySettings,
  ) {
    this.#listener = listener;
    this.#connections = connections;
    this.#settings = settings;
    this.#running = this.#run();
  }

  get address(): Address {
    return this.#listener.address;
  }

  /** Resolves when all recorded connections were made, and are over. */
  get played(): Promise<void> {
    return this.#played.promise;
  }

  /** Resets all connections. */
  reset(): void {
    for (const client of this.#clients) client.abort();
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed === undefined) return await this.close();
    await this.#closed.catch(() => undefined);
  }

  async #close(): Promise<void> {
    this.#closing.resolve();
    await this.#listener.close();
    await this.#running;
    if (this.#failures.length > 0) throw this.#failures[0];
    const missing = this.#connections[this.#accepted];
    if (missing === undefined) return;
    throw new ReplayError({
      line: missing.lines[0]?.line,
      connection: missing.number,
      expected: `${this.#connections.length} connections`,
      got: `${this.#accepted}`,
    });
  }

  async #run(): Promise<void> {
    const playing: Promise<void>[] = [];
    for await (const client of this.#listener) {
      playing.push(this.#play(client));
      if (this.#accepted === this.#connections.length) {
        void Promise.all(playing).then(() => this.#played.resolve());
      }
    }
    await Promise.all(playing);
  }

  async #play(client: Connection): Promise<void> {
    const recorded = this.#connections[this.#accepted++];
    this.#clients.add(client);
    try {
      if (recorded === undefined) {
        throw new ReplayError({
          connection: this.#accepted,
          expected: `${this.#connections.length} connections`,
          got: "one more",
        });
      }
      await new ReplayedConnection(client, recorded, this.#settings)
        .play(this.#closing.promise);
    } catch (error) {
      this.#failures.push(error);
      client.abort(error);
    } finally {
      this.#clients.delete(client);
    }
  }
}
