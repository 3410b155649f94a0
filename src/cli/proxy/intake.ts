import type { FrameTap, Tapped } from "./frame_tap.ts";
import type { ProxyWatcher, Way } from "./watcher.ts";

/** Tells what arrives in one direction, and returns it. */
export class Intake {
  readonly way: Way;
  readonly watcher: ProxyWatcher;
  readonly #tap: FrameTap;
  #isBad = false;
  #bytes = 0;

  /** Makes that of a direction. */
  constructor(way: Way, watcher: ProxyWatcher, tap: FrameTap) {
    this.way = way;
    this.watcher = watcher;
    this.#tap = tap;
  }

  /** Takes a chunk, and returns the frames that it completes. */
  data(chunk: Uint8Array): readonly Tapped[] {
    this.#bytes += chunk.length;
    return this.#told(this.#tap.push(chunk));
  }

  /** Takes the end, and returns what was left. */
  end(): readonly Tapped[] {
    const all = this.#told(this.#tap.end());
    this.watcher.endArrived(this.way, this.#bytes);
    return all;
  }

  /** Tells that the end was passed on. */
  tellEnd(): void {
    this.watcher.endPassed(this.way, this.#bytes);
  }

  /** Returns what was left when the connection broke. */
  fail(): readonly Tapped[] {
    return this.#told(this.#tap.rest());
  }

  #told(all: readonly Tapped[]): readonly Tapped[] {
    for (const tapped of all) this.watcher.arrived(this.way, tapped);
    const { error } = this.#tap;
    if (error !== undefined && !this.#isBad) {
      this.#isBad = true;
      this.watcher.bad(this.way, error);
    }
    return all;
  }
}
