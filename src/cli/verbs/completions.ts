import { completionsOf, shells } from "../completions.ts";
import { EXIT, UsageError } from "../errors.ts";
import type { Verb } from "../program.ts";

/** Prints the completions of a shell. */
export const completions: Verb = ({ operands: [name], stdout }) => {
  const shell = shells.find((shell) => shell === name);
  if (shell === undefined) {
    throw new UsageError(
      `Cannot complete for ${name}: expected one of ${shells.join(", ")}`,
    );
  }
  stdout.write(completionsOf(shell));
  return Promise.resolve(EXIT.good);
};
