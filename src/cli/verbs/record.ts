import { fileOutput } from "../file_output.ts";
import type { Verb } from "../program.ts";
import { ProgressLine } from "../progress_line.ts";
import { standBetween } from "../proxy/stand_between.ts";
import type { Totals } from "../proxy/totals.ts";

/** Writes a conversation to a file. */
export const record: Verb = async (program) => {
  const { operands: [, , name = "-"], stdout, stderr } = program;
  const line = new ProgressLine(stderr);
  const onProgress = (totals: Totals) =>
    line.show(() => totals.summary("frame"));
  if (name === "-") {
    return await standBetween(program, { recording: stdout, onProgress });
  }
  await using file = await fileOutput(name, program);
  return await standBetween(program, { recording: file.output, onProgress });
};
