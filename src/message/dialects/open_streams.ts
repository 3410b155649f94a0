import type { JsonValue } from "../../codec/views/json.ts";
import { MAX_WAITING_MESSAGES, STREAM_CREDIT } from "../../defaults.ts";
import type { Envelope } from "../envelope.ts";

/**
 * The streams of this side, in a dialect whose other side sends items without being
 * asked for more. What the program has not asked for yet waits here, up to a limit.
 */
export class OpenStreams {
  readonly #tell: (envelope: Envelope) => void;
  readonly #streams = new Map<number, Stream>();

  constructor(tell: (envelope: Envelope) => void) {
    this.#tell = tell;
  }

  /** Adds the stream of a request, and how many items the program wants. */
  open(id: number, credit: number): void {
    this.#streams.set(id, { waiting: [], credit, last: undefined });
  }

  /** Whether a request is that of a stream which has not been left. */
  has(id: number): boolean {
    return this.#streams.has(id);
  }

  /** Whether the last reply of a stream has come, while items wait. */
  hasEnded(id: number): boolean {
    return this.#streams.get(id)?.last !== undefined;
  }

  /** Whether as many items wait for the program as it can ask for at a time. */
  isFull(id: number): boolean {
    return (this.#streams.get(id)?.waiting.length ?? 0) >= STREAM_CREDIT;
  }

  /** Takes note of how many more items the program wants. */
  credit(id: number, count: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.credit += count;
    this.#pass(id, stream);
  }

  /** Adds an item; returns whether the stream has failed, as its reader is too slow. */
  add(id: number, item: unknown): boolean {
    const stream = this.#streams.get(id);
    if (stream === undefined) return false;
    // The peer hands bodies on as they are.
    stream.waiting.push(item as JsonValue);
    this.#pass(id, stream);
    if (stream.waiting.length <= MAX_WAITING_MESSAGES) return false;
    this.#streams.delete(id);
    const reason =
      `More than ${MAX_WAITING_MESSAGES} items wait for the program to read them`;
    this.#tell(["error", id, "READER_TOO_SLOW", reason, null]);
    return true;
  }

  /** Ends a stream with a reply or an error, behind the items that wait. */
  end(id: number, last: Envelope = ["reply", id, null]): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.last = last;
    this.#pass(id, stream);
  }

  /** Forgets a stream that the program has left. */
  leave(id: number): void {
    this.#streams.delete(id);
  }

  /** Forgets all streams: the connection ends. */
  leaveAll(): void {
    this.#streams.clear();
  }

  #pass(id: number, stream: Stream): void {
    const { waiting } = stream;
    let told = 0;
    for (; told < waiting.length && stream.credit > 0; stream.credit--) {
      this.#tell(["item", id, waiting[told++]!]);
    }
    waiting.splice(0, told);
    if (stream.last === undefined || waiting.length > 0) return;
    this.#streams.delete(id);
    this.#tell(stream.last);
  }
}

interface Stream {
  readonly waiting: JsonValue[];
  credit: number;
  /** What ends it. */
  last: Envelope | undefined;
}
