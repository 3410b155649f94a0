import type { RoomEvent } from "../../src/rooms/mod.ts";
import { Member } from "../chat/member.ts";

const ROOM = "lobby";

/** Somebody who talks all the time, and writes down all that is said. */
export class Talker {
  readonly name: string;
  /** What it has said. */
  readonly said: string[] = [];
  /** What it has heard, in that order, its own words too. */
  readonly heard: string[] = [];
  /** How often it was told that it may have missed something. */
  doubts = 0;
  /** How often it came back. */
  returns = 0;

  readonly #member: Member;
  readonly #tell: (text: string) => void;
  #lostAt: number | undefined;
  #isLate = false;
  #wake = (): void => {};

  /** @param tell Takes what is worth telling. */
  constructor(
    name: string,
    addresses: readonly string[],
    tell: (text: string) => void,
  ) {
    this.name = name;
    this.#tell = tell;
    this.#member = new Member(ROOM, {
      name,
      addresses,
      onEvent: (event) => this.#take(event),
      onLoss: () => this.#lostAt ??= performance.now(),
      onReturn: (_room, missed, isAll) => {
        for (const message of missed) this.#take(message);
        if (!isAll) this.doubts++;
        this.#onReturn(missed.length);
      },
    });
    // Tells of an end that nobody has asked for.
    this.#member.ended.catch((error) => {
      tell(`${name} is gone: ${error}`);
      this.doubts++;
    });
  }

  /** Settles when it is in the room. */
  get ready(): Promise<void> {
    return this.#member.ready;
  }

  /** Says the next words. */
  say(): void {
    const text = `word ${this.said.length + 1} of ${this.name}`;
    this.said.push(text);
    this.#member.say(ROOM, text);
  }

  /**
   * Settles when it has heard so many words.
   *
   * @throws {Error} If that takes too long.
   */
  async hears(count: number, timeoutMs: number): Promise<void> {
    const late = setTimeout(() => {
      this.#isLate = true;
      this.#wake();
    }, timeoutMs);
    while (this.heard.length < count && !this.#isLate) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    clearTimeout(late);
    if (this.#isLate) {
      throw new Error(
        `${this.name} has heard ${this.heard.length} words only, of ${count}`,
      );
    }
  }

  /** Leaves. */
  async leave(): Promise<void> {
    await this.#member.leave();
  }

  #take(event: RoomEvent): void {
    if (event.type === "lost") this.doubts++;
    if (event.type !== "said") return;
    this.heard.push(event.text);
    this.#wake();
  }

  #onReturn(missed: number): void {
    this.returns++;
    const seconds = (performance.now() - (this.#lostAt ?? 0)) / 1_000;
    this.#lostAt = undefined;
    this.#tell(
      `${this.name} is back after ${
        seconds.toFixed(1)
      } s, and gets ${missed} words that were said meanwhile`,
    );
    this.#wake();
  }
}
