import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { clearTimeout, setTimeout } from "node:timers";
import { type Address, formatAddress } from "../address.ts";
import { NetError } from "../errors.ts";

/** How long after a new connection the watch probes for free descriptors. */
const PROBE_MS = 200;

/** The interval of probes while there are no free descriptors. */
const RETRY_MS = 500;

/** How many descriptors must be free for accepting to go on. */
const ENOUGH = 8;

/** Whether a runtime's error says that there are no descriptors left. */
export function isOutOfDescriptors(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause &&
    (cause.code === "EMFILE" || cause.code === "ENFILE");
}

/** Makes the error for the `onError` of a listener. */
export function descriptorsError(at: Address, cause: unknown): NetError {
  return new NetError(
    "OUT_OF_DESCRIPTORS",
    `Cannot accept connections at ${
      formatAddress(at)
    }: too many files and sockets are open; close some, or raise the limit (ulimit -n)`,
    { cause },
  );
}

/** Tells the `onError` of a listener that the descriptors are no longer short. */
export function acceptingAgain(at: Address): NetError {
  return new NetError(
    "ACCEPTING_AGAIN",
    `Connections at ${
      formatAddress(at)
    } are accepted again: there are descriptors`,
  );
}

/**
 * Notices that the descriptors have run out, for runtimes that do not report it:
 * Node closes new connections without an event, and Bun spins. The watch probes by
 * opening a file, and only after new connections.
 */
export class DescriptorWatch {
  readonly #onEmpty: (cause: unknown) => void;
  readonly #onAgain: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #empty = false;

  /** Makes a watch. It calls `onEmpty` and `onAgain` alternately. */
  constructor(onEmpty: (cause: unknown) => void, onAgain: () => void) {
    this.#onEmpty = onEmpty;
    this.#onAgain = onAgain;
  }

  /** Says that a connection was accepted. */
  accepted(): void {
    if (this.#timer === undefined) this.#probeIn(PROBE_MS);
  }

  /** Stops watching. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #probeIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#probe();
    }, ms);
    // The timer must not keep the process alive.
    if (!this.#empty) this.#timer.unref();
  }

  #probe(): void {
    const opened: number[] = [];
    try {
      const wanted = this.#empty ? ENOUGH : 1;
      while (opened.length < wanted) opened.push(openSync(devNull, "r"));
    } catch (cause) {
      if (isOutOfDescriptors(cause)) this.#emptyBecauseOf(cause);
      return;
    } finally {
      for (const descriptor of opened) closeSync(descriptor);
    }
    if (!this.#empty) return;
    this.#empty = false;
    this.#onAgain();
  }

  #emptyBecauseOf(cause: unknown): void {
    const first = !this.#empty;
    this.#empty = true;
    this.#probeIn(RETRY_MS);
    if (first) this.#onEmpty(cause);
  }
}
