import type { LanguageName } from "../../generate/mod.ts";
import { EXIT } from "../errors.ts";
import { codecOfExpression } from "../formats.ts";
import type { Verb } from "../program.ts";

/** Prints a decoder and an encoder of a format in another language. */
export const generate: Verb = async (
  { flags, operands: [language = "", expression = ""], stdout, stderr },
) => {
  const codec = codecOfExpression(expression, flags.max);
  // The generators are not in the file of the command.
  const { generate } = await import("../../generate/mod.ts");
  const { name, text } = generate(
    language as LanguageName,
    codec,
    flags.name === undefined ? {} : { name: flags.name },
  );
  stdout.write(text);
  if (!stdout.isTerminal) stderr.tell(`The file is to be named ${name}`);
  return EXIT.good;
};
