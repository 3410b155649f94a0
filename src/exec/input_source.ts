import { wrongType } from "../checks.ts";
import { iteratorOf, leave } from "../framed/iterator.ts";
import { type Deferred, deferred } from "../net/deferred.ts";

/** What a run can be given to read: a text, bytes, or pieces of them. */
export type RunInput =
  | string
  | Uint8Array
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>;

type Piece = string | Uint8Array;

/**
 * The standard input of a run on the client's side. Closing it returns the
 * iterator of the source at once, even while a piece of it is awaited.
 */
export class InputSource {
  readonly #iterator: AsyncIterator<Piece>;
  readonly #encoder = new TextEncoder();
  #waiting: Deferred<IteratorResult<Piece> | undefined> | undefined;
  /** Whether there is nothing left to return. */
  #over = false;

  constructor(input: RunInput) {
    const whole = typeof input === "string" || input instanceof Uint8Array;
    const boxed: object = Object(input);
    if (!(Symbol.iterator in boxed || Symbol.asyncIterator in boxed)) {
      const expected = "a string, a Uint8Array, or pieces of them";
      throw wrongType("input", expected, input);
    }
    this.#iterator = iteratorOf(whole ? [input] : input);
  }

  /** The next piece; `undefined` at the end, and when this is closed. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#over) return undefined;
    const waiting = this.#waiting = deferred<
      IteratorResult<Piece> | undefined
    >();
    let result: IteratorResult<Piece> | undefined;
    try {
      this.#iterator.next().then(waiting.resolve, waiting.reject);
      result = await waiting.promise;
    } catch (error) {
      // An iterator that fails has ended by itself.
      this.#over = true;
      throw error;
    }
    if (result === undefined) return undefined;
    if (result.done) {
      this.#over = true;
      return undefined;
    }
    const { value } = result;
    return typeof value === "string" ? this.#encoder.encode(value) : value;
  }

  /** Returns the iterator, unless it has ended by itself. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting?.resolve(undefined);
    leave(this.#iterator);
  }
}
