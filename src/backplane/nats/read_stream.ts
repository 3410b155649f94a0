import { BACKPLANE_ANSWER_TIMEOUT_MS } from "../../defaults.ts";
import { deferred } from "../../net/deferred.ts";
import { after } from "../../net/timer.ts";
import { bytesOf } from "../bytes.ts";
import type { JetStreamApi } from "./jetstream_api.ts";
import type { NatsMessageLike } from "./types.ts";

/** Of the messages of the server that tell of a consumer. */
const CONTROL = 100;

/** JetStream measures time in nanoseconds. */
export const NANOSECONDS_PER_MS = 1_000_000;

/** How soon JetStream says that there is nothing more. */
const IDLE_MS = 500;

/** A message of a stream as a consumer delivers it. */
export interface DeliveredMessage {
  readonly subject: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** How long it is, where only the headers are read. */
  readonly length: number;
}

/** What to read of a stream. */
export interface StreamRange {
  readonly stream: string;
  /** The subject; may have wildcards. */
  readonly subject: string;
  /** The sequence number from which on to read. */
  readonly from: number;
  /** Whether to leave the bytes out. */
  readonly headersOnly?: boolean;
}

/**
 * Reads the messages of a subject, the oldest first, through a consumer that is removed
 * again. Where the connection is lost meanwhile, the server removes it after a while.
 *
 * @param inbox A subject that nobody else uses.
 * @param take Takes a message. Returns whether it was the last that is wanted.
 */
export async function readStream(
  api: JetStreamApi,
  inbox: string,
  { stream, subject, from, headersOnly = false }: StreamRange,
  take: (message: DeliveredMessage) => boolean,
): Promise<void> {
  const { connection } = api;
  const end = deferred<void>();
  let isOver = false;
  let callOff = () => {};
  const finish = () => {
    isOver = true;
    end.resolve();
  };
  const awaitMore = () => {
    callOff();
    callOff = after(BACKPLANE_ANSWER_TIMEOUT_MS, () => {
      end.reject(new Error(`JetStream sends nothing more of ${subject}`));
    });
  };
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) return end.reject(error);
      if (isOver) return;
      if (message.headers?.code !== CONTROL) {
        // Not for a server that is never told that it may go on: it says so for ever.
        awaitMore();
        const { seq, pending } = placeOf(message);
        if (take(delivered(message, seq)) || pending === 0) finish();
        return;
      }
      // The server waits until it hears that this much has arrived.
      const wants = message.reply || message.headers.get(STALLED);
      if (wants) connection.publish(wants);
      else finish();
    },
  });
  let consumer: string | undefined;
  const create = async () => {
    const answer = await api.request(`CONSUMER.CREATE.${stream}`, {
      stream_name: stream,
      config: {
        deliver_subject: inbox,
        deliver_policy: "by_start_sequence",
        opt_start_seq: Math.max(from, 1),
        filter_subject: subject,
        ack_policy: "none",
        max_deliver: 1,
        flow_control: true,
        idle_heartbeat: IDLE_MS * NANOSECONDS_PER_MS,
        inactive_threshold: BACKPLANE_ANSWER_TIMEOUT_MS * NANOSECONDS_PER_MS,
        headers_only: headersOnly,
        mem_storage: true,
        num_replicas: 1,
      },
    });
    const created = answer as {
      readonly name: string;
      readonly num_pending: number;
      readonly delivered: { readonly consumer_seq: number };
    };
    consumer = created.name;
    // Nothing matches, and nothing was on its way before the answer.
    const { num_pending, delivered } = created;
    if (num_pending === 0 && delivered.consumer_seq === 0) finish();
  };
  try {
    awaitMore();
    await Promise.all([create(), end.promise]);
  } finally {
    isOver = true;
    callOff();
    subscription.unsubscribe();
    if (consumer !== undefined) {
      await api.request(`CONSUMER.DELETE.${stream}.${consumer}`);
    }
  }
}

/** Where to answer so that a consumer that waits goes on. */
const STALLED = "Nats-Consumer-Stalled";

function delivered(message: NatsMessageLike, seq: number): DeliveredMessage {
  const { headers, data } = message;
  const bytes = bytesOf(data);
  const { subject } = message;
  const length = Number(headers?.get("Nats-Msg-Size") || bytes.length);
  return { subject, seq, bytes, length };
}

/**
 * The sequence number of a message, and how many there are after it. They are in the
 * subject for its acknowledgement: `$JS.ACK.`, with a newer server the domain and the
 * account, and then the stream, the consumer, how often it was delivered, the sequence
 * number in the stream and in the consumer, the time, and how many follow.
 */
function placeOf(
  { reply = "" }: NatsMessageLike,
): { readonly seq: number; readonly pending: number } {
  const tokens = reply.split(".");
  const seq = tokens.length > 9 ? 7 : 5;
  return { seq: Number(tokens[seq]), pending: Number(tokens[seq + 3]) };
}
