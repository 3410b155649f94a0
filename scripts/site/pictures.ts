/** `deno task pictures:formats`: makes the pictures of docs/pictures/formats. */

import { root } from "../testing/process.ts";
import { formatPictures } from "./format_pictures.ts";

const folder = `${root}docs/pictures/formats/`;
await Deno.mkdir(folder, { recursive: true });
for (const [name, svg] of formatPictures()) {
  await Deno.writeTextFile(folder + name, svg);
  console.log(`docs/pictures/formats/${name}: ${svg.length} characters`);
}
