import { code } from "../../code.ts";
import type { Frames } from "./parts.ts";
import { comparable } from "./syntax.ts";

/** The name of the limit on what is encoded. */
function encodedLimit({ plan }: Frames): string {
  const { maxFrameLength, maxEncodedLength } = plan.limit;
  return maxFrameLength === maxEncodedLength
    ? "MaxFrameLength"
    : "MaxEncodedLength";
}

/** The arguments of an error about the limit; `got` is a length, where it is known. */
export function tooLarge(limit: string, got?: string): string {
  const shown = got === undefined ? "more" : "%d bytes";
  return code`
    CodeFrameTooLarge,
      "the frame is too large: expected at most %d bytes, got ${shown}", ${limit}${
    got === undefined ? "" : `, ${got}`
  }
  `;
}

/** Refuses to encode a frame over the limit. */
export function encodeLimit(frames: Frames, length = "len(frame)"): string {
  const limit = encodedLimit(frames);
  const { maxEncodedLength } = frames.plan.limit;
  return code`
    if ${comparable(length, maxEncodedLength)} > ${limit} {
      return nil, refuse(${tooLarge(limit, length)})
    }
  `;
}
