import { concat } from "../net/bytes.ts";
import { type Deferred, deferred } from "../net/deferred.ts";

/** What an {@linkcode Output} writes to. */
export interface OutputTarget {
  /** Whether it is a terminal. */
  readonly isTerminal: boolean;
  /** How many columns the terminal has now; 80 where there is none. */
  readonly columns: number;
  /** Writes, and calls back when it is done, or with the error. */
  write(bytes: Uint8Array, done: (error: unknown) => void): void;
}

/** How many bytes are gathered before they are written. */
const WRITE_AT = 65_536;

/** How many bytes may wait before `flush` has the caller wait. */
const HIGH_WATER_MARK = 1_048_576;

/**
 * Standard output or standard error. What is written is gathered until `flush`, so that
 * a chunk of input is one write, however many frames it has.
 */
export class Output {
  readonly #target: OutputTarget;
  /** Whether colours are wanted. */
  readonly color: boolean;
  readonly #onLost: ((error: unknown) => void) | undefined;
  #text = "";
  #pieces: Uint8Array[] = [];
  #gathered = 0;
  #unwritten = 0;
  #room: Deferred<void> | undefined;
  #lost = false;

  /** Makes an output; `onLost` is called once if nothing can be written any more. */
  constructor(
    target: OutputTarget,
    color: boolean,
    onLost?: (error: unknown) => void,
  ) {
    this.#target = target;
    this.color = color;
    this.#onLost = onLost;
  }

  get isTerminal(): boolean {
    return this.#target.isTerminal;
  }

  get columns(): number {
    return this.#target.columns;
  }

  /** Gathers data. It is written at the next `flush`, or earlier if it is much. */
  write(data: string | Uint8Array): void {
    if (typeof data === "string") {
      this.#text += data;
      if (this.#text.length >= WRITE_AT) this.#send();
      return;
    }
    this.#takeText();
    this.#pieces.push(data);
    this.#gathered += data.length;
    if (this.#gathered >= WRITE_AT) this.#send();
  }

  /** Writes a line now. */
  tell(line: string): void {
    this.write(`${line}\n`);
    this.#send();
  }

  /**
   * Writes what was gathered.
   *
   * @returns A promise to wait for where much waits to be taken by the reader.
   */
  flush(): Promise<void> | undefined {
    this.#send();
    if (this.#unwritten <= HIGH_WATER_MARK || this.#lost) return undefined;
    this.#room ??= deferred<void>();
    return this.#room.promise;
  }

  /** Writes what was gathered, and resolves when the reader's side has it all. */
  async end(): Promise<void> {
    this.#send();
    while (this.#unwritten > 0 && !this.#lost) {
      this.#room ??= deferred<void>();
      await this.#room.promise;
    }
  }

  #takeText(): void {
    if (this.#text === "") return;
    const bytes = encoder.encode(this.#text);
    this.#text = "";
    this.#pieces.push(bytes);
    this.#gathered += bytes.length;
  }

  #send(): void {
    this.#takeText();
    if (this.#gathered === 0) return;
    const bytes = this.#pieces.length === 1
      ? this.#pieces[0]!
      : concat(this.#pieces);
    this.#pieces = [];
    this.#gathered = 0;
    if (this.#lost) return;
    this.#unwritten += bytes.length;
    this.#target.write(bytes, (error) => {
      this.#unwritten -= bytes.length;
      if (error !== undefined && error !== null) this.#lose(error);
      else if (this.#unwritten <= HIGH_WATER_MARK) this.#tellRoom();
    });
  }

  #lose(error: unknown): void {
    if (!this.#lost) this.#onLost?.(error);
    this.#lost = true;
    this.#tellRoom();
  }

  #tellRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

const encoder = new TextEncoder();
