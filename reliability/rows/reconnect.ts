import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { frameOf, until } from "../raw.ts";
import type { Row } from "../row.ts";

const CLIENTS = 500;

async function listen(port: number, server: net.Server): Promise<number> {
  server.listen(port, "127.0.0.1", 4_096);
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

/** The most that fall into any 100 ms. */
function mostAtOnce(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [i, time] of sorted.entries()) {
    while (time - sorted[first]! >= 100) first++;
    most = Math.max(most, i - first + 1);
  }
  return most;
}

export const herd: Row = {
  name: "500 clients reconnect",
  promise:
    "500 clients reconnect at once: full-jitter exponential backoff, with the defaults, also when the server comes back at once",
  bar: "at most 20 % of them in any 100 ms",
  sabotage: "initialDelayMs: 50",
  seconds: 2,
  async measure(run) {
    const client = await run.start("client", {
      reconnecting: run.either({}, { initialDelayMs: 50 }),
    });
    const times: number[] = [];
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      times.push(performance.now());
      sockets.add(socket);
      socket.on("error", () => undefined).resume();
    });
    const port = await listen(0, server);
    await client.call("keepConnected", { port, count: CLIENTS });
    await until(() => times.length === CLIENTS, 10_000);
    // All at once, and the server is back before any of them is.
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await once(server, "close");
    times.length = 0;
    await listen(port, server);
    await until(() => times.length >= CLIENTS, 5_000);
    const most = mostAtOnce(times);
    const spread = Math.max(...times) - Math.min(...times);
    return {
      figure: `${times.length} are back over ${spread.toFixed(0)} ms, at most ${
        (most / CLIENTS * 100).toFixed(0)
      } % in 100 ms`,
      holds: times.length === CLIENTS && most <= CLIENTS / 5 &&
        client.unharmed,
    };
  },
};

const CALLERS = 20;

export const hangsUp: Row = {
  name: "greets and hangs up",
  promise:
    "a server that greets and hangs up: the wait grows, at most 12 connects in 60 s",
  bar:
    "20 clients: at most 12 connects each, and 7.5 on average in 15 s (long: 12 in 60 s)",
  sabotage: "maxDelayMs: 1_000",
  seconds: 16,
  async measure(run) {
    const client = await run.start("client", {
      reconnecting: run.either({}, { maxDelayMs: 1_000 }),
    });
    // A server for each client: who calls is not said.
    const counts = Array<number>(CALLERS).fill(0);
    for (let i = 0; i < CALLERS; i++) {
      const server = net.createServer((socket) => {
        counts[i]!++;
        socket.on("error", () => undefined).resume();
        socket.end(frameOf("hello, and goodbye"));
      });
      const port = await listen(0, server);
      await client.call("keepConnected", { port, count: 1 });
    }
    await sleep(run.length(15_000, 60_000));
    const most = Math.max(...counts);
    const mean = counts.reduce((sum, n) => sum + n) / CALLERS;
    return {
      figure: `at most ${most} connects, ${mean.toFixed(1)} on average`,
      holds: most <= 12 && mean >= 2 && mean <= run.length(7.5, 12) &&
        client.unharmed,
    };
  },
};
