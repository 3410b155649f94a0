import { bytesOf } from "../bytes.ts";
import type { LiveMessage, Position, TopicHistory } from "../engine.ts";
import { tokenOf } from "./names.ts";
import type { JetStreamApi, StreamInfo } from "./jetstream_api.ts";
import { type DeliveredMessage, readStream } from "./read_stream.ts";
import type { Subjects } from "./streams.ts";
import type { NatsMessageLike } from "./types.ts";

/**
 * The topics: the subjects of one stream. The offset of a message is its sequence number
 * in the stream, and the epoch is the time at which the stream was made.
 */
export class Topics {
  readonly #api: JetStreamApi;
  readonly #subjects: Subjects;

  constructor(api: JetStreamApi, subjects: Subjects) {
    this.#api = api;
    this.#subjects = subjects;
  }

  async append(
    topic: string,
    bytes: Uint8Array,
    id: string | undefined,
  ): Promise<bigint> {
    const token = tokenOf(topic);
    // The ids of a stream are of all its subjects.
    const options = id === undefined
      ? {}
      : { msgID: `${token}.${tokenOf(id)}` };
    const subject = this.#subjects.topic(token);
    return BigInt(await this.#api.publish(subject, bytes, options));
  }

  /** Reads what there is of a topic. */
  async read(
    topic: string,
    since: Position | undefined,
    maxBytes: number,
  ): Promise<TopicHistory> {
    const subject = this.#subjects.topic(tokenOf(topic));
    const stream = this.#subjects.topics;
    // In this order: what is added between the two comes after the end, or is the end.
    const info = await this.#api.info(stream);
    const last = await this.#api.message(stream, { last_by_subj: subject });
    const epoch = info.created;
    const end = { epoch, offset: BigInt(last?.seq ?? info.state.last_seq) };
    const isOfThis = since?.epoch === epoch &&
      since.offset <= info.state.last_seq;
    const after = isOfThis ? Number(since.offset) : 0;
    const { isCut, messages } = last === undefined || last.seq <= after
      ? { isCut: false, messages: [] }
      : await this.#readLast(subject, after, last.seq, maxBytes);
    return {
      messages: messages.map(({ bytes, seq }) => ({
        bytes,
        offset: BigInt(seq),
      })),
      recovered: isOfThis && !isCut &&
        // Without any doubt, there is nothing after it.
        (last !== undefined && last.seq <= after ||
          await this.#hasAllAfter(subject, after, epoch)),
      end,
    };
  }

  /** Reads the last messages of a part of a topic. */
  async #readLast(
    subject: string,
    after: number,
    last: number,
    maxBytes: number,
  ): Promise<{ isCut: boolean; messages: readonly DeliveredMessage[] }> {
    const messages: DeliveredMessage[] = [];
    let bytes = 0;
    const takeAll = (message: DeliveredMessage) => {
      if (message.seq > last) return true;
      bytes += message.length;
      if (bytes > maxBytes) return true;
      messages.push(message);
      return message.seq === last;
    };
    if (maxBytes > 0) await this.#readFrom(subject, after + 1, takeAll);
    else bytes = Infinity;
    if (bytes <= maxBytes) return { isCut: false, messages };
    // The last ones are wanted: where they begin follows from the lengths of all.
    const lengths: DeliveredMessage[] = [];
    messages.length = bytes = 0;
    if (maxBytes > 0) {
      await this.#readFrom(subject, after + 1, (message) => {
        if (message.seq <= last) lengths.push(message);
        return message.seq >= last;
      }, true);
    }
    let from = last + 1;
    for (const { seq, length } of lengths.reverse()) {
      bytes += length;
      if (bytes > maxBytes) break;
      from = seq;
    }
    bytes = 0;
    if (from <= last) await this.#readFrom(subject, from, takeAll);
    return { isCut: true, messages };
  }

  #readFrom(
    subject: string,
    from: number,
    take: (message: DeliveredMessage) => boolean,
    headersOnly = false,
  ): Promise<void> {
    const stream = this.#subjects.topics;
    return readStream(
      this.#api,
      this.#subjects.inbox(),
      { stream, subject, from, headersOnly },
      take,
    );
  }

  /**
   * Whether nothing that was added to a topic after an offset has been removed. Called
   * after the messages were read: it holds for them as well.
   */
  async #hasAllAfter(
    subject: string,
    offset: number,
    epoch: string,
  ): Promise<boolean> {
    const stream = this.#subjects.topics;
    // The oldest of a topic are removed first: with one, there are all after it.
    const message = offset === 0
      ? undefined
      : await this.#api.message(stream, { seq: offset });
    const info = await this.#api.info(stream, subject);
    if (info.created !== epoch) return false;
    return message?.subject === subject || hasAllAfter(info, subject, offset);
  }
}

/**
 * Whether a stream still has all messages of a subject after an offset. Those removed
 * for their age, or for the bytes of the stream, were the first of the stream. Those
 * removed since the subject had too many left it full.
 */
function hasAllAfter(
  { state, config }: StreamInfo,
  subject: string,
  offset: number,
): boolean {
  const most = config.max_msgs_per_subject;
  const count = state.subjects?.[subject] ?? 0;
  return state.first_seq <= offset + 1 && (most <= 0 || count < most);
}

/**
 * A message that the stream has told to those who watch. The server may tell two, which
 * came over two connections at once, the other way round than it has stored them: the
 * one before is right all the same, and shows that there was another.
 */
export function liveMessage(
  { data, headers }: NatsMessageLike,
): LiveMessage | undefined {
  const offset = headers?.get("Nats-Sequence");
  // Somebody else has sent it.
  if (!offset) return undefined;
  const previous = headers?.get("Nats-Last-Sequence");
  return {
    bytes: bytesOf(data),
    offset: BigInt(offset),
    // 0 where there is none any more.
    previous: previous ? BigInt(previous) : undefined,
  };
}
