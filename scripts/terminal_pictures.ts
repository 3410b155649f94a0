/**
 * Makes the pictures of docs/pictures: the badges of the README, and what the command prints
 * on a terminal. With `still`, only those that are the same each time.
 */

import { badges } from "./pictures/badges.ts";
import { livePictures } from "./pictures/live.ts";
import { stillPictures } from "./pictures/still.ts";
import { root } from "./testing/process.ts";

const folder = `${root}docs/pictures/`;
const temporary = await Deno.makeTempDir();
try {
  await Deno.mkdir(folder, { recursive: true });
  const pictures = new Map([
    ...await badges(),
    ...await stillPictures(),
    ...Deno.args.includes("still") ? [] : await livePictures(temporary),
  ]);
  for (const [name, svg] of pictures) {
    await Deno.writeTextFile(folder + name, svg);
    console.log(`docs/pictures/${name}: ${svg.length} characters`);
  }
} finally {
  await Deno.remove(temporary, { recursive: true });
}
