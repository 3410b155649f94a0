/** Draws what a decoder hands out after each read of a stream, as SVG. */

import { lengthPrefixed, text } from "../../src/codec/mod.ts";
import { fieldsOf } from "../../src/format/mod.ts";
import {
  card,
  CELL,
  CELL_HEIGHT,
  cellOf,
  lookOf,
  PADDING,
  words,
} from "./svg.ts";

const LABEL = 62;
const ROW = CELL_HEIGHT + 14;
const OUTPUT = PADDING + LABEL + 6 * CELL + 16;
const WIDTH = OUTPUT + 150;

/** Where TCP cuts the stream. */
const CUTS = [0, 4, 10, 15, 19];

/** The picture: three frames in four reads, none of which is a frame. */
export function cutsPicture(): string {
  const codec = text(lengthPrefixed({ lengthBytes: 1 }));
  const bytes = Uint8Array.from(
    ["hello", "world", "你好"].flatMap((frame) => [...codec.encode(frame)]),
  );
  const looks = fieldsOf(codec, bytes).flatMap(({ fields }) =>
    fields.flatMap(({ name, length }) =>
      Array<string>(length).fill(lookOf(name))
    )
  );
  const decoder = codec.decoder();
  const parts: string[] = [];
  CUTS.slice(1).forEach((end, index) => {
    const start = CUTS[index]!;
    const y = PADDING + index * ROW;
    parts.push(words(PADDING, y + 25, `read ${index + 1}`, "dim"));
    for (let at = start; at < end; at++) {
      const x = PADDING + LABEL + (at - start) * CELL;
      parts.push(...cellOf(x, y, bytes[at]!, looks[at]!, at === start));
    }
    decoder.push(bytes.subarray(start, end));
    const frames: string[] = [];
    for (
      let frame = decoder.next();
      frame !== undefined;
      frame = decoder.next()
    ) frames.push(JSON.stringify(frame));
    parts.push(
      frames.length === 0
        ? words(OUTPUT, y + 25, "nothing yet", "dim")
        : words(OUTPUT, y + 25, `→ ${frames.join(" ")}`, "title"),
    );
  });
  return card(
    "Four reads of a stream, and the frame that the decoder hands out after each",
    WIDTH,
    PADDING + (CUTS.length - 1) * ROW + 2,
    parts,
  );
}
