import { main } from "../../src/cli/main.ts";
import type { OutputTarget } from "../../src/cli/output.ts";

/** What a run of the command is given. */
export interface CommandInput {
  /** What standard input brings, a chunk for each read. */
  readonly stdin?: readonly (string | Uint8Array)[];
  /** The columns of the terminal; a pipe without. */
  readonly columns?: number;
}

/** What a run of the command has left. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function runCommand(
  args: readonly string[],
  { stdin = [], columns }: CommandInput = {},
): Promise<CommandResult> {
  const stdout = target(columns);
  const stderr = target();
  const encoder = new TextEncoder();
  const code = await main(args, {
    stdin: {
      isTerminal: false,
      async *chunks() {
        for (const chunk of stdin) {
          yield typeof chunk === "string" ? encoder.encode(chunk) : chunk;
        }
      },
      editor() {
        throw new Error("Nobody types here");
      },
    },
    stdout,
    stderr,
    environment: {},
    onInterrupt: () => () => undefined,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function target(columns?: number): OutputTarget & { text: string } {
  const decoder = new TextDecoder();
  return {
    text: "",
    isTerminal: columns !== undefined,
    columns: columns ?? 80,
    write(bytes, done) {
      this.text += decoder.decode(bytes, { stream: true });
      done(undefined);
    },
  };
}
