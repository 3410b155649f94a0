/** The command, run in this process. */

import { main } from "../../src/cli/main.ts";
import type { OutputTarget } from "../../src/cli/output.ts";

/** What a run of the command is given. */
export interface CommandInput {
  /** What standard input brings, a chunk for each read. */
  readonly stdin?: Iterable<string | Uint8Array>;
  /** The same, for one that takes its time. */
  readonly chunks?: AsyncIterable<Uint8Array>;
  /** The lines that a person types. Standard input is a terminal then. */
  readonly typed?: AsyncIterable<string> | readonly string[];
  /** The columns of the terminal that standard output is; a pipe without. */
  readonly columns?: number;
  /** The variables of the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The reader of standard output leaves behind the first write. */
  readonly readerLeaves?: boolean;
}

/** What a run of the command has left. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command under way. */
export class RunningCommand {
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  /** The bytes of standard output, in the pieces in which they were written. */
  readonly writes: Uint8Array[] = [];
  /** What it exits with. */
  readonly exit: Promise<number>;
  #interrupt: () => void = () => undefined;
  #news: () => void = () => undefined;

  /** Starts it. */
  constructor(args: readonly string[], input: CommandInput = {}) {
    const { stdin = [], typed, columns, environment = {} } = input;
    this.exit = main(args, {
      stdin: {
        isTerminal: typed !== undefined,
        chunks: () => input.chunks ?? chunksOf(stdin),
        editor: () => ({
          async *[Symbol.asyncIterator]() {
            for await (const line of typed ?? []) yield line;
          },
          hide: () => undefined,
          show: () => undefined,
          close: () => undefined,
        }),
      },
      stdout: this.#target("stdout", columns, input.readerLeaves),
      stderr: this.#target("stderr", undefined, false),
      environment,
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
  address(): Promise<string> {
    return this.until("stderr", /listening on (\S+)\n/);
  }

  /** Waits for its end. */
  async result(): Promise<CommandResult> {
    const code = await this.exit;
    return { code, stdout: this.stdout, stderr: this.stderr };
  }

  #target(
    name: "stdout" | "stderr",
    columns: number | undefined,
    readerLeaves = false,
  ): OutputTarget {
    const decoder = new TextDecoder();
    return {
      isTerminal: columns !== undefined,
      columns: columns ?? 80,
      write: (bytes, done) => {
        const left = readerLeaves && this[name] !== "";
        if (!left) {
          this[name] += decoder.decode(bytes, { stream: true });
          if (name === "stdout") this.writes.push(bytes.slice());
        }
        queueMicrotask(() => done(left ? new Error("EPIPE") : undefined));
        this.#news();
      },
    };
  }
}

/** Runs the command to its end. */
export function runCommand(
  args: readonly string[],
  input?: CommandInput,
): Promise<CommandResult> {
  return new RunningCommand(args, input).result();
}

async function* chunksOf(
  stdin: Iterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  for (const chunk of stdin) {
    yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
  }
}
