import { FrameError } from "../codec/errors.ts";
import {
  MAX_WAITING_MESSAGES,
  MAX_WAITING_MESSAGES_LENGTH,
} from "../defaults.ts";
import { type Deferred, deferred } from "../net/deferred.ts";

/** What an inbox needs to know of its peer. */
export interface InboxOptions<T> {
  /** Whether no message can be handled now. */
  readonly isFull: () => boolean;
  /** Whether this side waits for replies of the other side. */
  readonly awaitsReply: () => boolean;
  readonly handle: (message: T) => void;
  /** Ends the connection: a message that had to wait could not be handled. */
  readonly fail: (error: unknown) => void;
}

/**
 * The requests and events of the other side, which wait in their order while the
 * program cannot handle more of them.
 *
 * While it is full, the connection is not read, which holds the other side back
 * (backpressure), unless this side waits for a reply: the handlers that would
 * make room may be what waits for it, so reading must go on. The messages that
 * arrive then are kept here, up to a limit; the connection ends with an error
 * when the other side sends more.
 */
export class Inbox<T> {
  readonly #options: InboxOptions<T>;
  readonly #waiting: { readonly message: T; readonly length: number }[] = [];
  /** About how many bytes all messages have that wait. */
  #length = 0;
  #hold: Deferred<void> | undefined;
  #open = false;

  constructor(options: InboxOptions<T>) {
    this.#options = options;
  }

  /** Whether a message waits, or the reader waits for room. */
  get isWaiting(): boolean {
    return this.#hold !== undefined || this.#waiting.length > 0;
  }

  /** Whether the connection is not being read. */
  get isHolding(): boolean {
    return this.#hold !== undefined;
  }

  /**
   * Handles a message, or keeps it.
   *
   * @returns A promise for the reader to wait for while the inbox is full.
   * @throws {FrameError} If too much waits.
   */
  receive(message: T): Promise<void> | undefined {
    if (this.#waiting.length === 0 && !this.#isFull) {
      this.#options.handle(message);
    } else {
      this.#keep(message);
    }
    if (!this.#isFull || this.#options.awaitsReply()) return undefined;
    this.#hold ??= deferred();
    return this.#hold.promise;
  }

  /** Handles the messages that wait, while there is room, and lets the reader go on. */
  resume(): void {
    try {
      while (this.#waiting.length > 0 && !this.#isFull) {
        const { message, length } = this.#waiting.shift()!;
        this.#length -= length;
        this.#options.handle(message);
      }
    } catch (error) {
      this.#options.fail(error);
    }
    if (!this.#isFull) this.release();
  }

  /** Lets the reader go on: there is room, or this side waits for a reply. */
  release(): void {
    this.#hold?.resolve();
    this.#hold = undefined;
  }

  /** Handles all messages that wait, and keeps none from then on: the peer closes. */
  open(): void {
    this.#open = true;
    this.resume();
  }

  get #isFull(): boolean {
    return !this.#open && this.#options.isFull();
  }

  #keep(message: T): void {
    const length = lengthOf(message);
    this.#length += length;
    this.#waiting.push({ message, length });
    const count = this.#waiting.length;
    if (
      count <= MAX_WAITING_MESSAGES &&
      this.#length <= MAX_WAITING_MESSAGES_LENGTH
    ) return;
    throw new FrameError("MESSAGE_INVALID", {
      reason: "The other side sends more requests and events than may wait",
      expected:
        `at most ${MAX_WAITING_MESSAGES}, of ${MAX_WAITING_MESSAGES_LENGTH} bytes together`,
      got: `${count}, of ${this.#length}`,
    });
  }
}

/** What a value takes beside its text or its bytes: 8 for a number, or a reference. */
const VALUE_LENGTH = 8;

/** About how many bytes a message has: JSON, or a frame of any kind. */
function lengthOf(message: unknown): number {
  let length = 0;
  const values = [message];
  while (values.length > 0) {
    const value = values.pop();
    length += VALUE_LENGTH;
    if (typeof value === "string") length += value.length;
    else if (ArrayBuffer.isView(value)) length += value.byteLength;
    else if (Array.isArray(value)) {
      for (const item of value) values.push(item);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, item] of Object.entries(value)) {
        length += name.length;
        values.push(item);
      }
    }
  }
  return length;
}
