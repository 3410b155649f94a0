import { open } from "node:fs/promises";
import { cannotWrite } from "./file_errors.ts";
import { Output } from "./output.ts";
import type { Program } from "./program.ts";

/** A file that is written anew. */
export interface FileOutput extends AsyncDisposable {
  readonly output: Output;
}

/**
 * Opens a file to write it anew. Where it cannot be written any more, that is told on
 * standard error.
 *
 * @throws {UsageError} If it cannot be opened.
 */
export async function fileOutput(
  name: string,
  { stderr }: Pick<Program, "stderr">,
): Promise<FileOutput> {
  const file = await open(name, "w").catch((cause: unknown) => {
    throw cannotWrite(name, cause);
  });
  const stream = file.createWriteStream();
  // The write that failed tells of it.
  stream.on("error", () => undefined);
  const output = new Output(
    {
      isTerminal: false,
      columns: 80,
      write: (bytes, done) => void stream.write(bytes, done),
    },
    false,
    (error) => {
      stderr.write(`${cannotWrite(name, error).message}\n`);
    },
  );
  return {
    output,
    async [Symbol.asyncDispose](): Promise<void> {
      await output.end();
      await new Promise<void>((resolve) => stream.end(() => resolve()));
    },
  };
}
