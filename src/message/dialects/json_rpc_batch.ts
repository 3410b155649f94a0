import type { JsonValue } from "../../codec/views/json.ts";
import { readJson, writeJson } from "../../codec/views/json_bytes.ts";
import { endOfTurn } from "../../net/adapters/end_of_turn.ts";
import type { Wire } from "./dialect.ts";

/** The messages of one turn of the event loop, which go out as batches. */
export class OutgoingBatch {
  readonly #wire: Wire<JsonValue>;
  readonly #most: number;
  #messages: JsonValue[] = [];

  constructor(wire: Wire<JsonValue>, most: number) {
    this.#wire = wire;
    this.#most = most;
  }

  /** Adds a message. Throws where it is not JSON. */
  add(message: JsonValue): Promise<void> | undefined {
    const isFirst = this.#messages.push(copyOf(message)) === 1;
    if (this.#messages.length >= this.#most) return this.#flush();
    if (isFirst) endOfTurn(() => this.#flushLate());
    return undefined;
  }

  #flush(): Promise<void> | undefined {
    const messages = this.#messages;
    if (messages.length === 0) return undefined;
    this.#messages = [];
    return this.#wire.send(messages.length === 1 ? messages[0]! : messages);
  }

  #flushLate(): void {
    try {
      this.#flush()?.catch((error) => this.#wire.abort(error));
    } catch (error) {
      this.#wire.abort(error);
    }
  }
}

/** The responses to one batch of the other side, sent when all are there. */
export class IncomingBatch {
  readonly #wire: Wire<JsonValue>;
  readonly #responses: JsonValue[] = [];
  /** The requests without a response, and one more while the batch is being read. */
  #open = 1;

  constructor(wire: Wire<JsonValue>) {
    this.#wire = wire;
  }

  /** Waits for one more response. */
  expect(): void {
    this.#open++;
  }

  /** Takes a response. Throws where it is not JSON. */
  answer(response: JsonValue): Promise<void> | undefined {
    this.#responses.push(copyOf(response));
    return this.done();
  }

  /** One response less is waited for. */
  done(): Promise<void> | undefined {
    if (--this.#open > 0 || this.#responses.length === 0) return undefined;
    return this.#wire.send(this.#responses);
  }
}

/** A copy: the program may change its object before the batch is sent. */
function copyOf(message: JsonValue): JsonValue {
  return readJson(writeJson(message), 0) as JsonValue;
}
