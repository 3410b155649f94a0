import type { Channel } from "../../net/channel.ts";
import { after, nextTask } from "../../net/timer.ts";
import type { Source } from "./source.ts";

/** How many bytes wait for the peer before their source is held back. */
const HIGH_WATER_MARK = 262_144;

/** How long a reset waits for the bytes before it, in milliseconds. */
const RESET_AFTER_MS = 1_000;

/** Where the bytes of one direction go, in their order, with backpressure. */
export class Outlet {
  readonly #channel: Pick<Channel, "write" | "closeWrite" | "abort">;
  readonly #source: Source;
  #queue: Uint8Array[] = [];
  #queued = 0;
  /** The write under way, and those of the queue behind it. */
  #writing: Promise<void> | undefined;
  #holds = false;
  #broken = false;

  /** Makes the outlet into a channel, for what comes from a source. */
  constructor(
    channel: Pick<Channel, "write" | "closeWrite" | "abort">,
    source: Source,
  ) {
    this.#channel = channel;
    this.#source = source;
  }

  /** Writes bytes at once, or behind those that wait. */
  write(bytes: Uint8Array): void {
    if (this.#broken) return;
    if (this.#writing === undefined) {
      const written = this.#channel.write(bytes);
      if (written !== undefined) this.#writing = this.#drain(written);
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued < HIGH_WATER_MARK || this.#holds) return;
    this.#holds = true;
    this.#source.hold();
  }

  /** Resolves when all is written; `undefined` where it is. It never rejects. */
  get written(): Promise<void> | undefined {
    return this.#writing;
  }

  /** Passes an end on, behind all bytes. */
  async end(): Promise<void> {
    await this.#writing;
    if (this.#broken) return;
    // Where it fails, the channel tells its user.
    await this.#channel.closeWrite().catch(() => undefined);
  }

  /** Passes a reset on, behind the bytes that the peer takes soon. */
  async reset(): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = after(RESET_AFTER_MS, resolve);
    });
    await Promise.race([this.#writing, late]);
    cancel();
    // A write is done before the system has its bytes.
    await new Promise<void>(nextTask);
    this.#channel.abort();
  }

  async #drain(written: Promise<void>): Promise<void> {
    try {
      await written;
      while (this.#queue.length > 0) {
        const queue = this.#queue;
        this.#queue = [];
        for (const bytes of queue) {
          await this.#channel.write(bytes);
          this.#queued -= bytes.length;
          this.#releaseSource();
        }
      }
    } catch {
      // The user of the channel is told why.
      this.#broken = true;
      this.#queue = [];
      this.#queued = 0;
      this.#releaseSource();
    }
    this.#writing = undefined;
  }

  #releaseSource(): void {
    if (!this.#holds || this.#queued > HIGH_WATER_MARK / 2) return;
    this.#holds = false;
    this.#source.release();
  }
}
