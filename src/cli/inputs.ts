import { open } from "node:fs/promises";
import { cannotRead } from "./addresses.ts";
import type { Program } from "./program.ts";

/** How many bytes of a file are read at a time. */
const READ_LENGTH = 1_048_576;

/** The bytes of a file, or of standard input for `-` and where there is no name. */
export function inputOf(
  name: string | undefined,
  { stdin, signal }: Pick<Program, "stdin" | "signal">,
): AsyncIterable<Uint8Array> {
  return name === undefined || name === "-"
    ? stdin.chunks()
    : chunksOfFile(name, signal);
}

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
