/**
 * Registered commands for the clients of two tutorials, which send a bare line
 * and read an answer. It is a gateway made of public parts: `serve` for the
 * tutorial's format on the outside, and `serveCommands` on a network in memory
 * on the inside, which runs the commands, limits them and records them.
 */

import {
  type Address,
  type AddressLike,
  type Codec,
  formatAddress,
  jsonHeader,
  lengthPrefixed,
  mapCodec,
  type Network,
  parseAddress,
  serve,
} from "../../mod.ts";
import { md5 } from "../../src/algorithms/mod.ts";
import {
  type AuditRecord,
  type Caller,
  type CommandError,
  type CommandServer,
  type CommandServerOptions,
  connectCommands,
  serveCommands,
} from "../../src/exec/mod.ts";
import { memoryNetwork } from "../../src/net/adapters/memory.ts";
import { unframed } from "../support/unframed.ts";
import { encodeGbk } from "./gbk.ts";
import {
  type AnswerStyle,
  TextCommandSession,
} from "./text_command_session.ts";

/**
 * Options of {@linkcode serveJsonHeaderCommands} and
 * {@linkcode serveGbkCommands}. The arguments of a command are the words of the
 * line after the first.
 */
export interface ServeTextCommandsOptions extends CommandServerOptions {
  /**
   * How long the client must be silent before its bytes are taken for a whole
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
   * tutorial's client reads to the end of the stream.
   *
   * @default {false}
   */
  keepOpen?: boolean;
}

/** The largest answer: the output limit of any command is below it. */
const MAX_ANSWER_LENGTH = 0x7fff_ffff;

/** The longest time that a timer can be set to. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Serves registered commands to the client of the tutorial with the JSON header.
 * A bare command goes up. Down come the length of a JSON header (int32,
 * little-endian), the header, `{"ver":"1","md5":...,"lenth":N}` (spelled so), and
 * N bytes of output: standard error where there is any, or else standard output,
 * or `ok` where that is empty.
 *
 * The first word of a command names a registered one, the others are its
 * arguments, parted by white space. There are no quotes and no shell. A refusal
 * is answered with `refused:` and the reason. The output is kept until it is
 * whole, up to `maxOutput`; where it was cut, a last line in brackets says so.
 *
 * The format does not frame commands: one ends with its line, or when the client
 * has been silent for `quietMs`. A command that is longer on its way becomes two.
 * A client that ends its side of the stream is taken for gone, and its run is
 * cancelled. The MD5 guards against accidents and is no security. The format has
 * no authentication, so that only this machine may connect. Any web page can make
 * a browser on this machine connect: a line of the head of an HTTP request (with
 * ` HTTP/1`, or beginning with `Host:`) ends the connection.
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
 * Serves registered commands to the client of the tutorial with GBK. A bare
 * command goes up. Down come a length (int32, little-endian) and so many bytes of
 * output in GBK, `执行成功` (done) where there is none. All else is as with
 * {@linkcode serveJsonHeaderCommands}. The output of programs is read as UTF-8,
 * and characters that GBK does not have become `?`.
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
  const { keepOpen = false, ...others } = options;
  return serveTextCommands(others, answers, {
    text: encodeGbk,
    output: (bytes) => encodeGbk(utf8.decode(bytes)),
    silence: "执行成功",
    keepOpen,
  });
}

async function serveTextCommands(
  options: ServeTextCommandsOptions,
  answers: Codec<Uint8Array>,
  style: AnswerStyle,
): Promise<CommandServer> {
  const { address, signal, network, audit, onError, observe, ...rest } =
    options;
  const { quietMs = 50, maxCommandLength = 1_024, ...limits } = rest;
  const { idleTimeoutMs = 300_000, maxConnections = 100 } = options;
  if (!isLocal(address)) {
    throw new TypeError(
      "Cannot serve commands to other machines: the format has no authentication",
    );
  }
  const settings = { style, quietMs, maxCommandLength, idleTimeoutMs };
  signal?.throwIfAborted();

  // The inside knows its clients by their addresses in memory only.
  const memory = memoryNetwork();
  const callers = new Map<string, Caller>();
  const callerOf = (inside: Address) => callers.get(formatAddress(inside));
  const inside = await serveCommands({
    ...limits,
    address: "memory:commands",
    network: memory,
    maxConnections: 2 * maxConnections,
    idleTimeoutMs: MAX_TIMEOUT_MS,
    audit: (record) => {
      const caller = callerOf(record.caller.address) ?? record.caller;
      return audit?.({ ...record, caller });
    },
    ...(onError && {
      onError: (error, peer) => onError(error, callerOf(peer)?.address ?? peer),
    }),
  });

  const sessions = new Set<TextCommandSession>();
  const codec: Codec<Uint8Array> = {
    ...unframed,
    encoder: answers.encoder,
    encode: answers.encode,
  };
  const outside = await serve({
    address,
    codec,
    maxConnections,
    // A client that waits for an answer says nothing; the session knows when.
    idleTimeoutMs: Infinity,
    // An answer is one frame, however long `maxOutput` lets it be.
    maxSendBuffer: Infinity,
    writeTimeoutMs: limits.writeTimeoutMs ?? 30_000,
    ...(network && { network }),
    ...(onError && { onError }),
    ...(observe && { observe }),
  }, async (connection) => {
    const caller: Caller = {
      address: connection.remoteAddress,
      connection: connection.id,
      authenticated: false,
    };
    let insideName = "";
    const client = await connectCommands({
      address: inside.address,
      network: known(memory, (address) => {
        insideName = formatAddress(address);
        callers.set(insideName, caller);
      }),
    });
    const refuse = (error: CommandError) => audit?.(refusal(error, caller));
    const session = new TextCommandSession(
      connection,
      client,
      settings,
      refuse,
    );
    sessions.add(session);
    try {
      await session.run();
    } finally {
      sessions.delete(session);
      await client.close();
      callers.delete(insideName);
    }
  }).catch(async (error) => {
    await inside.close();
    throw error;
  });
  const close = async () => {
    for (const session of sessions) session.close();
    // Ends all runs, so that the sessions can answer what came of them.
    await inside.close();
    await outside.close();
  };
  const onAbort = () => void close();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const closed = outside.closed.then(() => inside.close());
  void closed.then(() => signal?.removeEventListener("abort", onAbort));
  return {
    address: outside.address,
    get state() {
      return outside.state;
    },
    closed,
    drained: outside.drained.then(() => inside.drained),
    stats: () => outside.stats(),
    setCertificate: (certificates) => outside.setCertificate(certificates),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A network that tells the local address of each connection. */
function known(
  network: Network,
  tell: (address: Address) => void,
): Pick<Network, "connect"> {
  return {
    async connect(address, options) {
      const connection = await network.connect(address, options);
      tell(connection.localAddress);
      return connection;
    },
  };
}

function refusal(error: CommandError, caller: Caller): AuditRecord {
  const { code, message, cause } = error;
  return {
    event: "refused",
    time: new Date(),
    caller,
    code,
    message,
    ...(cause !== undefined && { cause }),
  };
}

/** Whether only this machine can reach an address. */
function isLocal(address: AddressLike): boolean {
  const parsed = parseAddress(address);
  if (parsed.transport === "unix" || parsed.transport === "memory") return true;
  if (parsed.transport === "node") return false;
  const { hostname } = parsed;
  return hostname === "localhost" || hostname === "::1" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
