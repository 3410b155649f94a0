import type { Codec } from "../../codec/types.ts";
import { formatAddress } from "../../net/address.ts";
import {
  connectionsOf,
  type RecordedConnection,
} from "../../testing/recorded_connections.ts";
import { playClients } from "../../testing/replay_clients.ts";
import { ListeningReplay } from "../../testing/replay_conversation.ts";
import { ReplayError } from "../../testing/replay_error.ts";
import type { ReplaySettings } from "../../testing/replayed_connection.ts";
import { connectTo, listenOn } from "../addresses.ts";
import { EXIT, UsageError } from "../errors.ts";
import type { Flags } from "../flags.ts";
import { givenCodec } from "../formats.ts";
import { gathered } from "../frame_reader.ts";
import { inputOf } from "../inputs.ts";
import type { Program, Verb } from "../program.ts";
import { describe } from "../report.ts";
import { counted } from "../counted.ts";

/** How long a silent peer is waited for, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Plays one side of a recording. */
export const replay: Verb = async (program) => {
  const { flags, operands: [file], stdout, stderr, signal } = program;
  const bytes = await gathered(inputOf(file, program));
  const connections = chosen(new TextDecoder().decode(bytes), flags);
  let differences = 0;
  const onDifference = ({ message }: ReplayError) => {
    // What ends with the command is no difference.
    if (signal.aborted) return;
    differences++;
    if (flags.compare) stdout.tell(message);
  };
  const settings = settingsOf(flags, await givenCodec(flags), onDifference);
  await (flags.as === "server" ? serve : play)(connections, settings, program);
  stderr.tell(
    `${counted(connections.length, "connection")}; ${
      counted(differences, "difference")
    }`,
  );
  return flags.compare && differences > 0 ? EXIT.different : EXIT.good;
};

/** The connections that are played. */
function chosen(
  recording: string,
  { connection }: Flags,
): readonly RecordedConnection[] {
  const all = connectionsOf(recording);
  if (all.length === 0) {
    throw new UsageError("Cannot play the recording: it has no frames");
  }
  if (connection === undefined) return all;
  const one = all.filter(({ number }) => number === connection);
  if (one.length > 0) return one;
  const numbers = all.map(({ number }) => number);
  throw new UsageError(
    `Cannot play connection ${connection}: the recording has ${
      numbers.slice(0, 10).join(", ")
    }${numbers.length > 10 ? ", …" : ""}`,
  );
}

function settingsOf(
  flags: Flags,
  codec: Codec<unknown> | undefined,
  onDifference: (difference: ReplayError) => void,
): ReplaySettings {
  const { speed, timing = speed === undefined ? "immediate" : "recorded" } =
    flags;
  if (timing === "immediate" && speed !== undefined) {
    throw new UsageError("Cannot use --speed: expected --timing recorded");
  }
  return {
    peer: flags.as === "server" ? "client" : "server",
    codec,
    compare: codec && isEqual,
    pace: timing === "recorded" ? 1 / (speed ?? 1) : 0,
    timeoutMs: flags.timeout ?? TIMEOUT_MS,
    onDifference,
  };
}

function isEqual(got: Uint8Array, expected: Uint8Array): boolean {
  return got.length === expected.length &&
    got.every((byte, i) => byte === expected[i]);
}

/** Plays the clients to a server. */
async function play(
  connections: readonly RecordedConnection[],
  settings: ReplaySettings,
  { flags, operands: [, address = ""], signal: stop }: Program,
): Promise<void> {
  const codec = await givenCodec(flags);
  const connect = (signal: AbortSignal) =>
    connectTo(address, { flags, signal }, codec);
  try {
    await playClients(connections, connect, settings, stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

/** Plays the server to clients, until each connection has been played. */
async function serve(
  connections: readonly RecordedConnection[],
  settings: ReplaySettings,
  program: Program,
): Promise<void> {
  const { operands: [, address = ""], signal, stderr } = program;
  const listener = await listenOn(
    address,
    program,
    await givenCodec(program.flags),
    (error) => stderr.tell(`client: ${describe(error as Error)}`),
  );
  stderr.tell(`listening on ${formatAddress(listener.address)}`);
  const replay = new ListeningReplay(listener, connections, settings);
  const stopped = new Promise<void>((resolve) => {
    const stop = () => {
      replay.reset();
      resolve();
    };
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
  await Promise.race([replay.played, stopped]);
  try {
    await replay.close();
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    settings.onDifference?.(error);
  }
}
