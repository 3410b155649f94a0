/**
 * The chunked transfer coding of HTTP/1.1:
 * https://www.rfc-editor.org/rfc/rfc9112#section-7.1. Behind the last chunk, the next
 * message begins: take it with `takeUnread` or `switchCodec`.
 */

import {
  type Codec,
  defineCodec,
  type FrameInput,
  type FrameRead,
} from "../../mod.ts";
import { invalid } from "./invalid.ts";

/** A part of a body. The last one has no data, and may have trailer fields. */
export interface Chunk {
  readonly data: Uint8Array;
  readonly trailers: readonly string[];
}

function* readLine(input: FrameInput): FrameRead<string> {
  const line = yield* input.until("\r\n", 8_192);
  return new TextDecoder("latin1").decode(line);
}

export const httpChunks: Codec<Chunk> = defineCodec({
  name: "httpChunks",
  *readFrame(input) {
    const line = yield* readLine(input);
    const [, size] = /^([0-9a-f]+)(?:[ \t]*;.*)?$/i.exec(line) ?? [];
    if (size === undefined) throw invalid("LENGTH_INVALID", "a size", line);
    const data = yield* input.bytes(Number.parseInt(size, 16));
    const trailers: string[] = [];
    for (let line; (line = yield* readLine(input)) !== "";) {
      if (data.length > 0) throw invalid("MARK_INVALID", "a line end", line);
      trailers.push(line);
    }
    return { data, trailers };
  },
  encoder: {
    encode({ data, trailers }, output) {
      const text = new TextEncoder();
      output.write(text.encode(`${data.length.toString(16)}\r\n`));
      output.write(data);
      const last = data.length === 0 ? trailers : [];
      for (const line of last) output.write(text.encode(`${line}\r\n`));
      output.write(text.encode("\r\n"));
    },
  },
});
