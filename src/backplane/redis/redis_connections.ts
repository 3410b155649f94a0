import { REDIS_CONNECT_MS, REDIS_PING_MS } from "../../defaults.ts";
import { NetError } from "../../net/errors.ts";
import { unavailable } from "../errors.ts";
import { textOf } from "./bytes.ts";
import type { RedisConnection, RedisLike } from "./types.ts";
import type { Script } from "./scripts.ts";

/** The oldest version of Redis with which the engine was tested. */
const LEAST_VERSION = 7;

/** After how many pings without a reply a connection is lost. */
const MAX_MISSED_PINGS = 2;

/** How long the connections may take to send what has been written. */
const DISCONNECT_MS = 500;

/** What the connections tell. */
export interface RedisConnectionsEvents {
  /** A message of a channel. */
  message(channel: Uint8Array, bytes: Uint8Array): void;
  /** One of the connections is lost, and the other one was ended. Called once. */
  lost(): void;
}

/**
 * The two connections of an engine, one for commands and one for subscriptions. When one
 * is lost, both are: the engine makes other ones, so nothing of these can be sent again.
 */
export class RedisConnections {
  readonly #commands: RedisConnection;
  readonly #subscriber: RedisConnection;
  readonly #events: RedisConnectionsEvents;
  /** The digests of the scripts that the server has. */
  readonly #digests = new Map<Script, string>();
  /** Rejects what is under way. */
  readonly #underWay = new Set<(error: Error) => void>();
  /** The pings in a row that had no reply, for each connection. */
  readonly #missed = new Map<RedisConnection, number>();
  #pinging: ReturnType<typeof setInterval> | undefined;
  #isLost = false;
  #cause: unknown;

  constructor(client: RedisLike, events: RedisConnectionsEvents) {
    this.#events = events;
    this.#commands = this.#duplicate(client);
    this.#subscriber = this.#duplicate(client);
    this.#subscriber.on("messageBuffer", (channel, bytes) => {
      if (!this.#isLost) events.message(channel, bytes);
    });
  }

  /** Connects, and checks that the server is one that can be used. */
  async open(scripts: readonly Script[]): Promise<void> {
    const limit = setTimeout(() => {
      this.lose(new Error(`Redis did not answer in ${REDIS_CONNECT_MS} ms`));
    }, REDIS_CONNECT_MS);
    try {
      await Promise.all([
        this.#settle(this.#commands.connect()),
        this.#settle(this.#subscriber.connect()),
      ]);
      checkServer(textOf(await this.call("info")));
      for (const script of scripts) {
        const digest = textOf(await this.call("script", "load", script.lua));
        this.#digests.set(script, digest);
      }
    } finally {
      clearTimeout(limit);
    }
    this.check();
    this.#pinging = setInterval(() => this.#ping(), REDIS_PING_MS);
  }

  /** Throws if the connections are lost. */
  check(): void {
    if (this.#isLost) throw unavailable(this.#cause);
  }

  /** Sends a command. Texts in the reply are bytes. */
  call(
    command: string,
    ...args: (string | number | Uint8Array)[]
  ): Promise<unknown> {
    return this.#settle(this.#commands.callBuffer(command, args));
  }

  /** Runs a script. */
  async run(
    script: Script,
    ...args: (string | number | Uint8Array)[]
  ): Promise<unknown> {
    const digest = this.#digests.get(script)!;
    try {
      return await this.call("evalsha", digest, script.keys, ...args);
    } catch (error) {
      if (!(error instanceof NetError && isReply(error.cause, "NOSCRIPT"))) {
        throw error;
      }
      return await this.call("eval", script.lua, script.keys, ...args);
    }
  }

  /** Resolves when nothing is missed of what is sent to the channels later. */
  async subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return;
    await this.#settle(
      this.#subscriber.callBuffer("subscribe", [...channels]),
    );
  }

  /** Ends a subscription. */
  unsubscribe(channel: string): void {
    if (this.#isLost) return;
    this.#subscriber.callBuffer("unsubscribe", [channel])
      .catch((error: unknown) => this.lose(error));
  }

  /** Ends both connections, and rejects what is under way. */
  lose(cause: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#cause = cause;
    clearInterval(this.#pinging);
    this.#events.lost();
    for (const reject of this.#underWay) reject(unavailable(cause));
    this.#commands.disconnect();
    this.#subscriber.disconnect();
  }

  /** Ends both connections; resolves when they have ended. */
  async close(): Promise<void> {
    const ends = [ended(this.#commands), ended(this.#subscriber)];
    this.lose(undefined);
    await Promise.all(ends);
  }

  #duplicate(client: RedisLike): RedisConnection {
    const connection = client.duplicate({
      lazyConnect: true,
      retryStrategy: null,
      reconnectOnError: null,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      enableReadyCheck: true,
      enableAutoPipelining: false,
      keyPrefix: "",
      stringNumbers: false,
      replyMapping: "legacy",
      disconnectTimeout: DISCONNECT_MS,
    });
    connection.on("error", (error) => this.lose(error));
    connection.on("close", () => {
      this.lose(new Error("The connection to Redis was closed"));
    });
    return connection;
  }

  /** The result of a promise, if the connections are not lost before. */
  #settle<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => void this.#underWay.delete(reject);
      this.#underWay.add(reject);
      promise.then((value) => {
        settle();
        resolve(value);
      }, (error: unknown) => {
        settle();
        // A server that has become a replica takes nothing more.
        if (isReply(error, "READONLY")) this.lose(error);
        reject(unavailable(error));
      });
    });
  }

  #ping(): void {
    for (const connection of [this.#commands, this.#subscriber]) {
      const missed = this.#missed.get(connection) ?? 0;
      // Pings are counted and not the time: when this process has stood still, the
      // replies are there, and not yet read.
      if (missed === MAX_MISSED_PINGS) {
        const ms = REDIS_PING_MS * MAX_MISSED_PINGS;
        return this.lose(new Error(`Redis did not answer in ${ms} ms`));
      }
      this.#missed.set(connection, missed + 1);
      connection.callBuffer("ping", []).then(
        () => this.#missed.set(connection, 0),
        (error: unknown) => this.lose(error),
      );
    }
  }
}

/** Resolves when a connection has ended. */
function ended(connection: RedisConnection): Promise<void> {
  if (connection.status === "end") return Promise.resolve();
  return new Promise((resolve) => void connection.on("end", resolve));
}

/** Whether an error is a reply of Redis of a kind. */
function isReply(error: unknown, kind: string): boolean {
  return error instanceof Error && error.message.startsWith(kind);
}

function checkServer(info: string): void {
  const version = /^redis_version:(.*?)\r?$/m.exec(info)?.[1] ?? "unknown";
  if (!(parseInt(version) >= LEAST_VERSION)) {
    throw new Error(
      `Cannot use the server: expected Redis ${LEAST_VERSION} or later, got version ${version}`,
    );
  }
  if (/^role:slave/m.test(info)) {
    throw new Error("Cannot use the server: it is a replica of another one");
  }
}
