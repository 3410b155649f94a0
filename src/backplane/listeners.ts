import { report } from "../net/report.ts";

/** The listeners of many channels. */
export class ChannelListeners<T> {
  readonly #channels = new Map<string, Set<(value: T) => void>>();

  /** Adds a listener; returns what removes it. */
  add(channel: string, listener: (value: T) => void): () => void {
    // Another one each time, so that a function can listen twice.
    const own = (value: T) => listener(value);
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size > 0) return;
      if (this.#channels.get(channel) === listeners) {
        this.#channels.delete(channel);
      }
    };
  }

  /** Calls the listeners of a channel. */
  tell(channel: string, value: T): void {
    for (const listener of this.#channels.get(channel) ?? []) {
      callListener(listener, value);
    }
  }
}

/** Calls a listener of the program. An error of one must not keep others from it. */
export function callListener<T>(
  listener: (value: T) => void,
  value: T,
): void {
  try {
    listener(value);
  } catch (error) {
    report(error, () => {
      console.error("framewire: a listener of a backplane failed:", error);
    });
  }
}
