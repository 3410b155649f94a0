import { EXIT } from "../errors.ts";
import { codecOf, frameKindOf } from "../formats.ts";
import { frameOf, readFrames } from "../frame_reader.ts";
import type { Verb } from "../program.ts";
import { openSession, sendBatch } from "../session.ts";

/** Sends frames and exits. */
export const send: Verb = async (program) => {
  const { flags, operands: [address = "", ...written], stdin } = program;
  const codec = await codecOf(flags, address);
  const kind = frameKindOf(codec);
  const notation = flags.in ?? "lines";
  // What cannot be sent is found before there is a connection.
  const given = written.map((text) => frameOf(text, notation, kind));
  await using session = await openSession(address, codec, program);
  if (given.length > 0) {
    await sendBatch(session, given);
  } else {
    for await (const batch of readFrames(stdin.chunks(), notation, kind)) {
      await sendBatch(session, batch);
    }
  }
  await session.closeWrite();
  return EXIT.good;
};
