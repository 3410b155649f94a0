import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connectMany, ms, Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

const BUSY = 20;
const REQUESTS_EACH = 10;
const GRACE_MS = 3_000;

export const drain: Row = {
  name: "SIGTERM with requests",
  promise:
    "SIGTERM with 200 requests in flight: no reply lost, new connections refused or let go, idle ones closed at once, exit within the grace time",
  bar:
    `200 replies, no new one taken, 20 idle ones closed in 500 ms, exit with 0 in ${GRACE_MS} ms`,
  sabotage: "a grace time of 0",
  seconds: 2,
  async measure(run) {
    const peer = await run.start("messages", {
      workMs: 1_000,
      graceMs: run.either(GRACE_MS, 0),
    });
    const idle = await connectMany(peer.port, 20);
    const busy = await connectMany(peer.port, BUSY);
    let replies = 0;
    for (const raw of busy) {
      for (let id = 1; id <= REQUESTS_EACH; id++) {
        raw.send(`["request",${id},"work",${id}]`);
      }
      void (async () => {
        for (let frame; (frame = await raw.frame()) !== undefined;) {
          if (frame.toString().startsWith('["reply"')) replies++;
        }
        // A client that was told to go, goes.
        raw.socket.end();
      })();
    }
    await until(
      async () =>
        (await peer.call<{ started: number }>("report")).started ===
          BUSY * REQUESTS_EACH,
      3_000,
    );
    for (const raw of idle) raw.socket.once("end", () => raw.socket.end());
    const start = performance.now();
    peer.kill("SIGTERM");
    const exit = peer.exited();
    await until(() => idle.every(({ overAt }) => overAt !== undefined), 500);
    const closed = idle.filter(({ overAt }) => overAt !== undefined).length;
    const refused = await isRefused(peer.port);
    const status = await Promise.race([exit, sleep(GRACE_MS + 500, "none")]);
    const exitMs = performance.now() - start;
    return {
      figure: `${replies} replies; new ones ${
        refused ? "refused" : "TAKEN"
      }; ${closed} of 20 idle ones closed; exit with ${status} after ${
        ms(exitMs)
      }`,
      holds: replies === BUSY * REQUESTS_EACH && refused && closed === 20 &&
        status === 0 && exitMs <= GRACE_MS,
    };
  },
};

/** Whether a new connection is refused, or let go before it has said a word. */
async function isRefused(port: number): Promise<boolean> {
  const raw = await Raw.connect(port).catch(() => undefined);
  const over = await raw?.ends(500) ?? true;
  raw?.socket.destroy();
  return over;
}

/** Counts the requests that a server by hand was sent, over all its lives. */
class KilledServer {
  readonly seen = new Map<number, number>();
  readonly port: number;
  #process: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
  }

  async start(): Promise<void> {
    const program = fileURLToPath(
      new URL("../drivers/replies.ts", import.meta.url),
    );
    const child = spawn(process.execPath, [program, `${this.port}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    const ready = new Promise<void>((resolve) => {
      createInterface(child.stdout!).on("line", (line) => {
        if (line === "ready") return resolve();
        const number = Number(line);
        this.seen.set(number, (this.seen.get(number) ?? 0) + 1);
      });
    });
    await ready;
  }

  async kill(): Promise<void> {
    const exited = once(this.#process!, "close");
    this.#process!.kill("SIGKILL");
    await exited;
  }
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export const killed: Row = {
  name: "server killed under load",
  promise:
    "server killed 50 times under load: every request settles once, as a reply or an error; nothing is sent twice",
  bar: "0 unsettled, 0 settled twice, 0 sent twice",
  sabotage: "a client that sends again what has failed",
  seconds: 12,
  async measure(run) {
    const client = await run.start("client", run.either({}, { repeats: true }));
    const server = new KilledServer(await freePort());
    await server.start();
    await client.call("ask", server.port);
    for (let i = 0; i < run.length(50, 500); i++) {
      const before = server.seen.size;
      await until(() => server.seen.size > before + 40, 5_000);
      await server.kill();
      await server.start();
    }
    const result = await client.call<
      {
        requests: number;
        replies: number;
        errors: number;
        unsettled: number;
        twice: number;
      }
    >("finishAsking");
    await server.kill();
    const doubled = [...server.seen.values()].filter((n) => n > 1).length;
    const { requests, replies, errors, unsettled, twice } = result;
    return {
      figure:
        `${requests} requests: ${replies} replies, ${errors} errors, ${unsettled} unsettled, ${twice} settled twice, ${doubled} sent twice`,
      holds: unsettled === 0 && twice === 0 && doubled === 0 && errors > 0 &&
        replies > 0 && client.unharmed,
    };
  },
};
