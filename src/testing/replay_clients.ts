import {
  checkChoice,
  checkOptions,
  checkTimeLimit,
  type OptionKinds,
  wrongType,
} from "../checks.ts";
import type { AddressLike } from "../net/address.ts";
import { connect } from "../net/connect.ts";
import { after } from "../net/timer.ts";
import type { Connection } from "../net/types.ts";
import { codecsOf, type ConversationCodec } from "./conversation_codec.ts";
import { PlayOrder } from "./play_order.ts";
import {
  connectionsOf,
  type RecordedConnection,
} from "./recorded_connections.ts";
import type { RecordedFrame } from "./recorded_frame.ts";
import type { FrameComparison } from "./recorded_peer.ts";
import {
  ReplayedConnection,
  type ReplaySettings,
} from "./replayed_connection.ts";

/** Options of {@linkcode replayClients}. */
export interface ReplayClientsOptions {
  /** Where the server listens. */
  to: AddressLike;
  /**
   * The format with which the conversation was recorded, for `compare`: it cuts what
   * the server sends into the frames that are compared.
   */
  codec?: ConversationCodec;
  /**
   * Compares each frame of the server with the recorded one in another way than byte by
   * byte, such as without a time stamp; needs `codec`. Behind bytes that are no frames
   * of the codec, bytes are compared.
   *
   * @default {all bytes must be equal}
   */
  compare?: FrameComparison;
  /**
   * When frames of the clients are sent: as soon as all frames of the server that were
   * recorded before them have come (`"immediate"`), or no earlier behind the frame
   * before them than they were recorded (`"recorded"`).
   *
   * @default {"immediate"}
   */
  timing?: "immediate" | "recorded";
  /**
   * How long the server may send nothing while it is its turn, or read nothing, in
   * milliseconds. More than 0; `Infinity` for no limit.
   *
   * @default {5_000}
   */
  timeoutMs?: number;
}

const kinds: OptionKinds<ReplayClientsOptions> = {
  to: "checked",
  codec: "checked",
  compare: "function",
  timing: "checked",
  timeoutMs: "checked",
};

/**
 * Plays the side of the clients of a recorded conversation to a server, and finds a
 * server that answers something else than it did: the mirror of
 * {@linkcode replayConversation}.
 *
 * A frame of a client is sent when all frames that were recorded before it have been
 * played, those of other connections too: the clients have sent theirs, and those of the
 * server have come. Each connection is made when it is the turn of its first frame. Where
 * no end of a client was recorded, its connection is closed behind its last frame.
 *
 * @example A server that does what was recorded, and one that does not
 * ```ts
 * import { lines, serve } from "@framewire/framewire";
 * import { replayClients } from "@framewire/framewire/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * // In a file, as recordConversation() has written it.
 * const recording = `
 * {"time":1,"direction":"toServer","connection":1,"offset":0,"length":6,"data":"aGVsbG8K"}
 * {"time":2,"direction":"toClient","connection":1,"offset":0,"length":8,"data":"PiBoZWxsbwo="}
 * `.trimStart();
 *
 * async function replay(mark: string): Promise<void> {
 *   await using server = await serve(
 *     { address: { port: 0 }, codec: lines() },
 *     (connection) =>
 *       connection.forEach((line) => connection.send(`${mark} ${line}`)),
 *   );
 *   await replayClients(recording, { to: server.address });
 * }
 *
 * await replay(">");
 * const error = await assertRejects(() => replay("<"));
 * assertEquals(
 *   (error as Error).message,
 *   "The server differs from the recording at line 2 (connection 1, byte offset 0):" +
 *     ' expected "> hello\\n", got "< hello\\n"',
 * );
 * ```
 *
 * @param recording The recording: its text, or its frames.
 * @param options The server, and what counts as equal.
 * @returns A promise that resolves when all has been played.
 * @throws {ReplayError} If the server does something else than was recorded: the first
 * difference that was found.
 * @throws {RecordingError} If a line of the text is not a frame.
 * @throws {NetError} If it cannot connect.
 * @throws {TypeError} If the address or a codec is none, `compare` comes without a
 * codec, or there is no such option.
 * @throws {RangeError} If an option is out of its range; it is named.
 * @throws What `compare` throws.
 */
export async function replayClients(
  recording: string | readonly RecordedFrame[],
  options: ReplayClientsOptions,
): Promise<void> {
  checkOptions("replayClients", options, kinds);
  const { to, codec, compare, timing = "immediate" } = options;
  const { timeoutMs = 5_000 } = options;
  const codecs = codecsOf(codec);
  if (compare !== undefined && codec === undefined) {
    throw wrongType("codec", "that of the frames for compare", codec);
  }
  checkChoice("timing", timing, ["immediate", "recorded"]);
  checkTimeLimit("timeoutMs", timeoutMs);
  await playClients(
    connectionsOf(recording),
    (signal) => connect(to, { signal }),
    {
      peer: "server",
      codec: codecs.toClient,
      compare,
      pace: timing === "recorded" ? 1 : 0,
      timeoutMs,
      onDifference: undefined,
    },
  );
}

/**
 * Plays the side of the clients of recorded connections.
 *
 * @param connect Connects to the server. It is to stop when the signal aborts.
 * @param stop Ends it; it then rejects with the reason.
 */
export async function playClients(
  connections: readonly RecordedConnection[],
  connect: (signal: AbortSignal) => Promise<Connection>,
  settings: Omit<ReplaySettings, "order">,
  stop?: AbortSignal,
): Promise<void> {
  // One that fails ends the others.
  const failing = new AbortController();
  const { signal } = failing;
  const onStop = () => failing.abort(stop?.reason);
  stop?.addEventListener("abort", onStop);
  if (stop?.aborted) onStop();
  const order = new PlayOrder(connections);
  signal.addEventListener("abort", () => order.end());
  const playing: Promise<void>[] = [];
  const inOrder = [...connections].sort((a, b) => firstLine(a) - firstLine(b));
  try {
    for (const recorded of inOrder) {
      await order.turnOf(firstLine(recorded));
      await pause(recorded, settings.pace, signal);
      signal.throwIfAborted();
      const connection = await connect(signal);
      const abort = () => connection.abort(signal.reason);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      const one = new ReplayedConnection(connection, recorded, {
        ...settings,
        order,
      });
      playing.push(
        one.play().catch((error: unknown) => failing.abort(error))
          .finally(() => signal.removeEventListener("abort", abort)),
      );
    }
  } catch (error) {
    failing.abort(error);
  }
  await Promise.all(playing);
  stop?.removeEventListener("abort", onStop);
  signal.throwIfAborted();
}

function firstLine({ lines }: RecordedConnection): number {
  return lines[0]!.line;
}

/** Waits as long as it took until a connection began. */
async function pause(
  { lines, before }: RecordedConnection,
  pace: number,
  signal: AbortSignal,
): Promise<void> {
  const ms = before === undefined ? 0 : (lines[0]!.frame.time - before) * pace;
  if (!(ms > 0) || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = after(ms, end);
    signal.addEventListener("abort", end);
  });
}
