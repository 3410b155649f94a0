import type { JsonValue } from "../codec/json.ts";
import type { Framed } from "../framed/framed.ts";
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
 * errors. Where a handler fails, or there is none, the connection ends: every
 * reply after it would be taken for another's. A request that is given up is not
 * cancelled on the other side; its reply is dropped when it comes.
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

/** A request of the other side whose reply has not been sent. */
interface Asked {
  readonly command: string;
  reply: CommandMessage | undefined;
}

class PipelinedChannel implements EnvelopeChannel {
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

  constructor(framed: Framed<CommandMessage>, replyAs: string | undefined) {
    this.#framed = framed;
    this.#replyAs = replyAs;
  }

  get closed(): Promise<CloseInfo> {
    return this.#framed.closed;
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
      case "error":
        throw new MessageError(envelope[2], envelope[3], envelope[4]);
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

  forEach(handle: (envelope: Envelope) => void): Promise<void> {
    return this.#framed.forEach((message) => handle(this.#read(message)));
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

  /** Sends the reply as soon as all those before it are sent. */
  #reply(id: number, body: JsonValue): Promise<void> | undefined {
    const asked = this.#asked.get(id);
    if (asked === undefined) return undefined;
    const command = this.#replyAs ?? asked.command;
    asked.reply = { command, wantsReply: false, body };
    let sent: Promise<void> | undefined;
    while (true) {
      const reply = this.#asked.get(this.#nextAnswer)?.reply;
      if (reply === undefined) return sent;
      sent = this.#framed.send(reply);
      this.#asked.delete(this.#nextAnswer++);
    }
  }

  #read({ command, wantsReply, body }: CommandMessage): Envelope {
    if (wantsReply) {
      const id = ++this.#lastAsked;
      this.#asked.set(id, { command, reply: undefined });
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
