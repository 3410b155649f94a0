import { md5 } from "../algorithms/digests.ts";
import { defineCodec } from "../codec/define_codec.ts";
import { jsonHeader } from "../codec/formats/json_header.ts";
import { lengthPrefixed } from "../codec/formats/length_prefixed.ts";
import { checkCount } from "../codec/bytes/limits.ts";
import type { Codec } from "../codec/types.ts";
import { mapCodec } from "../codec/views/map_codec.ts";
import {
  CommandRunner,
  type CommandServerOptions,
  isLocal,
} from "./command_runner.ts";
import { type CommandServer, serveSessions } from "./command_server.ts";
import { encodeGbk } from "./gbk.ts";
import {
  type AnswerStyle,
  TextCommandSession,
} from "./text_command_session.ts";

/**
 * Options of {@linkcode serveJsonHeaderCommands} and
 * {@linkcode serveGbkCommands}. The arguments that a command is given are the
 * words of the line after the first.
 */
export interface ServeTextCommandsOptions extends CommandServerOptions {
  /**
   * How long nothing must come before what has come is taken for a whole
   * command, in milliseconds, where no line end says so.
   *
   * @default {50}
   */
  quietMs?: number;
  /**
   * The most bytes of a command; one that is longer ends the connection.
   *
   * @default {1_024}
   */
  maxCommandLength?: number;
  /**
   * How long a client may send nothing, in milliseconds.
   *
   * @default {300_000}
   */
  idleTimeoutMs?: number;
}

/** Options of {@linkcode serveGbkCommands}. */
export interface ServeGbkCommandsOptions extends ServeTextCommandsOptions {
  /**
   * Whether a connection goes on after an answer. By default, it ends there: the
   * client that this is for reads to the end of the stream.
   *
   * @default {false}
   */
  keepOpen?: boolean;
}

/** The largest answer: the output limit of any command is below it. */
const MAX_ANSWER_LENGTH = 0x7fff_ffff;

/**
 * Serves registered commands to a client of a well-known tutorial: a bare
 * command goes up; down come the length of a JSON header (int32,
 * little-endian), the header, `{"ver":"1","md5":...,"lenth":N}` (spelled so), and
 * N bytes of output: standard error where there is any, or else standard output,
 * or `ok` where that is empty.
 *
 * The first word of the command names a registered one, the others are its
 * arguments, parted by white space; there are no quotes, and no shell. What is
 * refused is answered with `refused:` and why. The output is kept until it is
 * whole, up to `maxOutput`; where it was cut, a last line in brackets says so.
 *
 * Commands have no frames in this format: one ends with its line, or where
 * nothing has come for `quietMs`. A command that is longer on its way than that
 * becomes two. A client that ends its side of the stream is gone, and
 * so is what runs for it. The md5 guards against accidents and is no security, and the
 * format has no authentication, so that it is for this machine only. A browser on
 * it can be made by any web page to connect: a connection ends unserved at a line
 * that is of the head of an HTTP request (with ` HTTP/1`, or beginning with `Host:`).
 *
 * @example
 * ```ts
 * import { argumentList, serveJsonHeaderCommands } from "@framewire/framewire/exec";
 * import { connect } from "@framewire/framewire/net";
 * import { assert } from "@std/assert";
 *
 * await using server = await serveJsonHeaderCommands({
 *   address: { port: 0 },
 *   commands: { echo: { file: "/bin/echo", args: argumentList({ max: 9 }) } },
 * });
 * await using connection = await connect(server.address);
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("echo hello; id"));
 * const reader = connection.readable.getReader();
 * const { value } = await reader.read();
 * assert(new TextDecoder().decode(value).endsWith('"lenth":10}hello; id\n'));
 * ```
 *
 * @param options Where, which commands, and the limits.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {CommandError} `START_FAILED` if this program may not end processes.
 * @throws {TypeError} If others than this machine could connect.
 */
export function serveJsonHeaderCommands(
  options: ServeTextCommandsOptions,
): Promise<CommandServer> {
  const frames = jsonHeader({
    endian: "little",
    lengthKey: "lenth",
    digest: md5,
    fields: { ver: "1" },
    maxFrameLength: MAX_ANSWER_LENGTH,
  });
  const answers = mapCodec(frames, {
    name: "answers",
    decode: ({ body }) => body,
    encode: (body: Uint8Array) => ({ body }),
  });
  const utf8 = new TextEncoder();
  return serveTextCommands(options, answers, {
    text: (text) => utf8.encode(text),
    output: (bytes) => bytes,
    silence: "ok",
    keepOpen: true,
  });
}

/**
 * Serves registered commands to a client of another tutorial: a bare command
 * goes up; down come a length (int32, little-endian) and so many bytes of output
 * in GBK, `执行成功` (done) where there is none. All else is as with
 * {@linkcode serveJsonHeaderCommands}; what programs write is taken for UTF-8,
 * and what GBK does not have becomes `?`.
 *
 * @example
 * ```ts
 * import { serveGbkCommands } from "@framewire/framewire/exec";
 * import { connect } from "@framewire/framewire/net";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serveGbkCommands({
 *   address: { port: 0 },
 *   commands: { nothing: { file: "/usr/bin/true" } },
 * });
 * await using connection = await connect(server.address);
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("nothing"));
 * const reader = connection.readable.getReader();
 * const { value } = await reader.read();
 * assertEquals(new TextDecoder("gbk").decode(value?.subarray(4)), "执行成功");
 * ```
 *
 * @param options Where, which commands, and the limits.
 * @returns The server, listening.
 * @throws {NetError} If it cannot listen at the address.
 * @throws {CommandError} `START_FAILED` if this program may not end processes.
 * @throws {TypeError} If others than this machine could connect.
 */
export function serveGbkCommands(
  options: ServeGbkCommandsOptions,
): Promise<CommandServer> {
  const answers = lengthPrefixed({
    endian: "little",
    maxFrameLength: MAX_ANSWER_LENGTH,
  });
  const utf8 = new TextDecoder();
  return serveTextCommands(options, answers, {
    text: encodeGbk,
    output: (bytes) => encodeGbk(utf8.decode(bytes)),
    silence: "执行成功",
    keepOpen: options.keepOpen ?? false,
  });
}

async function serveTextCommands(
  options: ServeTextCommandsOptions,
  answers: Codec<Uint8Array>,
  style: AnswerStyle,
): Promise<CommandServer> {
  const { address, signal } = options;
  const {
    quietMs = 50,
    maxCommandLength = 1_024,
    idleTimeoutMs = 300_000,
  } = options;
  if (!isLocal(address)) {
    throw new TypeError(
      "Cannot serve commands to other machines: the format has no authentication",
    );
  }
  checkCount("quietMs", quietMs, 1, 2 ** 31 - 1);
  checkCount("maxCommandLength", maxCommandLength, 1);
  checkCount("idleTimeoutMs", idleTimeoutMs, 1, 2 ** 31 - 1);
  signal?.throwIfAborted();
  const runner = new CommandRunner(options);
  const settings = { style, quietMs, maxCommandLength, idleTimeoutMs };
  return await serveSessions(
    options,
    runner,
    chunksAnd(answers),
    (connection, caller) =>
      new TextCommandSession(connection, runner, settings, caller),
    // An answer is one frame, however long `maxOutput` lets it be.
    Infinity,
  );
}

/** Takes what comes as it comes, and sends frames. */
function chunksAnd(answers: Codec<Uint8Array>): Codec<Uint8Array> {
  return defineCodec({
    name: "bare commands",
    reader: () => ({
      read: (input) => input.length > 0 ? input.take(input.length) : undefined,
      finish: () => undefined,
    }),
    encoder: () => answers.encoder(),
  });
}
