/** A server of frames, with the options and the handler that a row wants. */
import {
  type CloseInfo,
  type FramedConnection,
  lengthPrefixed,
  type LengthPrefixedOptions,
  serve,
  type ServeOptions,
  type Server,
} from "../../mod.ts";
import {
  answer,
  block,
  collectGarbage,
  countTimers,
  givenSettings,
} from "./control.ts";

interface Settings {
  readonly handler: string;
  readonly options?: Partial<ServeOptions<Uint8Array>>;
  readonly codec?: LengthPrefixedOptions;
  /** How many frames a handler sends, and of how many bytes. */
  readonly count?: number;
  readonly size?: number;
  /** For how long the loop stands still at each connection that breaks. */
  readonly blockAtReset?: number;
  /** Whether connections are not recorded, which takes memory. */
  readonly silent?: boolean;
}

type Connection = FramedConnection<Uint8Array>;

const settings = givenSettings<Settings>();
const { count = 1, size = 1_024 } = settings;
const timers = countTimers();

/** How a connection ended, by the port of the client. */
const closes: Record<number, string[]> = {};
/** The errors of connections, and those of the server. */
const alarms: string[] = [];
/** What a handler has to say, by the port of the client. */
const notes: Record<number, string[]> = {};
let opened = 0;
let mostQueued = 0;
let frames = 0;

const kept: unknown[] = [];

/** A frame that says its number. */
function numbered(index: number): Uint8Array {
  const frame = new Uint8Array(size).fill(97);
  new DataView(frame.buffer).setUint32(0, index);
  return frame;
}

function note(connection: Connection, text: string): void {
  (notes[portOf(connection)] ??= []).push(text);
}

function portOf({ remoteAddress }: Connection): number {
  return "port" in remoteAddress ? remoteAddress.port : 0;
}

function queued(connection: Connection): void {
  mostQueued = Math.max(mostQueued, connection.bufferedBytes);
}

const sleep = (ms: number) =>
  new Promise<void>((resolve) => void setTimeout(resolve, ms));

async function sendNumbered(connection: Connection): Promise<void> {
  for (let i = 0; i < count; i++) {
    const room = connection.send(numbered(i));
    queued(connection);
    if (room !== undefined) await room;
  }
}

const handlers: Readonly<
  Record<string, (connection: Connection) => Promise<void> | void>
> = {
  echo: (connection) =>
    connection.forEach((frame) => {
      frames++;
      return connection.send(frame);
    }),
  /** Reads nothing: for broadcasts. */
  listen: (connection) => connection.forEach(() => undefined),
  /** Sends many frames, waiting for room. */
  produce: async (connection) => {
    await connection.receive();
    await sendNumbered(connection);
    await connection.closed;
  },
  /** Sends as many frames as a frame says, and never waits for room. */
  asked: (connection) =>
    connection.forEach((frame) => {
      const wanted = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
      for (let i = 0; i < wanted; i++) {
        connection.send(numbered(i))?.catch(() => undefined);
      }
    }),
  /** Sends frames and never waits for room. */
  flood: async (connection) => {
    try {
      for (let i = 0; i < count; i++) {
        connection.send(numbered(i))?.catch(() => undefined);
      }
    } catch (error) {
      note(connection, codeOf(error));
    }
    await connection.closed;
  },
  /** By the first byte of a frame: throws, or never returns. */
  faulty: (connection) =>
    connection.forEach((frame) => {
      if (frame[0] === 116) throw new Error("A handler that throws");
      if (frame[0] === 104) return new Promise<void>(() => undefined);
      return connection.send(frame);
    }),
  /** Sends frames and returns, whatever the client does. */
  farewell: sendNumbered,
  /** Sends the same and ends at once, so that most of it is dropped. */
  hasty: (connection) => {
    for (let i = 0; i < count; i++) {
      connection.send(numbered(i))?.catch(() => undefined);
    }
    connection.abort();
  },
  /** Replies some time after the end of the client. */
  late: async (connection) => {
    const received = await Array.fromAsync(connection);
    await sleep(200);
    for (const frame of received) await connection.send(frame);
  },
  /** Closes as soon as the client has ended. */
  early: async (connection) => {
    await Array.fromAsync(connection);
  },
  twice: async (connection) => {
    await sendNumbered(connection);
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    note(connection, "closed twice");
  },
  /** Notes what arrives, while it sends all the time. */
  chatty: async (connection) => {
    const sending = (async () => {
      for (let i = 0;; i++) await connection.send(numbered(i));
    })().catch((error) => note(connection, `sending: ${codeOf(error)}`));
    try {
      await connection.forEach((frame) => {
        note(connection, new TextDecoder().decode(frame));
      });
    } catch (error) {
      note(connection, codeOf(error));
    }
    await sending;
  },
  /** Reads nothing at all. */
  paused: async (connection) => void await connection.closed,
  /** Keeps all that comes. */
  hoard: (connection) =>
    connection.forEach((frame) => void kept.push(frame.slice())),
  /** Keeps something of every connection. */
  leaking: (connection) => {
    kept.push(new Uint8Array(16_384).fill(1));
    setInterval(() => undefined, 60_000);
    return handlers.echo!(connection);
  },
  /** Answers a little later, and does not think of connections that have ended. */
  careless: (connection) =>
    connection.forEach((frame) => {
      setTimeout(() => void connection.send(frame), 20);
    }),
};

function record(connection: Connection, info: CloseInfo): void {
  const { by, error } = info;
  if (error !== undefined && settings.blockAtReset !== undefined) {
    block(settings.blockAtReset);
  }
  (closes[portOf(connection)] ??= []).push(
    error === undefined ? by : `${by} ${codeOf(error)}`,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error
    ? String(error.code)
    : String(error);
}

const options: ServeOptions<Uint8Array> = {
  ...settings.options,
  address: { port: 0 },
  codec: lengthPrefixed(settings.codec),
  onError: (error) => void alarms.push(codeOf(error)),
};

async function start(): Promise<Server<Uint8Array>> {
  if (settings.handler === "events") return await serveEvents();
  const handler = handlers[settings.handler];
  if (handler === undefined) throw new TypeError("No such handler");
  return await serve(options, (connection) => {
    opened++;
    if (!settings.silent) {
      void connection.closed.then((info) => record(connection, info));
    }
    return handler(connection);
  });
}

/** An echo of events; each close is one. */
async function serveEvents(): Promise<Server<Uint8Array>> {
  const server = await serve(options);
  void (async () => {
    for await (const event of server.events()) {
      if (event.type === "open") opened++;
      else if (event.type === "close") {
        const { by, error } = event.info;
        (closes[event.id] ??= []).push(
          error === undefined ? by : `${by} ${codeOf(error)}`,
        );
      } else if (server.connections.has(event.id)) {
        try {
          server.send(event.id, event.message)?.catch(() => undefined);
        } catch (error) {
          // It has broken meanwhile; a close event says so.
          alarms.push(codeOf(error));
        }
      }
    }
  })();
  return server;
}

/** Frames are lengths, and the bodies behind them are counted. */
async function serveBodies(): Promise<Server<number>> {
  // These are about frames of bytes.
  const { slowReaders: _, heartbeat: __, topics: ___, ...ofBodies } = options;
  return await serve(
    { ...ofBodies, codec: lengthPrefixed(settings.codec).header },
    async (connection) => {
      opened++;
      for await (const length of connection) {
        for await (const bytes of connection.receiveBytes(length)) {
          frames += bytes.length;
        }
        await connection.send(0);
      }
    },
  );
}

const server = settings.handler === "bodies"
  ? await serveBodies()
  : await start();
const { address } = server;

await answer({ port: "port" in address ? address.port : 0 }, {
  report: () => ({
    opened,
    open: server.connections.size,
    closes,
    alarms,
    notes,
    mostQueued,
    held: server.stats().unreadBytes + server.stats().queuedBytes,
    frames,
  }),
  timers,
  collectGarbage,
  /** Broadcasts numbered frames, with turns of the loop between them. */
  broadcast: async () => {
    for (let i = 0; i < count; i++) {
      const room = (server as Server<Uint8Array>).broadcast(numbered(i));
      for (const connection of server.connections.values()) {
        queued(connection as Connection);
      }
      await room;
      // The rate is one that those who read can take.
      await sleep(5);
    }
  },
  /** The wrong way: a copy for each connection. */
  sendToEach: () => {
    for (const connection of server.connections.values()) {
      (connection as Connection).send(numbered(0))?.catch(() => undefined);
    }
  },
  setCertificate: (certificate: { cert: string; key: string }) => {
    try {
      server.setCertificate(certificate);
      return "taken";
    } catch (error) {
      return error instanceof TypeError ? "refused" : String(error);
    }
  },
});
