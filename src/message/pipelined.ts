import {
  checkOptions,
  hasMethods,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import type { JsonValue } from "../codec/views/json.ts";
import { readJson, writeJson } from "../codec/views/json_bytes.ts";
import { MAX_REQUESTS, MAX_WAITING_REPLIES } from "../defaults.ts";
import type { Framed } from "../framed/framed.ts";
import { NetError } from "../net/errors.ts";
import type { CloseInfo } from "../net/types.ts";
import type { CommandMessage } from "./command_messages.ts";
import type { Envelope } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";
import { MessageError } from "./errors.ts";
import { Inbox } from "./inbox.ts";

/** Options of {@linkcode pipelined}. */
export interface PipelinedOptions {
  /** The command of all replies. By default, a reply has the command of its request. */
  replyAs?: string;
}

const kinds: OptionKinds<PipelinedOptions> = { replyAs: "string" };

/**
 * Requests and replies over a format without ids, such as `commandMessages`. Many
 * requests can be under way, and replies come in the order of their requests
 * (pipelining, as in HTTP/1.1 and Redis). Handlers may finish in any order: a
 * reply waits until those before it have been sent.
 *
 * A message that wants a reply is a request. A message that wants none is the
 * reply to the oldest open request of this side, if there is one and the command
 * is that of its reply; otherwise it is an event. Therefore a side with open
 * requests must not be sent events with the command of replies.
 *
 * A format without ids cannot carry streams of replies (`NOT_A_STREAM`), errors
 * and pings. Where a handler fails, or there is none, the connection ends when
 * the turn of its reply has come: a later reply would be taken for it. A request
 * that is given up is not cancelled on the other side; its reply is dropped when
 * it arrives. There is no heartbeat.
 *
 * At most 1,000 requests of the other side are handled at a time. Then the
 * connection is not read (backpressure), unless this side has open requests: their
 * replies may be what the handlers wait for, so reading goes on, and up to 10,000
 * further requests (16 Mi characters together) wait. The connection ends with a
 * `FrameError` when there are more.
 *
 * @example
 * ```ts
 * import { commandFrame } from "@framewire/framewire";
 * import {
 *   commandMessages,
 *   connectMessages,
 *   pipelined,
 *   serveMessages,
 *   type EnvelopeChannelOptions,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = commandMessages(commandFrame(), { inform: 1, request: 2 });
 * const channel: EnvelopeChannelOptions["channel"] = (connection) =>
 *   pipelined(connection.switchCodec(codec), { replyAs: "inform" });
 *
 * await using server = await serveMessages({ address: { port: 0 }, channel });
 * server.on("request", (body) => ["done", body]);
 *
 * const { address } = server;
 * await using client = await connectMessages({ address, channel });
 * assertEquals(await client.request("request", 7), ["done", 7]);
 * ```
 *
 * @param framed The connection, which belongs to the result from then on.
 * @param options The command of replies.
 * @returns The channel for a peer.
 * @throws {TypeError} If it carries no frames, or there is no such option.
 */
export function pipelined(
  framed: Framed<CommandMessage>,
  options: PipelinedOptions = {},
): EnvelopeChannel {
  if (!hasMethods(framed, ["send", "forEach"])) {
    const instead = "put frames on it: framed(connection, codec)";
    throw wrongType("framed", "a connection of frames", framed, instead);
  }
  checkOptions("pipelined", options, kinds);
  return new PipelinedChannel(framed, options.replyAs);
}

/** A request of the other side that has not been answered. */
interface Asked {
  readonly command: string;
  /** The reply, which is sent after all replies before it. */
  answer: Answer | undefined;
}

/** A reply and how many bytes it holds while it waits, or why there is none. */
type Answer =
  | {
    readonly reply: CommandMessage;
    readonly length: number;
    readonly error?: undefined;
  }
  | { readonly error: MessageError };

class PipelinedChannel implements EnvelopeChannel {
  readonly closed: Promise<CloseInfo>;
  readonly withoutPings = true;

  readonly #framed: Framed<CommandMessage>;
  readonly #replyAs: string | undefined;
  /** The commands of the open requests of this side, by their ids. */
  readonly #asking = new Map<number, string>();
  /** The id of the request of this side whose reply is the next to arrive. */
  #nextReply = 1;
  /** The requests of the other side, by the ids that they are given here. */
  readonly #asked = new Map<number, Asked>();
  #lastAsked = 0;
  /** The id of the request that is the next to be answered. */
  #nextAnswer = 1;
  #waitingBytes = 0;
  /** The requests and events of the other side that cannot be handled yet. */
  readonly #inbox: Inbox<CommandMessage>;
  /** The function of the peer that handles an envelope. */
  #handle: (envelope: Envelope) => Promise<void> | undefined = () => undefined;
  /** The promise of the peer for which the next message must wait. */
  #held: Promise<void> | undefined;
  /** Why the connection ended on this side. */
  #failure: unknown;

  constructor(framed: Framed<CommandMessage>, replyAs: string | undefined) {
    this.#framed = framed;
    this.#replyAs = replyAs;
    this.#inbox = new Inbox<CommandMessage>({
      isFull: () => this.#asked.size >= MAX_REQUESTS,
      awaitsReply: () => this.#asking.size > 0,
      handle: (message) => {
        this.#held = this.#handle(this.#requestOrEvent(message));
      },
      fail: (error) => framed.abort(error),
    });
    this.closed = framed.closed.then((info) => {
      // Otherwise the reader would wait for ever, and the handlers would not abort.
      this.#inbox.open();
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

  send(envelope: Envelope): Promise<void> | undefined {
    switch (envelope[0]) {
      case "request":
        return this.#request(envelope[1], envelope[2], envelope[3]);
      case "reply":
        return this.#reply(envelope[1], envelope[2]);
      case "event": {
        const [, command, body] = envelope;
        return this.#framed.send({ command, wantsReply: false, body });
      }
      case "error": {
        const [, id, code, message, data] = envelope;
        const error = new MessageError(code, message, data);
        return this.#answer(id, { error });
      }
      case "cancel":
      case "ping":
      case "pong":
        return undefined;
      case "stream":
      case "item":
      case "credit":
        throw new MessageError(
          "NOT_A_STREAM",
          "Streams of replies cannot be told apart without ids",
        );
    }
  }

  async forEach(
    handle: (envelope: Envelope) => Promise<void> | undefined,
  ): Promise<void> {
    this.#handle = handle;
    await this.#framed.forEach((message) => {
      const reply = this.#replyOf(message);
      if (reply !== undefined) return handle(reply);
      this.#held = undefined;
      return this.#inbox.receive(message) ?? this.#held;
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): Promise<void> {
    return this.#framed.close();
  }

  abort(reason?: unknown): void {
    this.#framed.abort(reason);
  }

  #request(
    id: number,
    command: string,
    body: JsonValue,
  ): Promise<void> | undefined {
    const sent = this.#framed.send({ command, wantsReply: true, body });
    this.#asking.set(id, command);
    this.#inbox.release();
    return sent;
  }

  #reply(id: number, body: JsonValue): Promise<void> | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    const command = this.#replyAs ?? asked.command;
    if (id === this.#nextAnswer) {
      const reply = { command, wantsReply: false, body };
      return this.#answer(id, { reply, length: 0 });
    }
    // A copy: the program may change the object before it is sent.
    const bytes = writeJson(body);
    if (this.#waitingBytes + bytes.length > MAX_WAITING_REPLIES) {
      throw new NetError(
        "SEND_BUFFER_FULL",
        `Cannot reply: ${this.#waitingBytes} bytes wait for the reply to "${
          this.#asked.get(this.#nextAnswer)?.command
        }"`,
        { limit: "maxWaitingReplies" },
      );
    }
    const now = readJson(bytes, 0) as JsonValue;
    const reply = { command, wantsReply: false, body: now };
    return this.#answer(id, { reply, length: bytes.length });
  }

  /** Answers as soon as all requests before this one are answered. */
  #answer(id: number, given: Answer): Promise<void> | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    asked.answer = given;
    if (given.error === undefined) this.#waitingBytes += given.length;
    let sent: Promise<void> | undefined;
    while (this.#failure === undefined) {
      const next = this.#nextAnswer;
      const answer = this.#asked.get(next)?.answer;
      if (answer === undefined) break;
      try {
        if (answer.error !== undefined) throw answer.error;
        this.#waitingBytes -= answer.length;
        sent = this.#framed.send(answer.reply);
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

  /** The reply that a message is, if it is one. */
  #replyOf(
    { command, wantsReply, body }: CommandMessage,
  ): Envelope | undefined {
    if (wantsReply) return undefined;
    const asking = this.#asking.get(this.#nextReply);
    if (asking === undefined || command !== (this.#replyAs ?? asking)) {
      return undefined;
    }
    this.#asking.delete(this.#nextReply);
    return ["reply", this.#nextReply++, body];
  }

  #requestOrEvent({ command, wantsReply, body }: CommandMessage): Envelope {
    if (!wantsReply) return ["event", command, body];
    const id = ++this.#lastAsked;
    this.#asked.set(id, { command, answer: undefined });
    return ["request", id, command, body];
  }
}
