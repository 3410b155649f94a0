import type { JsonValue } from "../../codec/views/json.ts";

/** The id of a request as JSON-RPC has it. */
export type JsonRpcId = string | number | null;

/** Where the numbers begin of requests whose ids are not whole numbers. */
const FIRST_OTHER = 2 ** 52;

/**
 * The ids of the other side's requests. For the peer, a request has a number. An id
 * that is a whole number from 1 on is its own; any other gets one as long as the
 * request is open.
 */
export class JsonRpcIds {
  readonly #numbers = new Map<JsonRpcId, number>();
  readonly #ids = new Map<number, JsonRpcId>();
  #last = FIRST_OTHER - 1;

  /** The number of a new request. */
  open(id: JsonRpcId): number {
    if (isNumber(id)) return id;
    const known = this.#numbers.get(id);
    // The peer ends a conversation in which an id is used twice at a time. `null` is
    // not an id to tell requests by.
    if (known !== undefined && id !== null) return known;
    const number = ++this.#last;
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    return number;
  }

  /** The number of a request that may be open. */
  numberOf(id: JsonRpcId): number | undefined {
    return isNumber(id) ? id : this.#numbers.get(id);
  }

  /** The id of a request; `undefined` where it has been closed. */
  idOf(number: number): JsonRpcId | undefined {
    return number < FIRST_OTHER ? number : this.#ids.get(number);
  }

  /** Forgets a request: it is answered. */
  close(number: number): void {
    if (number < FIRST_OTHER) return;
    const id = this.#ids.get(number);
    if (id === undefined) return;
    this.#ids.delete(number);
    if (this.#numbers.get(id) === number) this.#numbers.delete(id);
  }
}

/** Whether a value can be an id. */
export function isId(value: JsonValue | undefined): value is JsonRpcId {
  return typeof value === "number" || typeof value === "string" ||
    value === null;
}

function isNumber(id: JsonRpcId): id is number {
  return Number.isInteger(id) && (id as number) > 0 &&
    (id as number) < FIRST_OTHER;
}
