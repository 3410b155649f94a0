import type { Output } from "./output.ts";

/** How often progress is shown, in milliseconds. */
const PROGRESS_MS = 200;

/** The last line of a terminal, which tells how far something is. */
export class ProgressLine {
  readonly #terminal: Output;
  #shownAt: number = performance.now();
  #isShown = false;

  /** Makes a line of standard error; it shows nothing where that is no terminal. */
  constructor(terminal: Output) {
    this.#terminal = terminal;
  }

  /** Shows a text, unless one was shown a moment ago. */
  show(text: () => string): void {
    if (!this.#terminal.isTerminal) return;
    const now = performance.now();
    if (now - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = now;
    this.#isShown = true;
    this.#terminal.write(`\r\x1b[K${text()}\r`);
    void this.#terminal.flush();
  }

  /** Takes the line away. */
  clear(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#terminal.write("\r\x1b[K");
    void this.#terminal.flush();
  }
}
