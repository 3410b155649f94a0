import type { RoomMessage } from "./protocol.ts";

/** The bytes that a message is counted for besides its text and its name. */
const OVERHEAD = 128;

/** The last messages of a room, no more than so many bytes. */
export class History {
  readonly #maxBytes: number;
  #entries: { readonly message: RoomMessage; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The messages, the oldest first. */
  get messages(): RoomMessage[] {
    return this.#entries.map(({ message }) => message);
  }

  /** Adds a message, and forgets the oldest where there is no room for it. */
  add(message: RoomMessage): void {
    // A UTF-16 unit becomes at most 3 bytes of UTF-8: this needs no encoding.
    const length = message.text.length + message.from.length;
    const bytes = OVERHEAD + 3 * length;
    this.#entries.push({ message, bytes });
    this.#bytes += bytes;
    let gone = 0;
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#entries[gone++]!.bytes;
    }
    if (gone > 0) this.#entries.splice(0, gone);
  }
}
