import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../raw.ts";
import type { Row } from "../row.ts";

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

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const exited = once(this.#process!, "close");
    this.#process!.kill(signal);
    await exited;
  }

  /** Waits until it has got so many requests more. */
  async getsMore(count: number): Promise<void> {
    const before = this.seen.size;
    await until(() => this.seen.size > before + count, 5_000);
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
      await server.getsMore(40);
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

/** What a client that connects again says of its requests. */
interface Asked {
  readonly requests: number;
  readonly replies: number;
  readonly lost: number;
  readonly lostRepeatable: number;
}

export const repeated: Row = {
  name: "messages, server killed",
  promise:
    "server killed 20 times under the load of a client that reconnects: each request that is marked safe to repeat is answered in the end, nothing else is sent twice",
  bar: "0 repeatable ones lost, 0 others sent twice, with the defaults",
  sabotage: "all requests are marked",
  seconds: 6,
  async measure(run) {
    const client = await run.start("reconnecting", {
      repeatsAll: run.sabotaged,
    });
    const server = new KilledServer(await freePort());
    await server.start();
    await client.call("ask", server.port);
    for (let i = 0; i < run.length(20, 500); i++) {
      await server.getsMore(400);
      await server.kill();
      await server.start();
    }
    const { requests, replies, lost, lostRepeatable } = await client.call<
      Asked
    >("finishAsking");
    await server.kill();
    const twice = [...server.seen].filter(([, count]) => count > 1);
    const doubled = twice.filter(([number]) => number % 2 === 1).length;
    return {
      figure:
        `${requests} requests: ${replies} replies; repeatable: ${lostRepeatable} lost, ${
          twice.length - doubled
        } repeated; others: ${lost} lost, ${doubled} sent twice`,
      holds: lostRepeatable === 0 && doubled === 0 && lost > 0 &&
        twice.length > 0 && requests === replies + lost && client.unharmed,
    };
  },
};

export const closedUnderLoad: Row = {
  name: "messages, server closed",
  promise:
    "server closed in good order (goaway) under the load of a client that reconnects: no request lost, none handled twice, whether it may be repeated or not",
  bar: "10 closes: all answered, 0 lost, 0 handled twice",
  sabotage: "the server is killed",
  seconds: 4,
  async measure(run) {
    const client = await run.start("reconnecting");
    const server = new KilledServer(await freePort());
    await server.start();
    await client.call("ask", server.port);
    for (let i = 0; i < run.length(10, 500); i++) {
      await server.getsMore(400);
      await server.kill(run.either("SIGTERM", "SIGKILL"));
      await server.start();
    }
    const { requests, replies, lost, lostRepeatable } = await client.call<
      Asked
    >("finishAsking");
    await server.kill();
    const doubled = [...server.seen.values()].filter((n) => n > 1).length;
    return {
      figure: `${requests} requests: ${replies} replies, ${
        lost + lostRepeatable
      } lost, ${doubled} handled twice`,
      holds: replies === requests && replies === server.seen.size &&
        doubled === 0 && client.unharmed,
    };
  },
};
