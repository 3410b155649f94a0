import type { BackplaneState } from "./engine.ts";
import { callListener } from "./listeners.ts";

/** The state of an engine, and who listens for it. */
export class StateListeners {
  readonly #listeners = new Set<(state: BackplaneState) => void>();
  #state: BackplaneState;

  constructor(state: BackplaneState) {
    this.#state = state;
  }

  get state(): BackplaneState {
    return this.#state;
  }

  /** Adds a listener; returns what removes it. */
  add(listener: (state: BackplaneState) => void): () => void {
    const own = (state: BackplaneState) => listener(state);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Sets the state, and tells the listeners if it is another one. */
  set(state: BackplaneState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) callListener(listener, state);
  }
}
