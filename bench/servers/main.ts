/**
 * An echo server to be loaded from another process: `main.ts NAME`, with a name
 * of {@linkcode servers}. Prints its port.
 */
import diagnostics from "node:diagnostics_channel";
import process from "node:process";
import {
  type ByteDuplex,
  type Framed,
  FrameDecoderStream,
  FrameEncoderStream,
  lengthPrefixed,
  listen,
  prometheusText,
  serve,
} from "../../mod.ts";
import { hand, handIterate } from "./by_hand.ts";
import { listenRaw } from "./sockets.ts";

type Connection = Framed<Uint8Array>;

const codec = lengthPrefixed();

/** Each listens and returns its port. */
const servers: Readonly<Record<string, () => Promise<number> | number>> = {
  raw: () =>
    listenRaw(
      (write) => ({ data: (chunk) => void write(chunk), end() {} }),
      true,
    ),
  hand: () => listenRaw(hand),
  handIterate: () => listenRaw(handIterate),
  forEach: () =>
    serveFrames((connection) =>
      connection.forEach((frame) => connection.send(frame))
    ),
  observed: serveObserved,
  iterate: () =>
    serveFrames(async (connection) => {
      for await (const frame of connection) {
        const room = connection.send(frame);
        if (room !== undefined) await room;
      }
    }),
  batches: () =>
    serveFrames(async (connection) => {
      for await (const batch of connection.batches()) {
        for (const frame of batch) {
          const room = connection.send(frame);
          if (room !== undefined) await room;
        }
      }
    }),
  pipe: () =>
    servePipes(({ readable, writable }) =>
      readable.pipeThrough(new FrameDecoderStream(codec))
        .pipeThrough(new FrameEncoderStream(codec)).pipeTo(writable)
    ),
  pipeBatches: () =>
    servePipes(({ readable, writable }) =>
      readable.pipeThrough(new FrameDecoderStream(codec, { batches: true }))
        .pipeThrough(new FrameEncoderStream(codec, { batches: true }))
        .pipeTo(writable)
    ),
};

const start = servers[process.argv[2] ?? ""];
if (start === undefined) {
  throw new TypeError(`Expected one of ${Object.keys(servers).join(", ")}`);
}
console.log(await start());

async function serveFrames(
  handler: (connection: Connection) => Promise<void>,
): Promise<number> {
  const { address } = await serve({ address: { port: 0 }, codec }, handler);
  return address.transport === "tcp" ? address.port : 0;
}

/** As `forEach`, with all on that tells of a server, or limits what it takes. */
async function serveObserved(): Promise<number> {
  let events = 0;
  const count = () => void events++;
  diagnostics.subscribe("framewire:connection.open", count);
  diagnostics.subscribe("framewire:connection.close", count);
  const server = await serve({
    address: { port: 0 },
    codec,
    observe: count,
    maxConnectionsPerAddress: 10_000,
    rate: { bytes: 1e12, frames: 1e9 },
    addressRate: { bytes: 1e12, frames: 1e9 },
    heartbeat: { ping: () => new Uint8Array(1) },
    handlerTimeoutMs: 60_000,
  }, (connection) => connection.forEach((frame) => connection.send(frame)));
  setInterval(() => prometheusText(server.stats()), 1_000);
  const { address } = server;
  return address.transport === "tcp" ? address.port : 0;
}

async function servePipes(
  pipe: (connection: ByteDuplex) => Promise<void>,
): Promise<number> {
  const listener = await listen({ port: 0 });
  const accept = async () => {
    for await (const connection of listener) {
      // A peer that resets the connection has ended it, too.
      pipe(connection).catch(() => connection.abort());
    }
  };
  void accept();
  const { address } = listener;
  return address.transport === "tcp" ? address.port : 0;
}
