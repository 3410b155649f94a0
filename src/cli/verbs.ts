import type { VerbName, VerbRow } from "./verb_row.ts";
import { bytes } from "./verb_rows/bytes.ts";
import { formats } from "./verb_rows/formats.ts";
import { peers } from "./verb_rows/peers.ts";
import { shell } from "./verb_rows/shell.ts";
import { talk } from "./verb_rows/talk.ts";

/** All verbs, in the order of the help. */
export const verbs: Readonly<Record<VerbName, VerbRow>> = {
  ...talk,
  ...bytes,
  ...peers,
  ...formats,
  ...shell,
};

/** The row of a verb; `undefined` if there is no such verb. */
export function verbNamed(name: string): VerbRow | undefined {
  return Object.hasOwn(verbs, name) ? verbs[name as VerbName] : undefined;
}
