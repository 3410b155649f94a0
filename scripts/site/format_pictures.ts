/** The pictures of docs/pictures/formats. */

import { fieldsOf, formatOf } from "../../src/format/mod.ts";
import { cutsPicture } from "./cuts_picture.ts";
import { formatPicture } from "./format_picture.ts";
import { formatSamples } from "./format_samples.ts";

/** Makes them: the texts of the SVG files by their names. */
export function formatPictures(): ReadonlyMap<string, string> {
  const pictures = new Map(
    [...formatSamples].map(([name, { codec, bytes }]) => {
      const title = formatOf(codec) ?? codec.name;
      return [
        `${name}.svg`,
        formatPicture(title, bytes, fieldsOf(codec, bytes)),
      ];
    }),
  );
  return pictures.set("cuts.svg", cutsPicture());
}
