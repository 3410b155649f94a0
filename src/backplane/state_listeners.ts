import type { BackplaneState } from "./engine.ts";
import { Listeners } from "./listeners.ts";

/** The state of an engine, and who listens for it. */
export class StateListeners {
  readonly #listeners = new Listeners<[BackplaneState]>();
  #state: BackplaneState;

  constructor(state: BackplaneState) {
    this.#state = state;
  }

  get state(): BackplaneState {
    return this.#state;
  }

  /** Adds a listener; returns what removes it. */
  add(listener: (state: BackplaneState) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Sets the state, and tells the listeners if it is another one. */
  set(state: BackplaneState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#listeners.tell(state);
  }
}
