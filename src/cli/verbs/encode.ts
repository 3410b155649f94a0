import { EXIT } from "../errors.ts";
import { codecOf, frameKindOf } from "../formats.ts";
import { readFrames } from "../frame_reader.ts";
import { inputOf } from "../inputs.ts";
import type { Verb } from "../program.ts";
import { ByteWriter } from "../../codec/bytes/byte_writer.ts";
import { wireCodec } from "../wire_codec.ts";

/** Writes frames as bytes. */
export const encode: Verb = async (program) => {
  const { flags, operands: [file], stdout } = program;
  const codec = await codecOf(flags);
  const encoder = wireCodec(codec).encoder();
  const frames = readFrames(
    inputOf(file, program),
    flags.in ?? "lines",
    frameKindOf(codec),
  );
  for await (const batch of frames) {
    const bytes = new ByteWriter();
    for (const frame of batch) encoder.encode(frame, bytes);
    stdout.write(bytes.take());
    await stdout.flush();
  }
  return EXIT.good;
};
