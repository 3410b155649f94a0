import process from "node:process";
import { clearLine, createInterface, cursorTo } from "node:readline";
import type { OutputTarget } from "./output.ts";
import type { Input, LineEditor } from "./program.ts";

/** The process that the command runs in. */
export interface System {
  readonly stdin: Input;
  readonly stdout: OutputTarget;
  readonly stderr: OutputTarget;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls a function at Ctrl-C and at `SIGTERM`, and returns what ends that. */
  onInterrupt(run: () => void): () => void;
}

/** This process. */
export function thisSystem(): System {
  return {
    stdin: {
      get isTerminal() {
        return process.stdin.isTTY === true;
      },
      chunks: () => process.stdin,
      editor: lineEditor,
    },
    stdout: targetOf(process.stdout),
    stderr: targetOf(process.stderr),
    environment: process.env,
    onInterrupt(run) {
      // The second one ends a program that takes long to end.
      process.once("SIGINT", run);
      process.once("SIGTERM", run);
      return () => {
        process.off("SIGINT", run);
        process.off("SIGTERM", run);
      };
    },
  };
}

function targetOf(
  stream: typeof process.stdout | typeof process.stderr,
): OutputTarget {
  // A write that fails tells of it.
  stream.on("error", () => undefined);
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (bytes, done) => void stream.write(bytes, done),
  };
}

function lineEditor(): LineEditor {
  const { stdin, stdout } = process;
  const lines = createInterface({ input: stdin, output: stdout, prompt: "> " });
  // The terminal is in raw mode, in which Ctrl-C makes no signal.
  lines.on("SIGINT", () => void process.emit("SIGINT"));
  lines.prompt();
  return {
    [Symbol.asyncIterator]: () => lines[Symbol.asyncIterator](),
    hide() {
      cursorTo(stdout, 0);
      clearLine(stdout, 0);
    },
    show: () => lines.prompt(true),
    close: () => lines.close(),
  };
}
