import { once } from "node:events";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { type RuntimeName, runtimeNames } from "../../reliability/row.ts";
import { range } from "../member.ts";
import type { ScaleRow, ScaleRun } from "../row.ts";

const ROOM = "hall";
const MEMBERS = 10;
const TALKERS = 4;
/** How many texts each talker says before all have heard those before. */
const BATCH = 50;
const LEAST_RATIO = 0.95;

/** The checkout that this file is in. */
const own = fileURLToPath(new URL("../../", import.meta.url));

/** A client that counts the lines that it gets. */
class Counter {
  readonly socket: net.Socket;
  lines = 0;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    // When its server is killed, it is reset.
    this.socket.on("error", () => this.socket.destroy());
    this.socket.on("data", (chunk) => {
      for (let at = -1; (at = chunk.indexOf("\n", at + 1)) >= 0;) this.lines++;
      this.#wake();
    });
  }

  send(request: Readonly<Record<string, unknown>>): void {
    this.socket.write(`${JSON.stringify(request)}\n`);
  }

  /** Waits until it has got so many lines. */
  async gets(lines: number): Promise<void> {
    while (this.lines < lines) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

/** A room of ten, at a server. */
class Hall {
  readonly #members: readonly Counter[];

  private constructor(members: readonly Counter[]) {
    this.#members = members;
  }

  static async enter(port: number): Promise<Hall> {
    const members: Counter[] = [];
    for (const i of range(MEMBERS)) {
      const member = new Counter(port);
      await once(member.socket, "connect");
      member.send({ type: "name", name: `m${i}` });
      member.send({ type: "join", room: ROOM });
      // Two answers, and each member is told of this one.
      await member.gets(2);
      members.push(member);
    }
    await Promise.all(
      members.map((member, i) => member.gets(2 + MEMBERS - 1 - i)),
    );
    return new Hall(members);
  }

  /** Says as much as goes for a time; returns how much that was, in a second. */
  async messagesPerSecond(ms: number): Promise<number> {
    for (const member of this.#members) member.lines = 0;
    const text = "a text of some forty characters, or about";
    const line = `${JSON.stringify({ type: "say", room: ROOM, text })}\n`;
    const start = performance.now();
    let said = 0;
    while (performance.now() - start < ms) {
      for (const { socket } of this.#members.slice(0, TALKERS)) {
        socket.write(line.repeat(BATCH));
      }
      said += TALKERS * BATCH;
      await Promise.all(this.#members.map((member) => member.gets(said)));
    }
    return said / (performance.now() - start) * 1_000;
  }
}

export const inProcess: ScaleRow = {
  name: "in-process",
  promise:
    "rooms of one node without a backplane, 10 members and 4 talkers in a room: as fast as those of another checkout (--baseline)",
  bar: `median of 5 rounds at least ${LEAST_RATIO} of the other`,
  engines: ["memory"],
  async measure(run) {
    const { baseline } = run.options;
    const figures: string[] = [];
    let holds = true;
    for (const runtime of runtimeNames) {
      const checkouts = baseline === undefined ? [own] : [own, baseline];
      const rates = await ratesOf(run, runtime, checkouts);
      const [now, before] = rates.map(median);
      let figure = `${runtime} ${now!.toFixed(0)} messages/s`;
      if (before !== undefined) {
        // Of pairs: what slows down the machine slows down both of one.
        const [those, others] = rates as [number[], number[]];
        const ratio = median(those.map((rate, i) => rate / others[i]!));
        figure += ` (${ratio.toFixed(2)} of ${before.toFixed(0)})`;
        holds &&= ratio >= LEAST_RATIO;
      }
      figures.push(figure);
    }
    if (baseline === undefined) figures.push("nothing to compare with");
    return { figure: figures.join("; "), holds };
  },
};

/** The rates of each checkout, which are measured in turn. */
async function ratesOf(
  run: ScaleRun,
  runtime: RuntimeName,
  checkouts: readonly string[],
): Promise<number[][]> {
  const servers = await Promise.all(
    checkouts.map((checkout) =>
      run.start("rooms_server", { checkout }, runtime)
    ),
  );
  const halls = await Promise.all(servers.map(({ port }) => Hall.enter(port)));
  const ms = run.length(1_500, 400);
  const rates: number[][] = halls.map(() => []);
  for (const hall of halls) await hall.messagesPerSecond(ms); // code is compiled
  for (const round of range(run.length(5, 3))) {
    const order = range(halls.length);
    // Whoever is first in a round may be better off.
    if (round % 2 === 1) order.reverse();
    for (const i of order) {
      rates[i]!.push(await halls[i]!.messagesPerSecond(ms));
    }
  }
  for (const server of servers) server.kill();
  return rates;
}

function median(all: readonly number[]): number {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
}
