import type { Codec, Decoder } from "../../src/codec/types.ts";

/** A codec that notes the most bytes that a decoder of it has held. */
export interface WatchedCodec<In, Out> extends Codec<In, Out> {
  readonly mostHeld: number;
}

/** Watches the decoders of a codec. */
export function watchedCodec<In, Out>(
  codec: Codec<In, Out>,
): WatchedCodec<In, Out> {
  let mostHeld = 0;
  return {
    name: codec.name,
    encoder: () => codec.encoder(),
    decode: (bytes) => codec.decode(bytes),
    encode: (frame) => codec.encode(frame),
    decoder: () =>
      watched(codec.decoder(), (held) => {
        mostHeld = Math.max(mostHeld, held);
      }),
    get mostHeld() {
      return mostHeld;
    },
  };
}

function watched<T>(
  decoder: Decoder<T>,
  held: (bytes: number) => void,
): Decoder<T> {
  return {
    push(chunk) {
      decoder.push(chunk);
      held(decoder.bufferedBytes);
    },
    next: () => decoder.next(),
    end: () => decoder.end(),
    takeUnread: (atMost) => decoder.takeUnread(atMost),
    get bufferedBytes() {
      return decoder.bufferedBytes;
    },
    get pendingBytes() {
      return decoder.pendingBytes;
    },
    get frameOffset() {
      return decoder.frameOffset;
    },
  };
}
