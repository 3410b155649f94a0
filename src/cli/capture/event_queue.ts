import type { CaptureEvent } from "./capture_event.ts";

/** The events that have been found and not taken. */
export class EventQueue {
  readonly #events: (CaptureEvent | undefined)[] = [];
  #first = 0;
  #end = 0;

  /** Appends an event. */
  add(event: CaptureEvent): void {
    this.#events[this.#end++] = event;
  }

  /** Takes the first event, if there is one. */
  take(): CaptureEvent | undefined {
    if (this.#first === this.#end) return undefined;
    const event = this.#events[this.#first];
    // An event that has been taken must not keep its bytes alive.
    this.#events[this.#first++] = undefined;
    if (this.#first === this.#end) this.#first = this.#end = 0;
    return event;
  }
}
