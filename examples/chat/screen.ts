import process from "node:process";
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";

const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** How a line looks on a terminal. */
export type Style = "plain" | "faint" | "private" | "error";

const CODES: Readonly<Record<Style, string>> = {
  plain: "",
  faint: "\x1b[2m",
  private: "\x1b[1;36m",
  error: "\x1b[31m",
};

/**
 * Lines out, above the line that is being typed, and lines in. Without a
 * terminal they are just lines.
 */
export class Screen {
  readonly #prompt: string;
  #reader: Interface | undefined;
  #closed = false;
  readonly #terminal: boolean;
  readonly #colours: boolean;

  /** @param prompt What stands before a line that is typed. */
  constructor(prompt: string) {
    const { stdin, stdout, env } = process;
    this.#prompt = prompt;
    this.#terminal = Boolean(stdin.isTTY && stdout.isTTY);
    // https://no-color.org: any value, save for none.
    this.#colours = Boolean(stdout.isTTY) && !env.NO_COLOR;
  }

  /** Prints a line; what is being typed stays as it is, below. */
  print(text: string, style: Style = "plain"): void {
    // Text of other people must not contain control sequences.
    const line = this.#paint(text.replace(CONTROLS, "\ufffd"), style);
    const reader = this.#reader;
    if (!this.#terminal || reader === undefined) {
      console.log(line);
      return;
    }
    const { stdout } = process;
    // The line being typed can be longer than a row.
    moveCursor(stdout, 0, -reader.getCursorPos().rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    stdout.write(`${line}\n`);
    reader.prompt(true);
  }

  /**
   * Reads lines until Ctrl-D, Ctrl-C or `close`, each when the one before has
   * been dealt with.
   */
  async readLines(take: (line: string) => Promise<void>): Promise<void> {
    const { stdin, stdout } = process;
    const reader = this.#terminal
      ? createInterface({ input: stdin, output: stdout, prompt: this.#prompt })
      : createInterface({ input: stdin });
    this.#reader = reader;
    let taking = Promise.resolve();
    reader.on("line", (line) => {
      taking = taking.then(async () => {
        if (this.#closed) return;
        await take(line);
        if (this.#terminal && !this.#closed) reader.prompt();
      });
    });
    if (this.#terminal) reader.prompt();
    await new Promise<void>((resolve) => reader.once("close", resolve));
    this.#reader = undefined;
    if (this.#terminal) console.log();
    await taking;
  }

  /** Takes no more lines. */
  close(): void {
    this.#closed = true;
    this.#reader?.close();
  }

  #paint(text: string, style: Style): string {
    const code = CODES[style];
    return this.#colours && code !== "" ? `${code}${text}\x1b[0m` : text;
  }
}
