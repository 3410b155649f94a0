import { BACKPLANE_ID_MS } from "../defaults.ts";
import type {
  LiveMessage,
  Position,
  TopicHistory,
  TopicMessage,
} from "./engine.ts";

/** A topic in the memory of this process. Its offsets have no gaps. */
export class MemoryTopic {
  readonly #maxBytes: number;
  readonly #epoch: string = crypto.randomUUID();
  /** The messages, after some that have been removed. */
  #messages: TopicMessage[] = [];
  #first = 0;
  #bytes = 0;
  #last = 0n;
  /** The messages that have an id, the oldest first. */
  readonly #ids = new Map<
    string,
    { readonly offset: bigint; readonly since: number }
  >();

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a message, unless one with the id is there already. */
  append(
    bytes: Uint8Array,
    id: string | undefined,
  ): { readonly offset: bigint; readonly added: LiveMessage | undefined } {
    this.#forgetIds();
    const known = id === undefined ? undefined : this.#ids.get(id);
    if (known !== undefined) return { offset: known.offset, added: undefined };
    const previous = this.#last;
    const offset = this.#last = previous + 1n;
    if (id !== undefined) {
      this.#ids.set(id, { offset, since: performance.now() });
    }
    this.#messages.push({ bytes, offset });
    this.#bytes += bytes.length;
    this.#removeOldest();
    return { offset, added: { bytes, offset, previous } };
  }

  /** Reads what there is. */
  read(since: Position | undefined, maxBytes: number): TopicHistory {
    const end = { epoch: this.#epoch, offset: this.#last };
    const isOfThis = since?.epoch === this.#epoch && since.offset <= this.#last;
    const after = isOfThis ? since.offset : 0n;
    // The offsets have no gaps.
    const wanted = Number(this.#last - after);
    const messages: TopicMessage[] = [];
    let bytes = 0;
    for (let i = this.#messages.length - 1; i >= this.#first; i--) {
      const message = this.#messages[i]!;
      bytes += message.bytes.length;
      if (message.offset <= after || bytes > maxBytes) break;
      messages.push(message);
    }
    messages.reverse();
    return {
      messages,
      recovered: isOfThis && messages.length === wanted,
      end,
    };
  }

  #removeOldest(): void {
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#messages[this.#first++]!.bytes.length;
    }
    // Not for each, since that would move all others each time.
    if (this.#first <= this.#messages.length / 2) return;
    this.#messages = this.#messages.slice(this.#first);
    this.#first = 0;
  }

  #forgetIds(): void {
    const oldest = performance.now() - BACKPLANE_ID_MS;
    for (const [id, { since }] of this.#ids) {
      if (since > oldest) return;
      this.#ids.delete(id);
    }
  }
}
