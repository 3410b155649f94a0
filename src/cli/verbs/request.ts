import { isDeepStrictEqual } from "node:util";
import { NetError } from "../../net/errors.ts";
import { EXIT } from "../errors.ts";
import { codecOf, frameKindOf } from "../formats.ts";
import { FramePrinter } from "../frame_printer.ts";
import { frameOf } from "../frame_reader.ts";
import type { Verb } from "../program.ts";
import { openSession } from "../session.ts";
import { escapeControls } from "../terminal/escape_controls.ts";
import { jsonOf } from "../values.ts";

/** How long the reply may take by default. */
const REPLY_TIMEOUT_MS = 10_000;

/** Sends one frame and prints the reply. */
export const request: Verb = async (program) => {
  const { flags, operands: [address = "", text = ""], stdout, stderr } =
    program;
  const codec = await codecOf(flags, address);
  const kind = frameKindOf(codec);
  const notation = flags.in ?? "lines";
  const frame = frameOf(text, notation, kind);
  const expected = flags.expect === undefined
    ? undefined
    : frameOf(flags.expect, notation, kind);
  await using session = await openSession(address, codec, program);
  const began = performance.now();
  await session.send(frame);
  const { timeout: timeoutMs = REPLY_TIMEOUT_MS } = flags;
  const reply = await session.receive({ timeoutMs });
  if (reply === undefined) {
    throw new NetError(
      "CONNECTION_CLOSED",
      "Cannot print the reply: the peer has closed the connection without one",
    );
  }
  const time = performance.now() - began;
  new FramePrinter(stdout, flags.out)
    .print(reply, { time, direction: "toClient", connection: 1 });
  if (expected === undefined || isDeepStrictEqual(reply.value, expected)) {
    return EXIT.good;
  }
  stderr.write(
    `framewire: The reply differs: expected ${
      escapeControls(jsonOf(expected))
    }, got ${escapeControls(jsonOf(reply.value))}\n`,
  );
  return EXIT.different;
};
