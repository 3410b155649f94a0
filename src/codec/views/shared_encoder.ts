import type { Codec, Encoder } from "../types.ts";

/**
 * Makes the encoders of a view: one for each encoder of the inner codec. If that
 * shares its encoder, so does the view.
 */
export function sharedEncoder<InnerIn, In>(
  codec: Pick<Codec<InnerIn, unknown>, "encoder">,
  make: (inner: Encoder<InnerIn>) => Encoder<In>,
): () => Encoder<In> {
  let last: Encoder<InnerIn> | undefined;
  let view: Encoder<In> | undefined;
  return () => {
    const inner = codec.encoder();
    if (view === undefined || inner !== last) view = make(inner);
    last = inner;
    return view;
  };
}
