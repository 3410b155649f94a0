import { type Deferred, deferred } from "../net/deferred.ts";
import type { RecordedConnection } from "./recorded_connections.ts";

/** The order in which the lines of several connections were recorded. */
export class PlayOrder {
  /** The numbers of all lines that are played. */
  readonly #lines: readonly number[];
  /** How many of them have been played, without a gap. */
  #count = 0;
  /** Those that were played before one in front of them. */
  readonly #early = new Set<number>();
  readonly #waiting = new Map<number, Deferred<void>>();
  #isOver = false;

  /** Makes that of connections. */
  constructor(connections: readonly RecordedConnection[]) {
    this.#lines = connections.flatMap(({ lines }) =>
      lines.map(({ line }) => line)
    ).sort((a, b) => a - b);
  }

  /** Resolves when all lines in front of one have been played. */
  async turnOf(line: number): Promise<void> {
    if (this.#isOver || this.#lines[this.#count] === line) return;
    const turn = deferred<void>();
    this.#waiting.set(line, turn);
    await turn.promise;
  }

  /** Takes note that a line has been played, or will not be. */
  played(line: number): void {
    this.#early.add(line);
    let next = this.#lines[this.#count];
    while (next !== undefined && this.#early.delete(next)) {
      next = this.#lines[++this.#count];
    }
    if (next !== undefined) this.#wake(next);
  }

  /** Lets all go on: nothing is played any more. */
  end(): void {
    this.#isOver = true;
    for (const line of [...this.#waiting.keys()]) this.#wake(line);
  }

  #wake(line: number): void {
    this.#waiting.get(line)?.resolve();
    this.#waiting.delete(line);
  }
}
