import type { JsonValue } from "../codec/views/json.ts";
import { STREAM_CREDIT } from "../defaults.ts";
import type { BoundedQueue } from "../net/bounded_queue.ts";
import type { Command } from "./commands.ts";
import type { Envelope, EnvelopeHeader } from "./envelope.ts";

/** A request of this side that is open. */
export interface Call {
  readonly id: number;
  readonly name: string;
  readonly command: Command | undefined;
  /** The items that have arrived, of a stream. */
  readonly items: BoundedQueue<JsonValue> | undefined;
  /** How many items the other side may still send. */
  credit: number;
  readonly timeoutMs: number;
  /** When it is late, as a time of `performance.now()`: set when its turn ends. */
  deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly header: EnvelopeHeader | undefined;
  onAbort: (() => void) | undefined;
  /** When it began, for its counters. */
  since: number;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The envelope of a call. Without a header, no element is there for it. */
export function requestOf(
  { id, name, items, header }: Call,
  body: JsonValue,
): Envelope {
  if (items === undefined) {
    return header === undefined
      ? ["request", id, name, body]
      : ["request", id, name, body, header];
  }
  return header === undefined
    ? ["stream", id, name, body, STREAM_CREDIT]
    : ["stream", id, name, body, STREAM_CREDIT, header];
}
