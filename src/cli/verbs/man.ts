import { EXIT } from "../errors.ts";
import { manual } from "../manual.ts";
import type { Verb } from "../program.ts";

/** Prints the manual page. */
export const man: Verb = ({ stdout }) => {
  stdout.write(manual());
  return Promise.resolve(EXIT.good);
};
