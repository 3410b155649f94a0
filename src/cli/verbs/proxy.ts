import { fileOutput } from "../file_output.ts";
import type { Verb } from "../program.ts";
import { PassagePrinter } from "../proxy/passage_printer.ts";
import { standBetween } from "../proxy/stand_between.ts";

/** Stands between two peers, shows their frames, and makes faults. */
export const proxy: Verb = async (program) => {
  const { flags, stdout } = program;
  const printer = flags.quiet
    ? undefined
    : new PassagePrinter(stdout, flags.out);
  if (flags.record === undefined) {
    return await standBetween(program, { printer });
  }
  await using file = await fileOutput(flags.record, program);
  return await standBetween(program, { printer, recording: file.output });
};
