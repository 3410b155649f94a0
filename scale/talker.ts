import { type Member, sleep } from "./member.ts";

/** How long after a refusal it is said again. */
const AGAIN_MS = 50;

/**
 * A member that says something at a steady pace. What is refused it says again, with
 * the same id. A text is its id, the time at which it was first said, and filling.
 */
export class Talker {
  readonly member: Member;
  readonly room: string;
  /** The ids of what was acknowledged. */
  readonly sent: string[] = [];
  /** When something was first refused after the last that was kept. */
  refusedAt = 0;
  /** When the last text that was kept was made. */
  sentAt = 0;
  readonly #everyMs: number;
  readonly #filling: string;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(member: Member, room: string, everyMs: number, bytes = 0) {
    this.member = member;
    this.room = room;
    this.#everyMs = everyMs;
    this.#filling = "x".repeat(bytes);
  }

  start(): void {
    this.#stopped = false;
    this.#running = this.#run();
  }

  /** Stops when what was said last is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    let next = performance.now();
    while (!this.#stopped) {
      const id = `${this.member.name}-${this.sent.length}`;
      const madeAt = performance.now();
      const text = `${id} ${madeAt} ${this.#filling}.`;
      let isRefused = false;
      while (!await this.member.say(this.room, text, id)) {
        if (!isRefused) this.refusedAt = performance.now();
        isRefused = true;
        await sleep(AGAIN_MS);
      }
      this.sent.push(id);
      this.sentAt = madeAt;
      next = Math.max(next + this.#everyMs, performance.now() - this.#everyMs);
      await sleep(next - performance.now());
    }
  }
}

/** The id and the time in a text of a talker. */
export function readText(text: string): { id: string; madeAt: number } {
  const [id = "", time] = text.split(" ");
  return { id, madeAt: Number(time) };
}

/** What became of what was acknowledged in a room, by what its members have heard. */
export interface Outcome {
  readonly sent: number;
  readonly lost: number;
  readonly twice: number;
  /** Whether all have heard the same in the same order. */
  readonly sameOrder: boolean;
}

/** Waits until members have heard all that was acknowledged, and compares. */
export async function outcomeOf(
  room: string,
  sent: readonly string[],
  members: readonly Member[],
  timeoutMs = 10_000,
): Promise<Outcome> {
  const end = performance.now() + timeoutMs;
  const isBehind = () =>
    members.some((member) => member.heard(room).length < sent.length);
  while (isBehind() && performance.now() < end) await sleep(20);
  // What comes twice may come last.
  await sleep(300);
  const sequences = members.map((member) =>
    member.heard(room).map((text) => readText(text).id)
  );
  const [first] = sequences.map((ids) => ids.join());
  return {
    sent: sent.length,
    lost: sum(sequences.map((ids) => {
      const heard = new Set(ids);
      return sent.filter((id) => !heard.has(id)).length;
    })),
    twice: sum(sequences.map((ids) => ids.length - new Set(ids).size)),
    sameOrder: sequences.every((ids) => ids.join() === first),
  };
}

export function sum(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0);
}
