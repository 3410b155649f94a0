import type { JsonValue } from "../../codec/views/json.ts";
import { MAX_WAITING_MESSAGES } from "../../defaults.ts";
import type { Envelope } from "../envelope.ts";

/**
 * The items of one stream, in a dialect whose other side sends them without being
 * asked for more. What the program has not asked for yet waits here, up to a limit.
 */
export class CreditedItems {
  readonly #tellPeer: (envelope: Envelope) => void;
  readonly #id: number;
  readonly #waiting: JsonValue[] = [];
  #credit: number;
  #ended = false;

  constructor(
    tell: (envelope: Envelope) => void,
    id: number,
    credit: number,
  ) {
    this.#tellPeer = tell;
    this.#id = id;
    this.#credit = credit;
  }

  /** Adds an item; returns whether the stream has failed, as its reader is too slow. */
  add(item: unknown): boolean {
    // The peer hands bodies on as they are.
    this.#waiting.push(item as JsonValue);
    this.#tell();
    if (this.#waiting.length <= MAX_WAITING_MESSAGES) return false;
    const reason =
      `More than ${MAX_WAITING_MESSAGES} items wait for the program to read them`;
    this.#tellPeer(["error", this.#id, "READER_TOO_SLOW", reason, null]);
    return true;
  }

  /** Takes note of how many more items the program wants. */
  credit(count: number): void {
    this.#credit += count;
    this.#tell();
  }

  /** Ends the stream behind the items that wait. */
  end(): void {
    this.#ended = true;
    this.#tell();
  }

  #tell(): void {
    let told = 0;
    while (told < this.#waiting.length && this.#credit > 0) {
      this.#credit--;
      this.#tellPeer(["item", this.#id, this.#waiting[told++]!]);
    }
    this.#waiting.splice(0, told);
    if (!this.#ended || this.#waiting.length > 0) return;
    this.#tellPeer(["reply", this.#id, null]);
  }
}
