import type { JsonValue } from "../codec/views/json.ts";
import { readJson, writeJson } from "../codec/views/json_bytes.ts";
import type { Framed } from "../framed/framed.ts";
import { type Deferred, deferred } from "../net/deferred.ts";
import { NetError } from "../net/errors.ts";
import type { CloseInfo } from "../net/types.ts";
import type { CommandMessage } from "./command_messages.ts";
import type { Envelope } from "./envelope.ts";
import type { EnvelopeChannel } from "./envelope_channel.ts";
import { MessageError } from "./errors.ts";

/** Options of {@linkcode pipelined}. */
export interface PipelinedOptions {
  /** The command of all replies. By default, a reply has that of its request. */
  replyAs?: string;
}

/**
 * Requests and replies over a format without ids, such as `commandMessages`:
 * many can be under way, and replies come in the order of their requests
 * (pipelining, as in HTTP/1.1 and Redis). The handlers of a peer may finish in
 * any order: a reply waits until those before it are sent.
 *
 * A message that wants a reply is a request. One that wants none is the reply to
 * the oldest request of this side, if there is one and it has the command of its
 * reply; otherwise it is an event. So a side that has requests open should not
 * be sent events with the command of replies.
 *
 * What cannot be said without ids: streams of replies (`NOT_A_STREAM`), and
 * errors. Where a handler fails, or there is none, the connection ends when its
 * turn has come: every reply after it would be taken for another's. A request
 * that is given up is not cancelled on the other side; its reply is dropped when
 * it comes. A side that has asked 1,000 times without an answer is not read from
 * until there is one.
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
 * @returns What a peer speaks through.
 */
export function pipelined(
  framed: Framed<CommandMessage>,
  options: PipelinedOptions = {},
): EnvelopeChannel {
  return new PipelinedChannel(framed, options.replyAs);
}

/** How many requests of the other side may be unanswered; then it is held back. */
const MOST_UNANSWERED = 1_000;
/** How many bytes of replies may wait for those before them. */
const MOST_WAITING_BYTES = 16_777_216;

/** A request of the other side that has not been answered. */
interface Asked {
  readonly command: string;
  /** What is to be sent when its turn comes. */
  answer: Answer | undefined;
}

/** A reply, with the bytes that it costs to hold it, or why there is none. */
type Answer =
  | {
    readonly reply: CommandMessage;
    readonly length: number;
    readonly error?: undefined;
  }
  | { readonly error: MessageError };

class PipelinedChannel implements EnvelopeChannel {
  readonly closed: Promise<CloseInfo>;

  readonly #framed: Framed<CommandMessage>;
  readonly #replyAs: string | undefined;
  /** The commands of our requests that have had no reply, by their ids. */
  readonly #asking = new Map<number, string>();
  /** The id of the next request of ours to have its reply. */
  #nextReply = 1;
  /** The requests of the other side, by the ids that they are given here. */
  readonly #asked = new Map<number, Asked>();
  #lastAsked = 0;
  /** The id of the next of them to be answered. */
  #nextAnswer = 1;
  #waitingBytes = 0;
  /** Settles when the other side need not be held back any more. */
  #room: Deferred<void> | undefined;
  /** Whether the connection has ended: then nobody is held back. */
  #over = false;
  /** Why the connection ended on this side. */
  #failure: unknown;

  constructor(framed: Framed<CommandMessage>, replyAs: string | undefined) {
    this.#framed = framed;
    this.#replyAs = replyAs;
    this.closed = framed.closed.then((info) => {
      this.#over = true;
      this.#room?.resolve();
      return this.#failure === undefined
        ? info
        : { ...info, error: this.#failure };
    });
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

  async forEach(handle: (envelope: Envelope) => void): Promise<void> {
    await this.#framed.forEach((message) => {
      handle(this.#read(message));
      if (this.#asked.size < MOST_UNANSWERED || this.#over) return undefined;
      this.#room ??= deferred();
      return this.#room.promise;
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
    // As it is now: what a handler has given may change until it is sent.
    const bytes = writeJson(body);
    if (this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      throw new NetError(
        "SEND_BUFFER_FULL",
        `Cannot reply: ${this.#waitingBytes} bytes wait for the reply to "${
          this.#asked.get(this.#nextAnswer)?.command
        }"`,
      );
    }
    const now = readJson(bytes, 0) as JsonValue;
    const reply = { command, wantsReply: false, body: now };
    return this.#answer(id, { reply, length: bytes.length });
  }

  /** Answers as soon as all those before are answered. */
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
        // The handler of this one can still answer with an error.
        if (next === id && error !== given.error) throw error;
        // The replies before it are written first.
        this.#failure = error;
        void this.#framed.close();
      }
      this.#asked.delete(next);
      this.#nextAnswer++;
    }
    if (this.#asked.size < MOST_UNANSWERED) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    return sent;
  }

  #read({ command, wantsReply, body }: CommandMessage): Envelope {
    if (wantsReply) {
      const id = ++this.#lastAsked;
      this.#asked.set(id, { command, answer: undefined });
      return ["request", id, command, body];
    }
    const asking = this.#asking.get(this.#nextReply);
    if (asking === undefined || command !== (this.#replyAs ?? asking)) {
      return ["event", command, body];
    }
    this.#asking.delete(this.#nextReply);
    return ["reply", this.#nextReply++, body];
  }
}
