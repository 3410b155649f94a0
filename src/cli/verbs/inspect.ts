import { isAddress } from "../addresses.ts";
import { EXIT, UsageError } from "../errors.ts";
import { givenCodec } from "../formats.ts";
import { inspectedTraffic } from "../inspect/inspected_traffic.ts";
import { Inspector } from "../inspect/inspector.ts";
import type { Verb } from "../program.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { untilAborted } from "../until_aborted.ts";

/** Shows bytes with their frames, fields and reads. */
export const inspect: Verb = async (program) => {
  const { flags, operands: [name = "-"], stdout, stderr, signal } = program;
  const codec = await givenCodec(flags);
  if (codec === undefined && flags.limit !== undefined) {
    throw new UsageError("Cannot use --limit: expected --frame beside it");
  }
  const kind = { isPlain: false };
  const traffic = inspectedTraffic(name, program, kind);
  let inspector: Inspector | undefined;
  for await (const events of untilAborted(traffic, signal)) {
    const isFile = kind.isPlain && name !== "-" && !isAddress(name);
    inspector ??= new Inspector(program, {
      codec,
      isPlain: kind.isPlain,
      showsReads: !isFile,
    });
    for (const event of events) inspector.take(event);
    if (inspector.isOver) break;
    await stdout.flush();
  }
  if (!signal.aborted) inspector?.end();
  const note = codec === undefined
    ? `no --frame: try framewire guess ${escapeControls(name)}`
    : inspector?.summary ?? "nothing has come";
  stderr.write(`framewire: ${note}\n`);
  return inspector?.isBad ? EXIT.different : EXIT.good;
};
