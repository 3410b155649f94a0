import { FormatError } from "../../format/format_error.ts";
import { formatToJson } from "../../format/json.ts";
import { parseFormat } from "../../format/parse_format.ts";
import { EXIT } from "../errors.ts";
import { explainError } from "../explain/explain_error.ts";
import { explainFormat } from "../explain/explain_format.ts";
import type { Program, Verb } from "../program.ts";
import { paint } from "../terminal/palette.ts";

/** Explains an expression: its normal form, its stages, a drawing and an example. */
export const format: Verb = (program) => {
  const { flags, operands: [text = ""], stdout } = program;
  const expression = flags.max === undefined
    ? text
    : `${text} | max ${flags.max}`;
  const codec = codecOrError(expression, program);
  if (codec === undefined) return Promise.resolve(EXIT.usage);
  if (flags.json === true) {
    stdout.write(`${JSON.stringify(formatToJson(codec), null, 2)}\n`);
    return Promise.resolve(EXIT.good);
  }
  const palette = paint(stdout.color);
  for (const line of explainFormat(codec, stdout.columns, palette)) {
    stdout.write(`${line.trimEnd()}\n`);
  }
  return Promise.resolve(EXIT.good);
};

function codecOrError(expression: string, { stderr }: Program) {
  try {
    return parseFormat(expression);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const palette = paint(stderr.color);
    for (
      const line of explainError(expression, error, stderr.columns, palette)
    ) {
      stderr.write(`${line}\n`);
    }
    return undefined;
  }
}
