import { fileOutput } from "../file_output.ts";
import type { Output } from "../output.ts";
import type { Verb } from "../program.ts";
import { standBetween } from "../proxy/stand_between.ts";
import type { Totals } from "../proxy/totals.ts";

/** How often progress is shown, in milliseconds. */
const PROGRESS_MS = 200;

/** Writes a conversation to a file. */
export const record: Verb = async (program) => {
  const { operands: [, , name = "-"], stdout, stderr } = program;
  const onProgress = stderr.isTerminal ? progress(stderr) : () => undefined;
  if (name === "-") {
    return await standBetween(program, { recording: stdout, onProgress });
  }
  await using file = await fileOutput(name, program);
  return await standBetween(program, { recording: file.output, onProgress });
};

/** Shows how much has arrived on the last line of a terminal. */
function progress(terminal: Output): (totals: Totals) => void {
  let shownAt = -Infinity;
  return (totals) => {
    const now = performance.now();
    if (now - shownAt < PROGRESS_MS) return;
    shownAt = now;
    terminal.write(`\r\x1b[K${totals.summary("frame")}\r`);
    void terminal.flush();
  };
}
