import type { JsonValue } from "../../codec/views/json.ts";
import type { Conventions } from "./conventions.ts";

/** The parts of the result of a request of the other side. */
export class Parts {
  readonly #conventions: Conventions;
  /** What the other side wants to be told the parts by; without it, it waits for all. */
  readonly #token: JsonValue | undefined;
  readonly #notify: (params: JsonValue) => Promise<void> | undefined;
  /** The parts that have not been sent. */
  #kept: JsonValue[] = [];
  #count = 0;

  constructor(
    conventions: Conventions,
    token: JsonValue | undefined,
    notify: (params: JsonValue) => Promise<void> | undefined,
  ) {
    this.#conventions = conventions;
    this.#token = token;
    this.#notify = notify;
  }

  add(part: JsonValue): Promise<void> | undefined {
    this.#count++;
    if (!this.#conventions.lastIsResult) {
      if (this.#token !== undefined) return this.#tell(part);
      this.#kept.push(part);
      return undefined;
    }
    const before = this.#kept[0];
    this.#kept = [part];
    return before === undefined ? undefined : this.#tell(before);
  }

  /** The result, behind the parts; `reply` where the handler has given no parts. */
  result(reply: JsonValue): JsonValue {
    if (this.#count === 0) return reply;
    const kept = this.#kept;
    if (this.#conventions.lastIsResult) return kept[0]!;
    if (this.#token !== undefined) return null;
    return kept.every(Array.isArray) ? kept.flat() as JsonValue : kept.at(-1)!;
  }

  #tell(part: JsonValue): Promise<void> | undefined {
    if (this.#token === undefined) return undefined;
    return this.#notify(this.#conventions.progressOf(this.#token, part));
  }
}
