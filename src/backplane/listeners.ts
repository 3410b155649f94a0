/** Those who listen for something. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #all = new Set<(...args: Args) => void>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** Adds a listener; returns what removes it. */
  add(listener: (...args: Args) => void): () => void {
    // Another one each time, so that a function can listen twice.
    const own = (...args: Args) => listener(...args);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  /** Calls all of them. */
  tell(...args: Args): void {
    for (const listener of this.#all) callListener(listener, ...args);
  }
}

/** The listeners of many channels. */
export class ChannelListeners<T> {
  readonly #channels = new Map<string, Listeners<[T]>>();

  /** Adds a listener; returns what removes it. */
  add(channel: string, listener: (value: T) => void): () => void {
    const listeners = this.#channels.get(channel) ?? new Listeners();
    this.#channels.set(channel, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.isEmpty && this.#channels.get(channel) === listeners) {
        this.#channels.delete(channel);
      }
    };
  }

  /** Calls the listeners of a channel. */
  tell(channel: string, value: T): void {
    this.#channels.get(channel)?.tell(value);
  }
}

/** Calls a listener of the program. An error of one must not keep others from it. */
export function callListener<Args extends readonly unknown[]>(
  listener: (...args: Args) => void,
  ...args: Args
): void {
  try {
    listener(...args);
  } catch (error) {
    console.error("framewire: a listener of a backplane failed:", error);
  }
}
