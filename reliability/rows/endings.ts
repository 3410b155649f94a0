import { Buffer } from "node:buffer";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { mib, ms, Raw, until } from "../raw.ts";
import type { Finding, Row, Run } from "../row.ts";

interface Report {
  readonly open: number;
  readonly closes: Readonly<Record<number, string[]>>;
  readonly notes: Readonly<Record<number, string[]>>;
}

const CLIENTS = 10;
const FRAMES = 8;
const SIZE = 524_288;
const FAREWELL = FRAMES * (SIZE + 4);

/** Reads as slowly as some peers do: 64 KiB, then nothing for 20 ms. */
function readSlowly({ socket }: Raw): void {
  socket.on("data", () => {
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
}

export const slowAtReturn: Row = {
  name: "slow peer at the return",
  promise:
    "a handler returns, the peer still sends and reads slowly: all that was written arrives, or closed says that it did not",
  bar: `4 MiB arrive at each of ${CLIENTS} clients`,
  sabotage: "the handler ends with abort()",
  seconds: 3,
  async measure(run) {
    const peer = await run.start("serve", {
      handler: run.either("farewell", "hasty"),
      count: FRAMES,
      size: SIZE,
    });
    const all = await Promise.all(Array.from({ length: CLIENTS }, async () => {
      const raw = await Raw.connect(peer.port, false);
      readSlowly(raw);
      const sending = setInterval(() => {
        if (raw.socket.writable) raw.send("still here");
      }, 20);
      raw.socket.once("end", () => {
        clearInterval(sending);
        raw.socket.end();
      });
      raw.socket.once("close", () => clearInterval(sending));
      return { raw, port: raw.socket.localPort! };
    }));
    await Promise.all(all.map(({ raw }) => raw.ends(20_000)));
    await until(
      async () => (await peer.call<Report>("report")).open === 0,
      3_000,
    );
    const { closes } = await peer.call<Report>("report");
    const whole = all.filter(({ raw }) => raw.received === FAREWELL).length;
    const told =
      all.filter(({ raw, port }) =>
        raw.received < FAREWELL && isLoud(closes[port])
      ).length;
    return {
      figure: `${whole} of ${CLIENTS} have all, ${told} ended with an error`,
      holds: whole === CLIENTS && peer.unharmed,
    };
  },
};

/** Whether a connection was recorded to have ended, and not in good order. */
function isLoud(closes: readonly string[] | undefined): boolean {
  return closes !== undefined && closes.some((close) => close.includes(" "));
}

/** A handler returns after it has sent; what a client gets that does as told. */
async function received(
  run: Run,
  settings: Readonly<Record<string, unknown>>,
  behave: (raw: Raw) => Promise<void> | void,
  note?: string,
): Promise<{ bytes: number; notes: readonly string[]; unharmed: boolean }> {
  const peer = await run.start("serve", settings);
  const raw = await Raw.connect(peer.port, false);
  const port = raw.socket.localPort!;
  await behave(raw);
  await until(() => raw.overAt !== undefined, 10_000);
  raw.socket.end();
  await raw.ends(3_000);
  let notes: readonly string[] = [];
  await until(async () => {
    ({ notes: { [port]: notes = [] } } = await peer.call<Report>("report"));
    return note === undefined || notes.includes(note);
  }, 2_000);
  return {
    bytes: raw.received,
    notes,
    unharmed: peer.unharmed,
  };
}

function arrival(
  name: string,
  what: string,
  settings: (run: Run) => Readonly<Record<string, unknown>>,
  bytes: number,
  behave: (raw: Raw) => Promise<void> | void,
  note?: string,
): Row {
  return {
    name,
    promise: `${what}: every byte arrives or an error says which did not`,
    bar: `${mib(bytes)} (${bytes} bytes) arrive`,
    sabotage: "the handler ends with abort(), or before its reply",
    seconds: 2,
    async measure(run): Promise<Finding> {
      const got = await received(run, settings(run), behave, note);
      return {
        figure: `${got.bytes} bytes arrive${
          note === undefined ? "" : `, ${got.notes.join(", ") || "no note"}`
        }`,
        holds: got.bytes === bytes && got.unharmed &&
          (note === undefined || got.notes.includes(note)),
      };
    },
  };
}

export const lateReply: Row = arrival(
  "half-close, late reply",
  "the client half-closes, the reply comes 200 ms later",
  (run) => ({ handler: run.either("late", "early") }),
  4 + "request".length,
  (raw) => {
    raw.send("request");
    raw.socket.end();
  },
);

const LARGE = 12 * 2 ** 20;

export const largeLastChunk: Row = arrival(
  "large last chunk",
  "a last chunk is larger than the send buffer, the client is slow to read it",
  (run) => ({
    handler: run.either("farewell", "hasty"),
    size: LARGE,
    codec: { maxFrameLength: LARGE },
  }),
  LARGE + 4,
  async ({ socket }) => {
    socket.pause();
    await sleep(300);
    socket.resume();
  },
);

export const chattyPeer: Row = arrival(
  "chatty peer at close",
  "the client goes on sending while the server closes",
  (run) => ({
    handler: run.either("farewell", "hasty"),
    count: FRAMES,
    size: SIZE,
  }),
  FAREWELL,
  (raw) => {
    readSlowly(raw);
    const chatter = Buffer.alloc(16_384, 0);
    const sending = setInterval(() => {
      if (raw.socket.writable && raw.socket.writableLength < 1e6) {
        raw.socket.write(chatter);
      }
    }, 1);
    raw.socket.once("end", () => clearInterval(sending));
    raw.socket.once("close", () => clearInterval(sending));
  },
);

export const closedTwice: Row = arrival(
  "close() twice",
  "a program closes twice at once, and again",
  (run) => ({
    handler: run.either("twice", "hasty"),
    count: FRAMES,
    size: SIZE,
  }),
  FAREWELL,
  (raw) => void raw.socket.once("end", () => raw.socket.end()),
  "closed twice",
);

export const abortConnecting: Row = {
  name: "abort while connecting",
  promise:
    "a client gives up connecting: it rejects at once and leaves nothing",
  bar:
    "rejects with the reason in 100 ms; the other side sees its connection end",
  sabotage: "the signal aborts after the time limit (1 s)",
  seconds: 1,
  async measure(run) {
    const sockets: Raw[] = [];
    const server = net.createServer((socket) => {
      sockets.push(new Raw(socket, false));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const client = await run.start("client");
    const { isReason, milliseconds } = await client.call<
      { isReason: boolean; milliseconds: number }
    >("abortConnecting", { port, abortMs: run.either(100, 1_500) });
    const ended = await until(
      () => sockets.length === 1 && sockets[0]!.overAt !== undefined,
      500,
    );
    return {
      figure: `${isReason ? "rejected" : "NOT rejected"} with the reason, ${
        ms(milliseconds)
      } later; ${ended ? "the connection ended" : "NOT closed"}`,
      holds: isReason && milliseconds <= 100 && ended && client.unharmed,
    };
  },
};
