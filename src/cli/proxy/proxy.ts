import type { Codec } from "../../codec/types.ts";
import { channelOf } from "../../framed/channel_of.ts";
import type { Channel } from "../../net/channel.ts";
import type { Connection, Listener } from "../../net/types.ts";
import type { Direction, ProxyFaults } from "../faults/faults.ts";
import { Conversation, type MakeStage } from "./conversation.ts";
import { FrameTap } from "./frame_tap.ts";
import { Intake } from "./intake.ts";
import { Passing } from "./passing.ts";
import { Spoiling } from "./spoiling.ts";
import type { ProxyWatcher } from "./watcher.ts";

/** How a proxy passes bytes on. */
export interface ProxySettings {
  /** Connects to the server, once for each client. */
  connect(): Promise<Connection>;
  readonly codec: Codec<unknown> | undefined;
  readonly faults: ProxyFaults;
  readonly seed: number;
  /** How many bytes a second pass in each direction, or `Infinity`. */
  readonly bytesPerSecond: number;
  readonly watcher: ProxyWatcher;
  /** A client has connected. */
  onConnection(connection: number): void;
  /** A client has connected, and there was no connection to the server for it. */
  onUnconnected(connection: number, error: unknown): void;
}

/**
 * Connects each client of a listener to a server of its own, and passes on what they
 * send, their ends and their resets. It stops listening when the signal aborts, resets
 * the connections that are open, and resolves when all are over.
 */
export async function runProxy(
  listener: Listener,
  settings: ProxySettings,
  signal: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const stop = () => void listener.close();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  let connections = 0;
  for await (const client of listener) {
    settings.onConnection(++connections);
    const one = converse(client, connections, settings, signal)
      .finally(() => running.delete(one));
    running.add(one);
  }
  signal.removeEventListener("abort", stop);
  await Promise.all(running);
}

async function converse(
  client: Connection,
  connection: number,
  settings: ProxySettings,
  signal: AbortSignal,
): Promise<void> {
  let server: Connection;
  try {
    server = await settings.connect();
  } catch (error) {
    client.abort();
    if (!signal.aborted) settings.onUnconnected(connection, error);
    return;
  }
  const conversation = new Conversation(
    channel(client),
    channel(server),
    stageMaker(connection, settings),
  );
  const stop = () => conversation.abort();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  await conversation.run();
  signal.removeEventListener("abort", stop);
}

function stageMaker(connection: number, settings: ProxySettings): MakeStage {
  const { codec, faults, seed, bytesPerSecond, watcher } = settings;
  return (direction, source, outlet, reset) => {
    const spoils = spoilsIn(direction, settings);
    const tap = new FrameTap(codec, spoils || watcher.wantsBytes);
    const intake = new Intake({ connection, direction }, watcher, tap);
    if (!spoils) return new Passing(source, intake, outlet);
    return new Spoiling(source, intake, outlet, {
      faults: faults[direction],
      seed,
      bytesPerSecond,
      countsChunks: codec === undefined,
      reset,
    });
  };
}

function spoilsIn(
  direction: Direction,
  { faults, bytesPerSecond }: ProxySettings,
): boolean {
  return bytesPerSecond < Infinity || Object.keys(faults[direction]).length > 0;
}

function channel(connection: Connection): Channel {
  return channelOf(connection, () => new TypeError("Not a connection"));
}
