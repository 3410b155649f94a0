import { checkCount, checkOptions, type OptionKinds } from "../../checks.ts";
import { NATS_PREFIX } from "../../defaults.ts";
import { NetError } from "../../net/errors.ts";
import { bytesOf } from "../bytes.ts";
import type {
  BackplaneState,
  Engine,
  LiveMessage,
  Position,
  TopicHistory,
} from "../engine.ts";
import { unavailable } from "../errors.ts";
import { callListener } from "../listeners.ts";
import { ConnectionWatch } from "./connection_watch.ts";
import { ApiCode, isApiError, JetStreamApi } from "./jetstream_api.ts";
import { tokenOf } from "./names.ts";
import { Registers } from "./registers.ts";
import { findStreams, Subjects } from "./streams.ts";
import { liveMessage, Topics } from "./topics.ts";
import type {
  NatsConnectionLike,
  NatsEngineOptions,
  NatsMessageLike,
} from "./types.ts";

const kinds: OptionKinds<NatsEngineOptions> = {
  connection: ["publish", "request", "subscribe", "flush", "status"],
  jetstream: ["publish"],
  prefix: "string",
  maxTopicMessages: "checked",
  maxAgeMs: "checked",
  maxBytes: "checked",
  replicas: "checked",
};

/** What a message may have around it: headers with two subjects and an id. */
const HEADERS_LENGTH = 8_192;

/**
 * Connects the nodes of a service over NATS 2.9 or newer with JetStream. The channels
 * are subjects of NATS; the topics and the registers are in two streams, which are made
 * where they are absent, and found as they are otherwise. NATS sends a message of a
 * topic only to the nodes that watch the topic.
 *
 * Closing the engine leaves the connection open: it is the program's.
 *
 * @throws {NetError} `UNAVAILABLE` if the server does not answer or has no JetStream.
 * @throws {TypeError} If a stream of the name is there that cannot be used, or an option
 * is of the wrong type.
 * @throws {RangeError} If an option is out of range.
 *
 * @example A node whose service is connected by NATS
 * ```ts ignore
 * import { createBackplane } from "@framewire/framewire/backplane";
 * import { natsEngine } from "@framewire/framewire/backplane/nats";
 * import { jetstream } from "@nats-io/jetstream";
 * import { connect } from "@nats-io/transport-node";
 *
 * const connection = await connect({
 *   servers: "nats://127.0.0.1:4222",
 *   maxReconnectAttempts: -1,
 * });
 * const engine = await natsEngine({
 *   connection,
 *   jetstream: jetstream(connection),
 * });
 * const backplane = await createBackplane(engine);
 * await backplane.close();
 * await connection.close();
 * ```
 */
export async function natsEngine(options: NatsEngineOptions): Promise<Engine> {
  checkOptions("natsEngine", options, kinds);
  const { prefix = NATS_PREFIX, replicas = 1 } = options;
  if (!/^[A-Za-z0-9_-]+$/.test(prefix)) {
    throw new RangeError(
      `Cannot use prefix: expected letters, digits, - and _, got ${
        JSON.stringify(prefix)
      }`,
    );
  }
  checkCount("replicas", replicas, 1, 5);
  const { maxTopicMessages = 1, maxAgeMs = Infinity, maxBytes = Infinity } =
    options;
  checkCount("maxTopicMessages", maxTopicMessages, 1);
  if (maxAgeMs !== Infinity) checkCount("maxAgeMs", maxAgeMs, 1_000);
  if (maxBytes !== Infinity) checkCount("maxBytes", maxBytes, 1);
  const api = new JetStreamApi(options);
  const subjects = new Subjects(prefix);
  const find = async () => void await findStreams(api, subjects, options);
  try {
    await find();
  } catch (error) {
    throw startError(error);
  }
  return new NatsEngine(api, subjects, find);
}

function startError(error: unknown): unknown {
  if (error instanceof TypeError) return error;
  if (
    isApiError(error, ApiCode.notEnabled, ApiCode.notEnabledForAccount) ||
    hasNoResponder(error)
  ) {
    return new NetError(
      "UNAVAILABLE",
      "JetStream is not enabled: start nats-server with -js",
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new NetError(
    "UNAVAILABLE",
    `Cannot find or make the streams of NATS: ${reason}`,
    { cause: error },
  );
}

/** Whether nothing listens for a request: JetStream, or a stream, is not there. */
function hasNoResponder(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "NoResponders" || hasNoResponder(error.cause);
}

class NatsEngine implements Engine {
  readonly #connection: NatsConnectionLike;
  readonly #subjects: Subjects;
  readonly #topics: Topics;
  readonly #registers: Registers;
  readonly #watch: ConnectionWatch;
  /** Reject what is under way. */
  readonly #underWay = new Set<(error: unknown) => void>();
  readonly #stops = new Set<() => void>();

  constructor(
    api: JetStreamApi,
    subjects: Subjects,
    recover: () => Promise<void>,
  ) {
    this.#connection = api.connection;
    this.#subjects = subjects;
    this.#topics = new Topics(api, subjects);
    this.#registers = new Registers(api, subjects);
    this.#watch = new ConnectionWatch(api.connection, recover);
    this.#watch.states.add((state) => {
      if (state === "up") return;
      const error = unavailable(this.#watch.cause);
      for (const reject of this.#underWay) reject(error);
      this.#underWay.clear();
    });
  }

  get state(): BackplaneState {
    return this.#watch.states.state;
  }

  onState(listener: (state: BackplaneState) => void): () => void {
    return this.#watch.states.add(listener);
  }

  send(channel: string, bytes: Uint8Array): void {
    if (this.state === "down") throw unavailable(this.#watch.cause);
    const subject = this.#subjects.channel(tokenOf(channel));
    this.#checkLength(bytes, 0);
    try {
      // The client sends them later, and its caller may use them again.
      this.#connection.publish(subject, bytes.slice());
    } catch (error) {
      this.#watch.trouble(error);
      throw unavailable(error);
    }
  }

  listen(
    channel: string,
    onBytes: (bytes: Uint8Array) => void,
  ): Promise<() => void> {
    return this.#subscribe(
      () => this.#subjects.channel(tokenOf(channel)),
      ({ data }) => callListener(onBytes, bytesOf(data)),
    );
  }

  append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint> {
    return this.#whileUp(() => {
      this.#checkLength(bytes, HEADERS_LENGTH);
      return this.#topics.append(topic, bytes, id);
    });
  }

  watch(
    topic: string,
    onMessage: (message: LiveMessage) => void,
  ): Promise<() => void> {
    return this.#subscribe(
      () => this.#subjects.live(tokenOf(topic)),
      (message) => {
        const live = liveMessage(message);
        if (live !== undefined) callListener(onMessage, live);
      },
    );
  }

  read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory> {
    return this.#whileUp(() => this.#topics.read(topic, since, maxBytes));
  }

  swap(
    name: string,
    from: string | undefined,
    to: string | undefined,
  ): Promise<string | undefined> {
    return this.#whileUp(() => {
      // A code unit of UTF-16 has at most three bytes in UTF-8.
      if (to !== undefined) {
        this.#checkLength({ length: to.length * 3 }, HEADERS_LENGTH);
      }
      return this.#registers.swap(name, from, to);
    });
  }

  async *registers(): AsyncGenerator<readonly [string, string], void, void> {
    yield* await this.#whileUp(() => this.#registers.all());
  }

  close(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#watch.stop();
    return Promise.resolve();
  }

  #subscribe(
    subjectOf: () => string,
    onMessage: (message: NatsMessageLike) => void,
  ): Promise<() => void> {
    return this.#whileUp(async () => {
      const subscription = this.#connection.subscribe(subjectOf(), {
        callback: (error, message) => {
          if (error === null) onMessage(message);
          else this.#watch.trouble(error);
        },
      });
      const stop = () => {
        this.#stops.delete(stop);
        subscription.unsubscribe();
      };
      this.#stops.add(stop);
      try {
        await this.#connection.flush();
        if (this.state === "down") throw unavailable(this.#watch.cause);
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    });
  }

  /** Calls a function; rejects as soon as NATS is away. */
  #whileUp<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.state === "down") throw unavailable(this.#watch.cause);
      const done = call();
      this.#underWay.add(reject);
      done.then(resolve, (error) => reject(this.#errorOf(error)))
        .finally(() => this.#underWay.delete(reject));
    });
  }

  /** The error for the program. After any but an answer, NATS has to prove itself. */
  #errorOf(error: unknown): unknown {
    if (error instanceof NetError || error instanceof RangeError) return error;
    if (isApiError(error, ApiCode.messageTooLarge)) return tooLarge(error);
    if (!isAnswer(error)) this.#watch.trouble(error);
    return unavailable(error);
  }

  #checkLength(data: { readonly length: number }, room: number): void {
    const most = (this.#connection.info?.max_payload ?? Infinity) - room;
    if (data.length > most) throw tooLarge();
  }
}

/** An answer of JetStream that says nothing of whether it can be reached. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    typeof error.code === "number" && error.code !== ApiCode.noStream;
}

function tooLarge(cause?: unknown): NetError {
  return new NetError(
    "MESSAGE_TOO_LARGE",
    "The message is longer than NATS takes: see max_payload of the server",
    { cause },
  );
}
