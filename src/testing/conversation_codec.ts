import { isObject } from "../checks.ts";
import { checkCodec } from "../codec/check_codec.ts";
import type { CuttingCodec } from "./frame_cutter.ts";

/** The codec of both directions of a conversation, or one for each. */
export type ConversationCodec = CuttingCodec | {
  /** The codec of what clients send. */
  readonly toServer: CuttingCodec;
  /** The codec of what the server sends. */
  readonly toClient: CuttingCodec;
};

/**
 * The codec of each direction; `undefined` where none was given.
 *
 * @throws {TypeError} If one is no codec.
 */
export function codecsOf(codec: ConversationCodec | undefined): {
  readonly toServer: CuttingCodec | undefined;
  readonly toClient: CuttingCodec | undefined;
} {
  if (isObject(codec) && "toServer" in codec) {
    checkCodec(codec.toServer, "codec.toServer");
    checkCodec(codec.toClient, "codec.toClient");
    return codec;
  }
  if (codec !== undefined) checkCodec(codec);
  return { toServer: codec, toClient: codec };
}
