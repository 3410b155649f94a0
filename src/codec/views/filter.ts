import { checkKind } from "../../checks.ts";
import { checkCodec } from "../check_codec.ts";
import { codecOf } from "../define_codec.ts";
import { DecoderView } from "./decoder_view.ts";
import type { Codec, Decoder } from "../types.ts";

/**
 * Leaves frames out: the decoder hands out those that `keep` is true for. The
 * encoder writes every frame.
 *
 * @example Empty lines keep a connection alive
 * ```ts
 * import { filter, lines } from "@framewire/framewire/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = filter(lines(), (line) => line !== "");
 * const bytes = new TextEncoder().encode("one\n\n\ntwo\n");
 * assertEquals(codec.decode(bytes), ["one", "two"]);
 * ```
 *
 * A `FrameError` that `keep` throws ends the stream; the decoder adds the `offset`.
 *
 * @param codec The codec of the frames.
 * @param keep Whether a frame is handed out.
 * @returns The codec without the frames left out.
 */
export function filter<In, Out>(
  codec: Codec<In, Out>,
  keep: (frame: Out) => boolean,
): Codec<In, Out> {
  checkCodec(codec);
  checkKind("keep", keep, "function");
  return codecOf(
    `filter(${codec.name})`,
    (input) => new FilteringDecoder(codec.decoder(input), keep),
    () => codec.encoder(),
  );
}

class FilteringDecoder<T> extends DecoderView<T, T> {
  readonly #keep: (frame: T) => boolean;

  constructor(inner: Decoder<T>, keep: (frame: T) => boolean) {
    super(inner);
    this.#keep = keep;
  }

  protected override read(): T | undefined {
    const { inner } = this;
    let frame = inner.next();
    while (frame !== undefined && !this.#keep(frame)) frame = inner.next();
    return frame;
  }
}
