import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Peer } from "../peer.ts";
import { ms, Raw, until } from "../raw.ts";
import type { Finding, Row } from "../row.ts";

const HEARTBEAT_MS = 400;
const HEARTBEAT_TIMEOUT_MS = 400;
/** Time is counted in ticks of an eighth, and the machine may be busy. */
const TICKS_MS = 200;

interface Report {
  readonly closes: readonly { at: number }[];
}

/** Starts the program that answers pings, and waits for its port. */
async function startPong(
  format: "messages" | "lines",
  port?: number,
): Promise<[ChildProcess, number]> {
  const program = fileURLToPath(
    new URL("../drivers/pong.ts", import.meta.url),
  );
  const child = spawn(process.execPath, [
    program,
    format,
    ...port === undefined ? [] : [`${port}`],
  ], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(child.stdout!, "data");
  return [child, Number(line)];
}

/** Stops the other side of a server, and that of a client. */
async function stopOthers(
  format: "messages" | "lines",
  server: Peer,
  client: Peer,
): Promise<Finding> {
  const [clientByHand] = await startPong(format, server.port);
  const [serverByHand, port] = await startPong(format);
  await client.call("watch", port);
  await sleep(1_500);
  const early = (await server.call<Report>("report")).closes.length > 0 ||
    await client.call("closedAt") !== null;
  const ofServer = server.tcpSockets();
  const ofClient = client.tcpSockets();
  const stopped = Date.now();
  clientByHand.kill("SIGSTOP");
  serverByHand.kill("SIGSTOP");
  let serverAt = Infinity;
  let clientAt = Infinity;
  await until(async () => {
    const { closes } = await server.call<Report>("report");
    serverAt = closes[0]?.at ?? Infinity;
    clientAt = await client.call<number | null>("closedAt") ?? Infinity;
    return serverAt < Infinity && clientAt < Infinity;
  }, 2_500);
  const freed = await until(
    () => server.tcpSockets() < ofServer && client.tcpSockets() < ofClient,
    500,
  );
  clientByHand.kill("SIGKILL");
  serverByHand.kill("SIGKILL");
  const most = HEARTBEAT_MS + HEARTBEAT_TIMEOUT_MS + TICKS_MS;
  return {
    figure: `noticed by the server after ${
      ms(serverAt - stopped)
    }, by the client after ${ms(clientAt - stopped)}${
      early ? ", and once too early" : ""
    }${freed ? "" : ", the socket is still open"}`,
    holds: !early && freed && serverAt - stopped <= most &&
      clientAt - stopped <= most && server.unharmed && client.unharmed,
  };
}

const noticedBar =
  `noticed within ${HEARTBEAT_MS} + ${HEARTBEAT_TIMEOUT_MS} ms, and ${TICKS_MS} ms for its ticks; not cut in the 1.5 s before`;

export const stoppedPeer: Row = {
  name: "a peer is stopped",
  promise:
    "a peer stops (SIGSTOP): noticed within heartbeat interval + timeout, on the server and on the client, and the socket is destroyed",
  bar: noticedBar,
  sabotage: "heartbeatMs: Infinity",
  seconds: 4,
  async measure(run) {
    const options = {
      heartbeatMs: run.either(HEARTBEAT_MS, Infinity),
      heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
    };
    return await stopOthers(
      "messages",
      await run.start("messages", { options }),
      await run.start("client", { messages: options }),
    );
  },
};

export const stoppedPeerOfLines: Row = {
  name: "a peer of lines is stopped",
  promise:
    "a peer of any codec, here lines, stops (SIGSTOP): noticed within heartbeat interval + timeout, on the server and on the client, and the socket is destroyed",
  bar: noticedBar,
  sabotage: "heartbeat.timeoutMs: Infinity",
  seconds: 4,
  async measure(run) {
    const heartbeat = {
      everyMs: HEARTBEAT_MS,
      timeoutMs: run.either(HEARTBEAT_TIMEOUT_MS, Infinity),
    };
    return await stopOthers(
      "lines",
      await run.start("lines", heartbeat),
      await run.start("lines", heartbeat),
    );
  },
};

/** Answers each ping on a connection by hand; the frames that are none of it. */
async function* withPongs(raw: Raw): AsyncGenerator<string> {
  while (true) {
    const frame = await raw.frame(60_000);
    if (frame === undefined) return;
    if (frame.toString() === '["ping"]') raw.send('["pong"]');
    else yield frame.toString();
  }
}

const CLIENTS = 20;

export const stalledLoop: Row = {
  name: "our own loop stalls",
  promise:
    "our own event loop stalls: no healthy peer is cut for it, no reply that lies in the socket is late, also on the client",
  bar:
    "20 clients and all their requests answered after 2 s (long: 5 s) with limits of 1 s; the reply in the socket is a reply",
  sabotage: "clients that fall silent, a server that answers after 4 s",
  seconds: 7,
  async measure(run) {
    const stallMs = run.length(2_000, 5_000);
    const server = await run.start("messages", {
      options: {
        idleTimeoutMs: 1_000,
        heartbeatMs: 300,
        heartbeatTimeoutMs: 300,
      },
    });
    let asked = 0;
    let answered = 0;
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const raw = await Raw.connect(server.port);
        void (async () => {
          for await (const frame of withPongs(raw)) {
            if (frame.startsWith('["reply"')) answered++;
          }
        })();
        return raw;
      }),
    );
    const ask = () => {
      asked++;
      for (const raw of clients) raw.send(`["request",${asked},"work",1]`);
    };
    const asking = setInterval(
      run.either(ask, () => {
        for (const raw of clients) raw.socket.pause();
      }),
      100,
    );
    await sleep(500);
    await server.call("block", stallMs);
    await sleep(1_500);
    clearInterval(asking);
    await until(() => answered === asked * CLIENTS, 2_000);
    const { closes } = await server.call<Report>("report");
    const clientSays = await blockedClient(
      (peer) => run.start("client", peer),
      stallMs,
      run.either(0, stallMs + 2_000),
    );
    return {
      figure: `${closes.length} cut, ${answered} of ${
        asked * CLIENTS
      } answered; the client has: ${clientSays}`,
      holds: closes.length === 0 && answered === asked * CLIENTS &&
        clientSays === "reply 7" && server.unharmed,
    };
  },
};

/** What a client has that stands still while the reply to its request arrives. */
async function blockedClient(
  start: (
    settings: Record<string, unknown>,
  ) => Promise<{ call<T>(name: string, argument: unknown): Promise<T> }>,
  blockMs: number,
  delayMs: number,
): Promise<string> {
  const server = net.createServer((socket) => {
    const raw = new Raw(socket);
    void (async () => {
      for await (const frame of withPongs(raw)) {
        const [kind, id, , body] = JSON.parse(frame);
        if (kind !== "request") continue;
        await sleep(delayMs);
        raw.send(`["reply",${id},${body}]`);
      }
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = await start({
    messages: { heartbeatMs: 300, heartbeatTimeoutMs: 300 },
  });
  return await client.call<string>("askAndBlock", {
    port,
    timeoutMs: 1_000,
    blockMs,
  });
}
