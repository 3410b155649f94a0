import type { JsonValue } from "../../codec/views/json.ts";
import { MAX_REQUESTS, MAX_WAITING_REPLIES } from "../../defaults.ts";
import type { ConnectionStats } from "../../framed/stats.ts";
import { type Deferred, deferred } from "../../net/deferred.ts";
import { NetError } from "../../net/errors.ts";
import type { CloseInfo } from "../../net/types.ts";
import type { Envelope } from "../envelope.ts";
import type { EnvelopeChannel } from "../envelope_channel.ts";
import { MessageError } from "../errors.ts";
import { Inbox } from "../inbox.ts";
import { FOREIGN, type FramesOf } from "./dialect.ts";
import { OpenStreams } from "./open_streams.ts";

/**
 * What the frames of a pipelined format are.
 *
 * @typeParam T A frame.
 */
export interface PipelinedForm<T> {
  /**
   * What a frame is, and its command or its name; `undefined` for a reply.
   *
   * @param asking The command of the oldest open request of this side.
   */
  kindOf(
    frame: T,
    asking: string | undefined,
  ): readonly [kind: "request" | "event", name: string] | undefined;
  bodyOf(frame: T): unknown;
  frameOf(
    kind: "request" | "reply" | "event",
    command: string,
    body: JsonValue,
  ): T;
  readonly errorOf?: ((frame: T) => MessageError | undefined) | undefined;
  readonly isLast?: ((frame: T) => boolean) | undefined;
  readonly failed?: ((error: MessageError, request: T) => T) | undefined;
}

/** A request of this side. */
interface Asking {
  readonly id: number;
  readonly command: string;
  readonly isStream: boolean;
  /** Whether it was rejected: what still comes for it is passed over. */
  hasFailed: boolean;
}

/** A request of the other side that has not been answered. */
interface Asked<T> {
  readonly command: string;
  readonly frame: T;
  /** The reply, which is sent after all replies before it. */
  answer: Answer<T> | undefined;
}

/** A reply and how many bytes it holds while it waits, or why there is none. */
type Answer<T> =
  | {
    readonly frame: T;
    readonly length: number;
    readonly bytes?: undefined;
    readonly error?: undefined;
  }
  | {
    readonly bytes: Uint8Array;
    readonly length: number;
    readonly error?: undefined;
  }
  | { readonly error: MessageError; readonly length?: undefined };

/** A frame of the other side that is no reply. */
interface Sorted<T> {
  readonly kind: readonly ["request" | "event", name: string];
  readonly frame: T;
}

/** The channel of a peer over a connection whose replies come in order. */
export class PipelinedChannel<T> implements EnvelopeChannel {
  readonly closed: Promise<CloseInfo>;
  readonly withoutPings = true;

  readonly #framed: FramesOf<T>;
  readonly #form: PipelinedForm<T>;
  /** The open requests of this side, from the oldest on. */
  readonly #asking = new Map<number, Asking>();
  /** The number of the request of this side whose reply is the next to arrive. */
  #nextReply = 1;
  #lastAsking = 0;
  readonly #streams = new OpenStreams((envelope) => this.#tell(envelope));
  /** The requests of the other side, by the ids that they are given here. */
  readonly #asked = new Map<number, Asked<T>>();
  #lastAsked = 0;
  /** The id of the request that is the next to be answered. */
  #nextAnswer = 1;
  #waitingBytes = 0;
  /** The requests and events of the other side that cannot be handled yet. */
  readonly #inbox: Inbox<Sorted<T>>;
  /** The function of the peer that handles an envelope. */
  #handle: (envelope: Envelope) => Promise<void> | undefined = () => undefined;
  /** The promise of the peer for which the next message must wait. */
  #held: Promise<void> | undefined;
  /** Settles when the stream that is not read on, as its reader is slow, may be. */
  #room: Deferred<void> | undefined;
  /** Why the connection ended on this side. */
  #failure: unknown;

  constructor(framed: FramesOf<T>, form: PipelinedForm<T>) {
    this.#framed = framed;
    this.#form = form;
    this.#inbox = new Inbox<Sorted<T>>({
      isFull: () => this.#asked.size >= MAX_REQUESTS,
      awaitsReply: () => this.#asking.size > 0,
      handle: (sorted) => this.#tell(this.#requestOrEvent(sorted)),
      fail: (error) => framed.abort(error),
    });
    this.closed = framed.closed.then((info) => {
      // Otherwise the reader would wait for ever, and the handlers would not abort.
      this.#inbox.open();
      this.#readOn();
      return this.#failure === undefined
        ? info
        : { ...info, error: this.#failure };
    });
  }

  get busy(): boolean {
    return this.#framed.busy;
  }

  set busy(busy: boolean) {
    this.#framed.busy = busy;
  }

  stats(): ConnectionStats {
    return this.#framed.stats();
  }

  send(envelope: Envelope): Promise<void> | undefined {
    switch (envelope[0]) {
      case "request":
        return this.#ask(envelope[1], envelope[2], envelope[3], false);
      case "stream": {
        if (this.#form.isLast === undefined) throw notAStream();
        const [, id, command, body, credit] = envelope;
        const sent = this.#ask(id, command, body, true);
        this.#streams.open(id, credit);
        return sent;
      }
      case "reply":
        return this.#reply(envelope[1], envelope[2]);
      case "event": {
        const [, command, body] = envelope;
        return this.#framed.send(this.#form.frameOf("event", command, body));
      }
      case "error": {
        const [, id, code, message, data] = envelope;
        return this.#fail(id, new MessageError(code, message, data));
      }
      case "credit":
        this.#streams.credit(envelope[1], envelope[2]);
        this.#readOn();
        return undefined;
      case "cancel":
        this.#streams.leave(envelope[1]);
        this.#readOn();
        return undefined;
      case "ping":
      case "pong":
        return undefined;
      case "item":
        throw notAStream();
    }
  }

  async forEach(
    handle: (envelope: Envelope) => Promise<void> | undefined,
  ): Promise<void> {
    this.#handle = handle;
    await this.#framed.forEach((frame) => {
      this.#held = undefined;
      const asking = this.#asking.get(this.#nextReply);
      const kind = this.#form.kindOf(frame, asking?.command);
      if (kind !== undefined) {
        return this.#inbox.receive({ kind, frame }) ?? this.#held;
      }
      this.#replied(asking, frame);
      return this.#roomFor(asking) ?? this.#held;
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): Promise<void> {
    // A stream that holds the other side back would keep its end from being read.
    this.#streams.leaveAll();
    return this.#framed.close();
  }

  abort(reason?: unknown): void {
    this.#framed.abort(reason);
  }

  #tell(envelope: Envelope): void {
    this.#held = this.#handle(envelope) ?? this.#held;
  }

  #ask(
    id: number,
    command: string,
    body: JsonValue,
    isStream: boolean,
  ): Promise<void> | undefined {
    const frame = this.#form.frameOf("request", command, body);
    const sent = this.#framed.send(frame);
    // Counted here: the peer uses a number that could not be sent once more.
    this.#asking.set(++this.#lastAsking, {
      id,
      command,
      isStream,
      hasFailed: false,
    });
    this.#inbox.release();
    this.#readOn();
    return sent;
  }

  /**
   * A promise to wait for while the reader of a stream is slow, unless there are other
   * requests: their replies may be what it waits for.
   */
  #roomFor(asking: Asking | undefined): Promise<void> | undefined {
    if (asking === undefined || !this.#streams.isFull(asking.id)) {
      return undefined;
    }
    const isOpen = this.#asking.get(this.#nextReply) === asking;
    if (!isOpen || this.#asking.size > 1) return undefined;
    this.#room ??= deferred();
    return this.#room.promise;
  }

  #readOn(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** Hands on a reply to the oldest open request of this side. */
  #replied(asking: Asking | undefined, frame: T): void {
    const { errorOf, isLast } = this.#form;
    const ends = isLast?.(frame) !== false;
    const { id, isStream } = asking ?? { id: FOREIGN, isStream: false };
    if (asking !== undefined && ends) this.#asking.delete(this.#nextReply++);
    // What follows in a stream that was left is passed over.
    if (asking?.hasFailed || isStream && !this.#streams.has(id)) return;
    const error = errorOf?.(frame);
    if (error !== undefined) {
      if (asking !== undefined) asking.hasFailed = true;
      const { code, message, data } = error;
      const failed: Envelope = ["error", id, code, message, data];
      return isStream ? this.#streams.end(id, failed) : this.#tell(failed);
    }
    const body = this.#form.bodyOf(frame) as JsonValue;
    if (!isStream) return this.#tell([ends ? "reply" : "item", id, body]);
    this.#streams.add(id, body);
    if (ends) this.#streams.end(id);
  }

  #reply(id: number, body: JsonValue): Promise<void> | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    return this.#answerWith(
      id,
      this.#form.frameOf("reply", asked.command, body),
    );
  }

  #fail(id: number, error: MessageError): Promise<void> | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    const { failed } = this.#form;
    return failed === undefined
      ? this.#answer(id, { error })
      : this.#answerWith(id, failed(error, asked.frame));
  }

  #answerWith(id: number, frame: T): Promise<void> | undefined {
    if (id === this.#nextAnswer) return this.#answer(id, { frame, length: 0 });
    const { codec } = this.#framed;
    const bytes = codec.encode(frame);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_REPLIES) {
      throw new NetError(
        "SEND_BUFFER_FULL",
        `Cannot reply: ${this.#waitingBytes} bytes wait for the reply to "${
          this.#asked.get(this.#nextAnswer)?.command
        }"`,
        { limit: "maxWaitingReplies" },
      );
    }
    // The bytes, as the program may change the object before it is sent; but an
    // encoder with a state has to encode in the order of sending.
    const isShared = codec.encoder() === codec.encoder();
    return this.#answer(id, {
      ...(isShared ? { bytes } : { frame }),
      length: bytes.length,
    });
  }

  /** Answers as soon as all requests before this one are answered. */
  #answer(id: number, given: Answer<T>): Promise<void> | undefined {
    const asked = this.#asked.get(id)!;
    asked.answer = given;
    this.#waitingBytes += given.length ?? 0;
    let sent: Promise<void> | undefined;
    while (this.#failure === undefined) {
      const next = this.#nextAnswer;
      const answer = this.#asked.get(next)?.answer;
      if (answer === undefined) break;
      try {
        if (answer.error !== undefined) throw answer.error;
        this.#waitingBytes -= answer.length;
        sent = answer.bytes === undefined
          ? this.#framed.send(answer.frame)
          : this.#framed.sendEncoded(answer.bytes);
      } catch (error) {
        // The reply cannot be sent; the peer answers with an error instead.
        if (next === id && error !== given.error) throw error;
        // Closing writes the replies before it first.
        this.#failure = error;
        void this.#framed.close();
      }
      this.#asked.delete(next);
      this.#nextAnswer++;
    }
    // Not at once: for the peer, this request is under way until this returns.
    if (this.#inbox.isWaiting) queueMicrotask(() => this.#inbox.resume());
    return sent;
  }

  #requestOrEvent({ kind: [kind, name], frame }: Sorted<T>): Envelope {
    const body = this.#form.bodyOf(frame) as JsonValue;
    if (kind === "event") return ["event", name, body];
    const id = ++this.#lastAsked;
    this.#asked.set(id, { command: name, frame, answer: undefined });
    return ["request", id, name, body];
  }
}

function notAStream(): MessageError {
  return new MessageError(
    "NOT_A_STREAM",
    "Streams of replies cannot be told apart without ids, or without isLast",
  );
}
