import {
  BACKPLANE_ID_MS,
  NATS_MAX_AGE_MS,
  NATS_MAX_BYTES,
  NATS_MAX_TOPIC_MESSAGES,
} from "../../defaults.ts";
import { after } from "../../net/timer.ts";
import {
  ApiCode,
  isApiError,
  type JetStreamApi,
  type StreamConfig,
  type StreamInfo,
} from "./jetstream_api.ts";
import { NANOSECONDS_PER_MS } from "./read_stream.ts";
import type { NatsEngineOptions } from "./types.ts";

/** How often, and how far apart, a stream is looked for that another node makes. */
const MAX_ATTEMPTS = 10;
const ATTEMPT_MS = 50;

/** The streams of a service. */
export interface Streams {
  readonly topics: StreamInfo;
  readonly registers: StreamInfo;
}

/** The names of what a service has in NATS. */
export class Subjects {
  readonly topics: string;
  readonly registers: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.topics = `${prefix}-topics`;
    this.registers = `${prefix}-registers`;
  }

  /** Where the messages of a channel are sent. */
  readonly channel = (token: string): string => `${this.#prefix}.c.${token}`;

  /** Where the messages of a topic are added. */
  readonly topic = (token: string): string => `${this.#prefix}.t.${token}`;

  /** Where those that have been added are told. */
  readonly live = (token: string): string => `${this.#prefix}.l.${token}`;

  readonly register = (token: string): string => `${this.#prefix}.r.${token}`;

  /** A subject that nobody else uses. */
  inbox(): string {
    return `${this.#prefix}.i.${crypto.randomUUID()}`;
  }
}

/**
 * Finds the streams, and makes those that are not there.
 *
 * @throws {Error} If a stream is there that cannot be used.
 */
export async function findStreams(
  api: JetStreamApi,
  subjects: Subjects,
  options: NatsEngineOptions,
): Promise<Streams> {
  const [topics, registers] = await Promise.all([
    findStream(api, topicsConfig(subjects, options)),
    findStream(api, registersConfig(subjects, options)),
  ]);
  return { topics, registers };
}

/** Messages of topics. Each that is added is told to those who watch, by the server. */
function topicsConfig(
  subjects: Subjects,
  options: NatsEngineOptions,
): StreamConfig {
  const {
    maxTopicMessages = NATS_MAX_TOPIC_MESSAGES,
    maxAgeMs = NATS_MAX_AGE_MS,
    maxBytes = NATS_MAX_BYTES,
    replicas = 1,
  } = options;
  const all = subjects.topic(">");
  return {
    name: subjects.topics,
    subjects: [all],
    republish: { src: all, dest: subjects.live(">") },
    max_msgs_per_subject: maxTopicMessages,
    max_age: maxAgeMs === Infinity ? 0 : maxAgeMs * NANOSECONDS_PER_MS,
    max_bytes: maxBytes === Infinity ? -1 : maxBytes,
    // JetStream refuses one that is longer than the messages are kept.
    duplicate_window: Math.min(BACKPLANE_ID_MS, maxAgeMs) * NANOSECONDS_PER_MS,
    num_replicas: replicas,
    storage: "file",
    discard: "old",
  };
}

/** The value of each register is the last message of its subject. */
function registersConfig(
  subjects: Subjects,
  { replicas = 1 }: NatsEngineOptions,
): StreamConfig {
  return {
    name: subjects.registers,
    subjects: [subjects.register(">")],
    max_msgs_per_subject: 1,
    num_replicas: replicas,
    storage: "file",
    discard: "old",
  };
}

async function findStream(
  api: JetStreamApi,
  wanted: StreamConfig,
): Promise<StreamInfo> {
  const { name } = wanted;
  for (let attempt = 1;; attempt++) {
    try {
      return checkStream(await api.info(name), wanted);
    } catch (error) {
      if (!isApiError(error, ApiCode.noStream)) throw error;
    }
    try {
      const body = { ...wanted };
      return await api.request(`STREAM.CREATE.${name}`, body) as StreamInfo;
    } catch (error) {
      // Another node makes it in this moment: the server calls it either.
      const isThere = isApiError(
        error,
        ApiCode.streamExists,
        ApiCode.subjectsOverlap,
      );
      if (!isThere || attempt === MAX_ATTEMPTS) throw error;
    }
    await new Promise<void>((resolve) => void after(ATTEMPT_MS, resolve));
  }
}

/** A stream may have other limits, but must do what the engine relies on. */
function checkStream(info: StreamInfo, wanted: StreamConfig): StreamInfo {
  const { config } = info;
  const { name, subjects, republish } = wanted;
  const wrong: string[] = [];
  if (config.subjects?.join() !== subjects.join()) wrong.push("subjects");
  if (
    republish !== undefined && (
      config.republish?.src !== republish.src ||
      config.republish.dest !== republish.dest ||
      config.republish.headers_only === true
    )
  ) wrong.push("republish");
  if (republish === undefined && config.max_msgs_per_subject !== 1) {
    wrong.push("max_msgs_per_subject");
  }
  if (config.deny_delete === true) wrong.push("deny_delete");
  if (config.discard !== "old") wrong.push("discard");
  if (wrong.length === 0) return info;
  throw new TypeError(
    `Cannot use the stream ${name} of NATS: it is there with another ${
      wrong.join(" and ")
    }; give natsEngine() another prefix`,
  );
}
