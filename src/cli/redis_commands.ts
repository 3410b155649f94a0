import type { ByteWriter } from "../codec/bytes/byte_writer.ts";
import { codecOf } from "../codec/define_codec.ts";
import type { Codec, Encoder } from "../codec/types.ts";
import { respCommand } from "../presets/resp.ts";

/**
 * The codec of Redis, to which commands can be given as people write them: `GET key`, or
 * a list of words. Other values are those of the codec.
 */
export function takingCommands(codec: Codec<unknown>): Codec<unknown> {
  const { name, description } = codec;
  return {
    ...codecOf(
      name,
      () => codec.decoder(),
      () => new CommandEncoder(codec.encoder()),
    ),
    description,
  };
}

class CommandEncoder implements Encoder<unknown> {
  readonly #inner: Encoder<unknown>;

  constructor(inner: Encoder<unknown>) {
    this.#inner = inner;
  }

  encode(frame: unknown, output: ByteWriter): void {
    const words = typeof frame === "string"
      ? frame.trim().split(/\s+/)
      : Array.isArray(frame)
      ? frame.map((word) => word instanceof Uint8Array ? word : String(word))
      : undefined;
    this.#inner.encode(
      words === undefined ? frame : respCommand(...words),
      output,
    );
  }
}
