import { isObject } from "../../checks.ts";
import { BACKPLANE_ANSWER_TIMEOUT_MS } from "../../defaults.ts";
import type {
  JetStreamLike,
  NatsConnectionLike,
  NatsEngineOptions,
} from "./types.ts";

/** The errors of JetStream that mean something here, by their `err_code`. */
export const ApiCode = {
  noMessage: 10_037,
  notEnabledForAccount: 10_039,
  noSequence: 10_043,
  messageTooLarge: 10_054,
  notDeleted: 10_057,
  streamExists: 10_058,
  noStream: 10_059,
  subjectsOverlap: 10_065,
  otherLastSequence: 10_071,
  notEnabled: 10_076,
} as const;

/** An error that JetStream answered. */
class ApiError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }
}

/** Whether an error, of a request or of `publish`, is one that JetStream answered. */
export function isApiError(
  error: unknown,
  ...codes: readonly number[]
): boolean {
  return error instanceof Error && "code" in error &&
    codes.some((code) => code === error.code);
}

/** A message of a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** The settings of a stream that matter here. */
export interface StreamConfig {
  readonly name: string;
  readonly subjects: readonly string[];
  /** -1 for no limit. */
  readonly max_msgs_per_subject: number;
  readonly republish?: {
    readonly src: string;
    readonly dest: string;
    readonly headers_only?: boolean;
  };
  readonly [setting: string]: unknown;
}

/** A stream. */
export interface StreamInfo {
  readonly config: StreamConfig;
  /** When it was made: a stream that is made again has another time. */
  readonly created: string;
  readonly state: {
    readonly first_seq: number;
    readonly last_seq: number;
    /** How many messages the subjects have that were asked for. */
    readonly subjects?: Readonly<Record<string, number>>;
  };
}

/** The requests to JetStream. Each rejects when the answer takes too long. */
export class JetStreamApi {
  readonly connection: NatsConnectionLike;
  readonly #jetstream: JetStreamLike;

  constructor({ connection, jetstream }: NatsEngineOptions) {
    this.connection = connection;
    this.#jetstream = jetstream;
  }

  /** Sends a request, and parses the answer. */
  async request(
    subject: string,
    body: Readonly<Record<string, unknown>> = {},
    timeoutMs: number = BACKPLANE_ANSWER_TIMEOUT_MS,
  ): Promise<unknown> {
    const { data } = await this.connection.request(
      `${this.#jetstream.apiPrefix}.${subject}`,
      new TextEncoder().encode(JSON.stringify(body)),
      { timeout: timeoutMs },
    );
    const answer: unknown = JSON.parse(new TextDecoder().decode(data));
    const error = isObject(answer) ? answer.error : undefined;
    if (!isObject(error)) return answer;
    throw new ApiError(
      Number(error.err_code),
      `JetStream refused ${subject}: ${error.description}`,
    );
  }

  /** Adds a message to the stream of a subject; returns its sequence number. */
  async publish(
    subject: string,
    bytes: Uint8Array,
    options: { msgID?: string; expect?: { lastSubjectSequence: number } },
  ): Promise<number> {
    const { seq } = await this.#jetstream.publish(subject, bytes, {
      ...options,
      timeout: BACKPLANE_ANSWER_TIMEOUT_MS,
    });
    return seq;
  }

  /** A stream, and how many messages one of its subjects has. */
  async info(stream: string, subject?: string): Promise<StreamInfo> {
    const body = subject === undefined ? {} : { subjects_filter: subject };
    return await this.request(`STREAM.INFO.${stream}`, body) as StreamInfo;
  }

  /** A message; `undefined` where there is none. */
  async message(
    stream: string,
    which: { readonly seq: number } | { readonly last_by_subj: string },
  ): Promise<StoredMessage | undefined> {
    try {
      const answer = await this.request(`STREAM.MSG.GET.${stream}`, which);
      const { message } = answer as {
        message: { subject: string; seq: number; data?: string };
      };
      const { subject, seq, data = "" } = message;
      return { subject, seq, bytes: fromBase64(data) };
    } catch (error) {
      if (isApiError(error, ApiCode.noMessage)) return undefined;
      throw error;
    }
  }

  /** Removes a message. Returns whether it was there. */
  async remove(stream: string, seq: number): Promise<boolean> {
    const body = { seq, no_erase: true };
    try {
      await this.request(`STREAM.MSG.DELETE.${stream}`, body);
      return true;
    } catch (error) {
      if (isApiError(error, ApiCode.noSequence, ApiCode.notDeleted)) {
        return false;
      }
      throw error;
    }
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
