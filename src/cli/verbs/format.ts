import { formatToJson } from "../../format/json.ts";
import { EXIT } from "../errors.ts";
import { explainFormat } from "../explain/explain_format.ts";
import type { Verb } from "../program.ts";
import { codecOfExpression } from "../formats.ts";
import { paint } from "../terminal/palette.ts";

/** Explains an expression: its normal form, its stages, a drawing and an example. */
export const format: Verb = ({ flags, operands: [text = ""], stdout }) => {
  const codec = codecOfExpression(text, flags.max);
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
