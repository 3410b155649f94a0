import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Peer } from "../peer.ts";
import { Raw, until } from "../raw.ts";
import type { Row } from "../row.ts";

const CLIENTS = 16;
/** How many requests each client has under way. */
const UNDER_WAY = 4;

/** Clients by hand, which go elsewhere when they are told to. */
class Load {
  connections = 0;
  sent = 0;
  answered = 0;
  /** How often one was made again that its server had not handled. */
  repeated = 0;
  /** Of how many nobody knows whether they were handled. */
  lost = 0;
  /** How many were answered after their server had said that it does not. */
  late = 0;
  readonly #port: number;
  readonly #again: number[] = [];
  readonly #all: Promise<unknown>;
  #stopped = false;

  constructor(port: number) {
    this.#port = port;
    this.#all = Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (!this.#stopped || this.#again.length > 0) await this.#client();
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#all;
  }

  async #client(): Promise<void> {
    const raw = await Raw.connect(this.#port).catch(() => undefined);
    // Linux resets connections in the queue of a process that ends: only an answer to
    // what does no harm shows that this one was accepted.
    raw?.send('["request",1,"hello",null]');
    const hello = await raw?.frame(2_000);
    if (raw === undefined || hello?.toString() !== '["reply",1,null]') {
      raw?.socket.destroy();
      return await sleep(10);
    }
    this.connections++;
    await this.#ask(raw);
    raw.socket.end();
  }

  /** Makes requests until the server goes, or there is nothing more to do. */
  async #ask(raw: Raw): Promise<void> {
    const open = new Map<number, number>();
    let id = 1;
    let isLeft = false;
    const fill = () => {
      while (open.size < UNDER_WAY && !isLeft) {
        const number = this.#again.pop() ??
          (this.#stopped ? undefined : ++this.sent);
        if (number === undefined) return;
        open.set(++id, number);
        raw.send(`["request",${id},"work",${number}]`);
      }
    };
    const repeat = (id: number) => {
      this.#again.push(open.get(id)!);
      this.repeated++;
      open.delete(id);
    };
    fill();
    while (open.size > 0) {
      const frame = await raw.frame();
      if (frame === undefined) break;
      const [kind, first, second] = JSON.parse(frame.toString());
      if (kind === "reply") {
        if (open.delete(first)) this.answered++;
        else this.late++;
      } else if (kind === "event") {
        isLeft = true;
        for (const id of open.keys()) if (id > second) repeat(id);
      } else if (kind === "error" && open.has(first)) {
        if (second === "CLOSING") repeat(first);
        else this.lost++;
      } else if (kind === "ping") raw.send('["pong"]');
      fill();
    }
    this.lost += open.size;
  }
}

export const rollingRestart: Row = {
  name: "rolling restart",
  promise:
    "rolling restart of two processes on one port under load: no request lost, none handled twice",
  bar: "both replaced (long: 100 times): 0 lost, 0 doubled, all exit with 0",
  sabotage: "the old processes are killed",
  seconds: 2,
  async measure(run) {
    const folder = mkdtempSync(join(tmpdir(), "framewire-rolling-"));
    const journal = join(folder, "journal");
    const start = (port: number) =>
      run.start("messages", {
        port,
        journal,
        workMs: 2,
        graceMs: 5_000,
        options: { reusePort: true },
      });
    const stop = async (peer: Peer) => {
      peer.kill(run.either("SIGTERM", "SIGKILL"));
      return await peer.exited();
    };
    const first = await start(0);
    const workers = [first, await start(first.port)];
    const load = new Load(first.port);
    const statuses: unknown[] = [];
    const more = async () => {
      const before = load.answered;
      await until(() => load.answered > before + 500, 5_000);
    };
    await more();
    for (let round = 0; round < run.length(1, 100); round++) {
      for (const [i, old] of workers.entries()) {
        workers[i] = await start(first.port);
        statuses.push(await stop(old));
        await more();
      }
    }
    await load.stop();
    for (const worker of workers) statuses.push(await stop(worker));
    const handled = readFileSync(journal, "utf8").trim().split("\n");
    rmSync(folder, { recursive: true });
    const different = new Set(handled).size;
    const doubled = handled.length - different;
    const { connections, sent, answered, repeated, lost, late } = load;
    return {
      figure:
        `${sent} sent, ${answered} answered, ${repeated} made again, ${lost} lost, ${doubled} doubled, ${late} late; ${connections} connections; exit with ${
          [...new Set(statuses)].join(", ")
        }`,
      holds: answered === sent && different === sent && lost === 0 &&
        doubled === 0 && late === 0 && connections > CLIENTS &&
        statuses.every((status) => status === 0),
    };
  },
};
