import { EXIT, UsageError } from "../errors.ts";
import { givenCodec } from "../formats.ts";
import { Inspector } from "../inspect/inspector.ts";
import { partsOf } from "../inspect/parts_of.ts";
import type { Verb } from "../program.ts";
import { untilAborted } from "../until_aborted.ts";

/** Shows bytes with their frames, fields and reads. */
export const inspect: Verb = async (program) => {
  const { flags, operands: [name = "-"], stdout, stderr, signal } = program;
  const codec = await givenCodec(flags);
  if (codec === undefined && flags.limit !== undefined) {
    throw new UsageError("Cannot use --limit: expected --frame beside it");
  }
  const { areReads, batches } = await partsOf(name, program);
  const inspector = new Inspector(program, codec, areReads);
  for await (const parts of untilAborted(batches, signal)) {
    for (const part of parts) inspector.take(part);
    if (inspector.isOver) break;
    await stdout.flush();
  }
  if (!signal.aborted) inspector.end();
  const note = codec === undefined
    ? `no --frame: try framewire guess ${name}`
    : inspector.summary;
  await stdout.flush();
  stderr.write(`framewire: ${note}\n`);
  return inspector.isBad ? EXIT.different : EXIT.good;
};
