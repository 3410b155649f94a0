import { codecOf } from "../../codec/define_codec.ts";
import type { Codec, Encoder } from "../../codec/types.ts";

/** A request: its bytes, and the value that they were made from, where they were. */
export interface LoadRequest {
  readonly value: unknown;
  readonly bytes: Uint8Array;
}

/**
 * The codec of a load, all of whose requests are the same. Where an encoder has no state,
 * they have the same bytes, which need not be made again for each.
 */
export function loadCodec(
  codec: Codec<unknown>,
  { value, bytes }: LoadRequest,
): Codec<unknown> {
  const hasState = codec.encoder() !== codec.encoder();
  if (hasState && value !== undefined) return codec;
  const encoder: Encoder<unknown> = {
    encode: (_, output) => output.write(bytes),
  };
  return codecOf(codec.name, (input) => codec.decoder(input), () => encoder);
}
