import type { Verb } from "./program.ts";
import type { VerbName } from "./verbs.ts";

/** Loads the code of a verb: what another one needs stays where it is. */
export const loadVerb: Readonly<
  Partial<Record<VerbName, () => Promise<Verb>>>
> = {
  encode: async () => (await import("./verbs/encode.ts")).encode,
  help: async () => (await import("./verbs/help.ts")).help,
};
