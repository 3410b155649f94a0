import { EXIT, UsageError } from "../errors.ts";
import { helpOf, helpOfAll } from "../help.ts";
import type { Verb } from "../program.ts";
import type { VerbName } from "../verb_row.ts";
import { verbNamed } from "../verbs.ts";

/** Prints help: of one verb, or of all. */
export const help: Verb = ({ operands: [name], stdout }) => {
  if (name !== undefined && verbNamed(name) === undefined) {
    throw new UsageError(
      `Cannot help with ${name}: expected one of the verbs that framewire --help lists`,
    );
  }
  stdout.write(name === undefined ? helpOfAll() : helpOf(name as VerbName));
  return Promise.resolve(EXIT.good);
};
