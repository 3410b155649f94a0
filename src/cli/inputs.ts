import { open } from "node:fs/promises";
import { cannotRead } from "./file_errors.ts";
import type { Program } from "./program.ts";
import { ProgressLine } from "./progress_line.ts";

/** How many bytes of a file are read at a time. */
const READ_LENGTH = 1_048_576;

/** The bytes of a file, or of standard input for `-` and where there is no name. */
export async function* inputOf(
  name: string | undefined,
  { stdin, stdout, stderr, signal }: InputProgram,
): AsyncGenerator<Uint8Array, void> {
  const isStdin = name === undefined || name === "-";
  const chunks = isStdin ? stdin.chunks() : chunksOfFile(name, signal);
  const line = new ProgressLine(stderr);
  let length = 0;
  try {
    for await (const chunk of chunks) {
      yield chunk;
      length += chunk.length;
      // Where the frames are on the same terminal, they show how far it is.
      if (!stdout.isTerminal) {
        line.show(() => `${(length / 2 ** 20).toFixed(1)} MiB read`);
      }
    }
  } finally {
    line.clear();
  }
}

/** What reading an input needs of a program. */
export type InputProgram = Pick<
  Program,
  "stdin" | "stdout" | "stderr" | "signal"
>;

async function* chunksOfFile(
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const file = await open(name).catch((cause: unknown) => {
    throw cannotRead(name, cause);
  });
  try {
    while (!signal.aborted) {
      // A decoder keeps chunks, and frames are views of them: each has its own buffer.
      const buffer = new Uint8Array(READ_LENGTH);
      const { bytesRead } = await file.read(buffer, 0, READ_LENGTH)
        .catch((cause: unknown) => {
          throw cannotRead(name, cause);
        });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
