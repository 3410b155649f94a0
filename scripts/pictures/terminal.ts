/** A terminal in which the command runs, in this process. */

import { main } from "../../src/cli/main.ts";
import type { OutputTarget } from "../../src/cli/output.ts";
import { styledLines } from "./styled_lines.ts";
import { windowOf } from "./window.ts";

/** How wide the terminals of all pictures are. */
const COLUMNS = 100;

/** A terminal, and what it shows. */
export class Terminal {
  #text = "";
  #interrupt: () => void = () => undefined;

  /** Shows a command as a person types it. */
  type(command: string): void {
    this.#text += `\x1b[2m$\x1b[22m \x1b[1m${command}\x1b[22m\n`;
  }

  /** Runs `framewire` with arguments. */
  run(args: readonly string[]): Promise<number> {
    return main(args, {
      stdin: {
        isTerminal: false,
        async *chunks() {},
        editor() {
          throw new Error("Nobody types");
        },
      },
      stdout: this.#target(),
      stderr: this.#target(),
      environment: {},
      onInterrupt: (run) => {
        this.#interrupt = run;
        return () => undefined;
      },
    });
  }

  /** Presses Ctrl-C. */
  interrupt(): void {
    this.#interrupt();
  }

  /** What it shows, as SVG. */
  picture(title: string): string {
    // A line of progress is gone in the end: `\r` and `CSI K` clear it.
    // deno-lint-ignore no-control-regex -- They are what is looked for.
    const text = this.#text.replace(/[^\n]*\r\x1b\[K/g, "");
    return windowOf(title, styledLines(text, COLUMNS), COLUMNS);
  }

  /** Standard output and standard error come to the same screen. */
  #target(): OutputTarget {
    const decoder = new TextDecoder();
    return {
      isTerminal: true,
      columns: COLUMNS,
      write: (bytes, done) => {
        this.#text += decoder.decode(bytes, { stream: true });
        queueMicrotask(() => done(undefined));
      },
    };
  }
}
