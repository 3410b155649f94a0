import { main } from "../../src/cli/main.ts";
import type { OutputTarget } from "../../src/cli/output.ts";

/** The command under way, in this process. */
export class RunningCli {
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  /** What it exits with. */
  readonly exit: Promise<number>;
  #interrupt: () => void = () => undefined;
  #news: () => void = () => undefined;

  /** Starts it with arguments, and with a text for standard input. */
  constructor(args: readonly string[], stdin = "") {
    const chunk = new TextEncoder().encode(stdin);
    this.exit = main(args, {
      stdin: {
        isTerminal: false,
        async *chunks() {
          yield chunk;
        },
        editor: () => {
          throw new Error("There is no terminal");
        },
      },
      stdout: this.#target("stdout"),
      stderr: this.#target("stderr"),
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

  /** Waits until something was written, and returns what matches. */
  async until(output: "stdout" | "stderr", pattern: RegExp): Promise<string> {
    while (true) {
      const match = pattern.exec(this[output]);
      if (match !== null) return match[1] ?? match[0];
      const news = new Promise<"news">((resolve) => {
        this.#news = () => resolve("news");
      });
      if (await Promise.race([news, this.exit]) === "news") continue;
      throw new Error(`It has ended: ${this.stdout}${this.stderr}`);
    }
  }

  /** Where it listens. */
  async address(): Promise<string> {
    return await this.until("stderr", /listening on (\S+)\n/);
  }

  #target(name: "stdout" | "stderr"): OutputTarget {
    const decoder = new TextDecoder();
    return {
      isTerminal: false,
      columns: 80,
      write: (bytes, done) => {
        this[name] += decoder.decode(bytes, { stream: true });
        queueMicrotask(() => done(undefined));
        this.#news();
      },
    };
  }
}
