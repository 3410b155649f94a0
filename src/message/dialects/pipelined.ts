import { checkOptions, type OptionKinds } from "../../checks.ts";
import { checkCodec } from "../../codec/check_codec.ts";
import type { Codec } from "../../codec/types.ts";
import type { MessageError } from "../errors.ts";
import type { CommandMessage } from "../command_messages.ts";
import type { Dialect } from "./dialect.ts";
import { PipelinedChannel, type PipelinedForm } from "./pipelined_channel.ts";

/**
 * Options of {@linkcode pipelined}.
 *
 * @typeParam T A frame.
 */
export interface PipelinedOptions<T> {
  /**
   * The name of the event that a frame is which belongs to no request, such as a push
   * of RESP3; `undefined` for all others.
   *
   * @default {none is}
   */
  eventOf?(frame: T): string | undefined;
  /**
   * The command of a frame that is a request of the other side; `undefined` for all
   * others, which are replies.
   *
   * @default {none is}
   */
  requestOf?(frame: T): string | undefined;
  /**
   * The error that a reply tells of, with which the request then rejects;
   * `undefined` for a reply that tells of none.
   *
   * @default {none does}
   */
  errorOf?(frame: T): MessageError | undefined;
  /**
   * Whether a reply is the last one to its request, in formats where several can come:
   * then `stream` hands all of them out. An error is not the last one unless this
   * says so: what follows it, up to the last one, is passed over.
   *
   * @default {each is}
   */
  isLast?(frame: T): boolean;
  /**
   * The reply to a request whose handler has failed, or that has none. By default, the
   * connection ends when the turn of the reply has come.
   */
  failed?(error: MessageError, request: T): T;
}

const kinds: OptionKinds<PipelinedOptions<unknown>> = {
  eventOf: "function",
  requestOf: "function",
  errorOf: "function",
  isLast: "function",
  failed: "function",
};

/**
 * Requests and replies in a format without ids, where replies come in the order of
 * their requests (pipelining, as in Redis, memcached and PostgreSQL). A body is a whole
 * frame. Many requests can be under way. Handlers may finish in any order: a reply waits
 * until those before it have been sent. An event is a frame that wants no reply.
 *
 * A request that is given up is not cancelled on the other side; its reply is dropped
 * when it arrives, and `Peer.stats` counts it. Headers are left out, and there are no
 * pings.
 *
 * While the loop over a stream is slow and no other request of this side is open, the
 * connection is not read (backpressure). With others open, reading goes on, as the loop
 * may wait for their replies; a stream of which 10,000 items wait then fails with
 * `READER_TOO_SLOW`.
 *
 * At most 1,000 requests of the other side are handled at a time. Then the
 * connection is not read (backpressure), unless this side has open requests: their
 * replies may be what the handlers wait for, so reading goes on, and up to 10,000
 * further requests (16 MiB together) wait. The connection ends with a
 * `FrameError` when there are more.
 *
 * @example A client of Redis, for which pushes are events, and a stand-in for Redis
 * ```ts
 * import { type RespValue, resp } from "@framewire/framewire/presets";
 * import {
 *   connectMessages,
 *   MessageError,
 *   pipelined,
 *   serveMessages,
 *   typed,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const value = typed<RespValue>();
 * const commands = { PING: { input: value, output: value } };
 * await using server = await serveMessages({
 *   address: { port: 0 },
 *   dialect: pipelined(resp(), { requestOf: () => "PING" }),
 *   commands,
 * });
 * server.on("PING", () => ({ type: "string", value: "PONG" }));
 *
 * await using client = await connectMessages({
 *   address: server.address,
 *   dialect: pipelined(resp(), {
 *     eventOf: ({ type }) => type === "push" ? "push" : undefined,
 *     errorOf: ({ type, value }) =>
 *       type === "error" ? new MessageError("REDIS", `${value}`) : undefined,
 *   }),
 *   commands,
 * });
 * const bulk = { type: "bulk", value: new TextEncoder().encode("PING") } as const;
 * assertEquals(await client.request("PING", { type: "array", value: [bulk] }), {
 *   type: "string",
 *   value: "PONG",
 * });
 * ```
 *
 * @typeParam T A frame.
 * @param codec The codec of the frames.
 * @param options What the frames are.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec, an option is no function, or there is no
 * such option.
 */
export function pipelined<T>(
  codec: Codec<T>,
  options: PipelinedOptions<T> = {},
): Dialect<T> {
  checkCodec(codec);
  checkOptions("pipelined", options, kinds);
  const { eventOf, requestOf, errorOf, isLast, failed } = options;
  const form: PipelinedForm<T> = {
    kindOf(frame) {
      const event = eventOf?.(frame);
      if (event !== undefined) return ["event", event];
      const command = requestOf?.(frame);
      return command === undefined ? undefined : ["request", command];
    },
    bodyOf: (frame) => frame,
    frameOf: (_kind, _command, body) => body as T,
    errorOf,
    isLast,
    failed,
  };
  return { codec, open: (framed) => new PipelinedChannel(framed, form) };
}

/** Options of {@linkcode pipelinedCommands}. */
export interface PipelinedCommandsOptions {
  /** The command of all replies. By default, a reply has the command of its request. */
  replyAs?: string;
}

const commandKinds: OptionKinds<PipelinedCommandsOptions> = {
  replyAs: "string",
};

/**
 * Requests and replies in order, like {@linkcode pipelined}, over frames that have a
 * command and say whether they want a reply: see `commandMessages`.
 *
 * A message that wants a reply is a request. A message that wants none is the
 * reply to the oldest open request of this side, if there is one and the command
 * is that of its reply; otherwise it is an event. Therefore a side with open
 * requests must not be sent events with the command of replies.
 *
 * The format cannot carry streams of replies (`NOT_A_STREAM`) and errors. Where a
 * handler fails, or there is none, the connection ends when the turn of its reply has
 * come: a later reply would be taken for it.
 *
 * @example
 * ```ts
 * import { commandFrame } from "@framewire/framewire";
 * import {
 *   commandMessages,
 *   connectMessages,
 *   pipelinedCommands,
 *   serveMessages,
 * } from "@framewire/framewire/message";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = commandMessages(commandFrame(), { inform: 1, request: 2 });
 * const dialect = pipelinedCommands(codec, { replyAs: "inform" });
 *
 * await using server = await serveMessages({ address: { port: 0 }, dialect });
 * server.on("request", (body) => ["done", body]);
 *
 * const { address } = server;
 * await using client = await connectMessages({ address, dialect });
 * assertEquals(await client.request("request", 7), ["done", 7]);
 * ```
 *
 * @param codec The codec of the messages.
 * @param options The command of replies.
 * @returns The dialect.
 * @throws {TypeError} If it is not a codec, or there is no such option.
 */
export function pipelinedCommands(
  codec: Codec<CommandMessage>,
  options: PipelinedCommandsOptions = {},
): Dialect<CommandMessage> {
  checkCodec(codec);
  checkOptions("pipelinedCommands", options, commandKinds);
  const { replyAs } = options;
  const form: PipelinedForm<CommandMessage> = {
    kindOf({ command, wantsReply }, asking) {
      if (wantsReply) return ["request", command];
      const isReply = asking !== undefined && command === (replyAs ?? asking);
      return isReply ? undefined : ["event", command];
    },
    bodyOf: ({ body }) => body,
    frameOf: (kind, command, body) => ({
      command: kind === "reply" ? replyAs ?? command : command,
      wantsReply: kind === "request",
      body,
    }),
  };
  return { codec, open: (framed) => new PipelinedChannel(framed, form) };
}
